import Trajectories

/// Reads the lines of a response to a chain and says of each whether it follows.
///
/// A line is wrong when it is not the operation asked for or its value does not follow from the
/// line before it as written. A sound line after an error inherits it.
struct ChainReader: LineReader {
  private let chain: Chain
  private let truth: [Int]
  /// Number of the line that comes next.
  private var line = 0
  /// The value the last line wrote; nil where it wrote none.
  private var written: Int?
  private var slipped = false

  init(chain: Chain) {
    self.chain = chain
    truth = chain.values
    written = chain.start
  }

  mutating func readLine(_ words: [Substring]) -> (StepVerdict, String) {
    defer { line += 1 }
    if line == chain.operations.count { return readAnswer(words) }
    guard line < chain.operations.count else { return slip("is one line too many") }
    let operation = chain.operations[line]
    let expected = written.map { operation.applied(to: $0, modulus: chain.modulus) }
    guard words.count == 2, words[0] == operation.word,
      let value = Chain.value(words[1], modulus: chain.modulus)
    else {
      written = words.last.flatMap { Chain.value($0, modulus: chain.modulus) }
      if words.first == "#" {
        return slip("comes too early: the next operation is \(operation.word)")
      }
      return slip("should be “\(operation.word) \(expected ?? truth[line])”")
    }
    defer { written = value }
    if let expected, value != expected { return wrongValue(value, expected: expected) }
    guard slipped else { return (.right, "") }
    return (.inherited, value == truth[line] ? "" : "follows, but is \(truth[line]) in truth")
  }

  private mutating func wrongValue(_ value: Int, expected: Int) -> (StepVerdict, String) {
    guard slipped else { return slip("is \(expected) in truth") }
    if value == truth[line] { return slip("is right by luck: \(expected) would follow") }
    return slip("does not follow: \(expected) would")
  }

  private mutating func readAnswer(_ words: [Substring]) -> (StepVerdict, String) {
    let right = chain.answer(to: truth.last ?? chain.start)
    let expected = chain.answer(to: written ?? truth.last ?? chain.start)
    guard words == ["#", expected[...], "$"] else {
      return slip("should be “# \(expected) $”")
    }
    guard slipped else { return (.right, "") }
    return (.inherited, expected == right ? "is right by luck" : "is \(right) in truth")
  }

  private mutating func slip(_ note: String) -> (StepVerdict, String) {
    slipped = true
    return (.wrong, note)
  }
}
