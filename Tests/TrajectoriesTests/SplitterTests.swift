import Testing
import Trajectories

struct SplitterTests {
  /// The steps of a text whose tokens are its characters.
  func steps(_ text: String, _ splitter: Splitter) -> [String] {
    var choice = StepChoice()
    choice.splitter = splitter
    let pieces = text.map { String($0) }
    return Step.cut(pieces: pieces, as: choice).map { pieces[$0].joined() }
  }

  @Test func `sentences end at stops, not at abbreviations, decimals and list numbers`() {
    let text = "Take 3.14 of it, e.g. this. Dr. No said so! \"Why?\" he asked.\n1. One. Two"
    #expect(
      steps(text, .sentence) == [
        "Take 3.14 of it, e.g. this.", " Dr. No said so!", " \"Why?\" he asked.", "\n",
        "1. One.", " Two",
      ])
    #expect(steps("一。二！三", .sentence) == ["一。", "二！", "三"])
  }

  @Test func `a formula is never cut`() {
    let text = "So $a. B$ holds. Then \\[x\n= 1. Y\\] and it costs 5$. It\n"
    #expect(
      steps(text, .latex) == [
        "So $a. B$ holds.", " Then \\[x\n= 1. Y\\] and it costs 5$.", " It\n",
      ])
    let nested = "\\begin{align}a\\begin{b}\n\\end{b}\n\\end{align}\nEnd"
    #expect(
      steps(nested, .latex) == ["\\begin{align}a\\begin{b}\n\\end{b}\n\\end{align}\n", "End"])
    #expect(steps("cut off: $$x.\nY", .latex) == ["cut off: $$x.\nY"])
    #expect(steps("It is \\$5. More", .latex) == ["It is \\$5.", " More"])
  }

  let code = "Look:\n```python\nx = [\n1,\n]\n\ndef f():\n  return 1\nelse_ = 2\n```\nDone\n"

  @Test func `fenced blocks stay whole or are cut at statements`() {
    #expect(
      steps(code, .code) == [
        "Look:\n",
        "```python\nx = [\n1,\n]\n\ndef f():\n  return 1\nelse_ = 2\n```\n", "Done\n",
      ])
    #expect(
      steps(code, .codeStatements) == [
        "Look:\n", "```python\nx = [\n1,\n]\n\n", "def f():\n  return 1\n", "else_ = 2\n```\n",
        "Done\n",
      ])
  }

  @Test func `statements are not cut within quotes, after decorators or before an else`() {
    let text = "```\nif a:\n  b\nelse:\n  c\n@d\ndef e(): pass\nf = '''\ng\n'''\nh\n```\n"
    #expect(
      steps(text, .codeStatements) == [
        "```\nif a:\n  b\nelse:\n  c\n", "@d\ndef e(): pass\n", "f = '''\ng\n'''\n", "h\n```\n",
      ])
  }

  @Test func `a step ends at a tool call and at its result`() {
    let text =
      "I look.\n<tool_call>\n{}\n</tool_call>\n<tool_response>\n4\n</tool_response>\nIt is 4."
    #expect(
      steps(text, .toolCalls) == [
        "I look.\n<tool_call>\n{}\n</tool_call>\n", "<tool_response>\n4\n</tool_response>\n",
        "It is 4.",
      ])
  }

  @Test func `every n-th uncertain token begins a step`() {
    var choice = StepChoice()
    choice.splitter = .lowProbability
    choice.every = 2
    let probabilities = [0.5, 1, 0.8, 0.95, 0.2, 1, 0.89, 1]
    let pieces = probabilities.map { _ in "x" }
    let cut = Step.cut(pieces: pieces, probabilities: probabilities, as: choice)
    #expect(cut == [0..<2, 2..<6, 6..<8])
    // Nothing is known of the probabilities: newlines.
    #expect(Step.cut(pieces: ["a\n", "b"], as: choice) == [0..<1, 1..<2])
  }

  /// Words from which texts with every mark a splitter knows are put together.
  static let words = [
    "$", "$$", "\\[", "\\]", "\\(", "\\)", "\\begin{a}", "\\end{a}", "\n", "\n\n", ". ", "! A",
    "```", "```py\n", "</tool_call>", "[/TOOL_RESULTS]", "x = (", ")", "'''", "\"", "#", "Dr.",
    "é", "。", "", "😀", "\\", "abc ", "1. ", "@d\n", "else:",
  ]

  @Test(arguments: Splitter.allCases)
  func `steps cover any text exactly, within their limits`(splitter: Splitter) {
    var random = SeededGenerator(state: 7)
    for _ in 0..<300 {
      var text = ""
      for _ in 0..<Int.random(in: 0..<40, using: &random) {
        text += Self.words.randomElement(using: &random) ?? ""
      }
      let pieces = Self.pieces(of: text, &random)
      var choice = StepChoice()
      choice.splitter = splitter
      choice.minimumTokens = Int.random(in: 1..<6, using: &random)
      choice.maximum = Int.random(in: 1..<9, using: &random)
      choice.every = Int.random(in: 1..<4, using: &random)
      let probabilities = pieces.map { _ in Double.random(in: 0...1, using: &random) }
      let steps = Step.cut(pieces: pieces, probabilities: probabilities, as: choice)
      #expect(steps.flatMap { Array($0) } == Array(pieces.indices), "\(pieces)")
      #expect(steps.count <= choice.maximum)
      #expect(steps.dropLast().allSatisfy { $0.count >= choice.minimumTokens })
      #expect(steps.allSatisfy { !$0.isEmpty })
    }
  }

  /// Tokens that cut characters: the text of such a part is what is broken or empty.
  private static func pieces(
    of text: String, _ random: inout SeededGenerator
  ) -> [String] {
    var pieces: [String] = []
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let size = Int.random(in: 1..<6, using: &random)
      pieces.append(String(decoding: rest.prefix(size), as: UTF8.self))
      rest = rest.dropFirst(size)
      if Int.random(in: 0..<8, using: &random) == 0 { pieces.append("") }
    }
    return pieces
  }
}

/// A small seeded generator (SplitMix64), so that a failure comes back.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
