import Testing
import Trajectories

@testable import Workbench

struct ConsentTests {
  private static let command = "while read -r l; do echo 1; done \u{1B}[2J\u{202E}# end"

  private func asked(_ words: String = command, columns: Int = 80, rows: Int = 24) -> WorkbenchState
  {
    var state = WorkbenchState(
      runName: "a", policyName: "b", size: Size(columns: columns, rows: rows))
    _ = update(&state, .consentWanted(command: words, words: "It would run:\n" + words))
    return state
  }

  @Test func `a command is asked about with the whole of it, inertly, and only Y allows it`() {
    let text = view(asked()).text
    #expect(text.contains("while read -r l; do echo 1; done ^[[2J<U+202E># end"))
    #expect(text.contains("Let it run, now and from now on?"))
    for key: Key in [.character("y"), .enter, .escape, .character("n"), .control("c")] {
      var state = asked()
      #expect(update(&state, .key(key)).isEmpty, "\(key)")
      #expect(state.mode == .normal)
    }
    var state = asked()
    #expect(update(&state, .key(.character("Y"))) == [.trust(Self.command)])
    #expect(update(&state, .key(.character("Y"))).isEmpty)
  }

  @Test func `what cannot be shown whole cannot be allowed`() {
    let long = String(repeating: "true; ", count: 400)
    #expect(asked(long).mode == .normal)
    #expect(view(asked(long)).text.contains("crux trust"))
    var state = asked(String(repeating: "true; ", count: 150))
    guard case .confirm = state.mode else {
      Issue.record("it is shown at 80 columns")
      return
    }
    _ = update(&state, .resized(Size(columns: 60, rows: 16)))
    #expect(view(state).text.contains("too small to show it whole"))
    #expect(update(&state, .key(.character("Y"))).isEmpty)
    var tiny = asked()
    _ = update(&tiny, .resized(Size(columns: 20, rows: 5)))
    #expect(update(&tiny, .key(.character("Y"))).isEmpty)
  }

  @Test func `nobody is asked in the middle of typing`() {
    var state = WorkbenchState(runName: "a", policyName: "b", size: Size(columns: 80, rows: 24))
    for key in ":Y" { _ = update(&state, .key(.character(key))) }
    _ = update(&state, .consentWanted(command: "true", words: "true"))
    guard case .prompt(let prompt) = state.mode else {
      Issue.record("the prompt is gone")
      return
    }
    #expect(prompt.text == "Y")
    #expect(state.message?.text.contains("do it again") == true)
  }
}
