import Testing
import Trajectories

@testable import Workbench

/// A problem of one's own.
struct AskingTests {
  private func typed(_ text: String, _ state: inout WorkbenchState) -> [Request] {
    for character in text { _ = update(&state, .key(.character(character))) }
    return update(&state, .key(.enter))
  }

  @Test func `a problem is typed, then its answer`() {
    var state = Scene.state()
    _ = update(&state, .key(.character("i")))
    #expect(view(state).text.contains("\n problem:"))
    #expect(typed("What is 6 * 7?", &state) == [])
    #expect(view(state).text.contains("right answer [not known]:"))
    #expect(typed("42", &state) == [.ask(prompt: "What is 6 * 7?", reference: "42")])
  }

  @Test func `without a right answer there is none`() {
    var state = Scene.state()
    _ = update(&state, .key(.character("i")))
    _ = typed("Who are you?", &state)
    #expect(update(&state, .key(.enter)) == [.ask(prompt: "Who are you?", reference: "")])
  }

  @Test(arguments: [
    ("ask 6 * 7 => 42", "6 * 7", "42"), ("ask a => b => c", "a => b", "c"),
    ("ask a =>", "a", ""),
  ])
  func `an arrow stands before the answer`(line: String, prompt: String, reference: String) {
    var state = Scene.state()
    _ = update(&state, .key(.character(":")))
    #expect(typed(line, &state) == [.ask(prompt: prompt, reference: reference)])
  }

  @Test func `nothing is not asked`() {
    var state = Scene.state()
    _ = update(&state, .key(.character("i")))
    #expect(update(&state, .key(.enter)) == [])
    #expect(state.mode == .normal)
    #expect(state.ask("  ", reference: "1") == [])
  }

  @Test func `a problem of several lines is pasted as one`() {
    var state = Scene.state()
    _ = update(&state, .key(.character("i")))
    _ = update(&state, .pasted("One.\nTwo?\n"))
    #expect(state.mode == .prompt(Prompt(kind: .problem, text: "One. Two?")))
  }

  private func partial(_ lines: Int) -> Action {
    let text = (1...lines).map { "line \($0)\n" }.joined()
    return .partialAnswer(PartialAnswer(prompt: "Count.", text: text, tokens: lines))
  }

  @Test func `a long answer on its way is followed at its end until the reader scrolls`() {
    var state = Scene.state(columns: 80, rows: 24)
    _ = state.ask("Count.", reference: "")
    _ = update(&state, .engine(.working))
    _ = update(&state, partial(1))
    #expect(view(state).text.contains("being answered"))
    _ = update(&state, partial(60))
    #expect(view(state).text.contains("line 60"))
    _ = update(&state, .key(.tab))
    _ = update(&state, .key(.character("k")))
    _ = update(&state, partial(70))
    let held = view(state).text
    #expect(held.contains("line 59") && !held.contains("line 70"))
    _ = update(&state, .key(.character("G")))
    _ = update(&state, partial(80))
    #expect(view(state).text.contains("line 80"))
    _ = update(&state, .partialAnswer(nil))
    #expect(state.top(of: .text) == 0)
    #expect(!view(state).text.contains("line 80"))
  }

  @Test func `an answer is seen as it is drawn and chosen when it is there`() {
    var state = Scene.state(columns: 120, rows: 40)
    _ = state.ask("What is 6 * 7?", reference: "")
    _ = update(&state, .engine(.working))
    let partial = PartialAnswer(prompt: "What is 6 * 7?", text: "Six times seven", tokens: 3)
    _ = update(&state, .partialAnswer(partial))
    #expect(view(state).text.contains("Six times seven"))
    #expect(view(state).text.contains("being answered, 3 tokens so far"))
    var answer = Scene.answer("asked-1", ["Six times seven", "is 42."], reward: 1)
    answer.problem = Problem(
      id: "asked-1", task: Problem.agreementTask, prompt: "What is 6 * 7?", reference: "42",
      guessChance: 0)
    _ = update(&state, .events([.sampled(answer)]))
    #expect(state.selection == "asked-1")
    #expect(state.asked.isEmpty)
    let text = view(state).text
    #expect(text.contains("= same"))
    #expect(text.contains("right answer not known"))
    #expect(!text.contains("being answered"))
  }
}
