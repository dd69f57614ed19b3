import Testing
import Trajectories

@testable import Workbench

/// Texts of a megabyte, laid out as far as they are seen.
struct LongTextTests {
  private static let texts = [
    "", "a", "one two three", "a\n\nb\n", "\n\n x \r\n y\u{0}z\n",
    String(repeating: "x", count: 9000),
    String(repeating: "word 漢字 ", count: 900), String(repeating: "漢", count: 3000),
    "e" + String(repeating: "\u{301}", count: 5000) + "f",
    String(repeating: "line of text\n", count: 700), String(repeating: " ", count: 5000) + "end",
    String(repeating: "👩‍👩‍👧 🇩🇪", count: 500),
  ]

  private func laidOut(_ text: String, _ columns: Int) -> [String] {
    var layout = ParagraphLayout(text, .init(columns: columns))
    var budget = Int.max
    var lines: [String] = []
    while !layout.isComplete { lines += layout.goOn(&budget) }
    return lines
  }

  private func trimmed(_ text: String) -> String {
    var text = text
    while text.last?.isNewline == true { text.removeLast() }
    while text.first?.isNewline == true { text.removeFirst() }
    return text
  }

  @Test(arguments: [1, 7, 40, 78]) func `piece by piece it is as at once`(columns: Int) {
    for (number, text) in Self.texts.enumerated() where number != 8 {
      let whole = wrapped(inert(trimmed(text), keepingNewlines: true), columns: columns)
      let found = laidOut(text, columns)
      if found != whole { Issue.record("text \(number) in \(columns) columns") }
    }
    // A single character of thousands of marks is cut, and its marks are named all the same.
    let marks = laidOut(Self.texts[8], columns).joined()
    #expect(marks.hasPrefix("e\u{301}\u{301}\u{301}\u{301}<U+") || columns == 1)
  }

  private func state(_ steps: [String], columns: Int = 80) -> WorkbenchState {
    var state = Scene.state(columns: columns, events: [Scene.events[0]])
    _ = update(&state, .events([.sampled(Scene.answer("long", steps, reward: 0))]))
    return state
  }

  @Test func `a megabyte is laid out in slices and scrolled to its end`() {
    let text = String(repeating: "word 漢字 ", count: 90_000)
    for screen in ["", "2"] {
      var state = state([text, "the end"])
      if !screen.isEmpty { _ = update(&state, .key(.character("2"))) }
      #expect(state.isAtWork)
      _ = update(&state, .key(.tab))
      _ = update(&state, .key(.character("G")))
      _ = view(state)
      while state.isAtWork { _ = update(&state, .goOn) }
      let shown = view(state).text
      #expect(shown.contains(screen.isEmpty ? "the end" : "right answer"), "\(shown)")
      // Once laid out it stays, whatever else changes.
      _ = update(&state, .speed(100))
      _ = update(&state, .key(.character("k")))
      #expect(!state.isAtWork)
      _ = update(&state, .resized(Size(columns: 100, rows: 30)))
      #expect(state.isAtWork)
    }
  }

  @Test func `a text pane that is not seen asks for no work`() {
    var state = state([String(repeating: "x", count: 1_000_000)])
    #expect(state.isAtWork)
    _ = update(&state, .resized(Size(columns: 60, rows: 16)))
    #expect(!state.isAtWork)
  }

  @Test func `what was laid out is as if laid out anew`() {
    var state = state(["one two", "three", String(repeating: "word ", count: 3000)])
    while state.isAtWork { _ = update(&state, .goOn) }
    for key in ["j", "2", "j", "j", "v", "k", "3", "1", "v"] {
      _ = update(&state, .key(.character(Character(key))))
      while state.isAtWork { _ = update(&state, .goOn) }
      var anew = state
      anew.paneText = PaneText()
      _ = update(&anew, .goOn)
      while anew.isAtWork { _ = update(&anew, .goOn) }
      #expect(view(state) == view(anew), "after \(key)")
    }
  }

  @Test func `a pasted megabyte is shown by its end`() {
    var state = Scene.state()
    _ = update(&state, .key(.character("i")))
    _ = update(&state, .pasted(String(repeating: "ab\n", count: 400_000) + "the end"))
    #expect(view(state).text.contains("ab ab ab the end"))
    _ = update(&state, .key(.character("!")))
    for _ in 0..<3 { _ = update(&state, .key(.left)) }
    _ = update(&state, .key(.backspace))
    #expect(view(state).text.contains("ab ab ab the nd"))
    _ = update(&state, .key(.escape))
    _ = update(&state, .key(.character("F")))
    _ = update(&state, .pasted(String(repeating: "a ", count: 500_000)))
    #expect(view(state).text.contains("Only the first 4 096 bytes are taken."))
    _ = update(&state, .key(.enter))
    _ = view(state)
  }

  @Test func `the head of a text costs no more than it has`() {
    #expect("abc".head(bytes: 3) == "abc")
    #expect("abcdef".head(bytes: 4) == "abc")
    #expect("漢字漢字".head(bytes: 7) == "漢")
    #expect("".head(bytes: 0) == "")
  }
}
