import Trajectories

/// Reads the lines of a written-out sum and says of each whether it follows.
///
/// A line is wrong when it does not take the next number, when it does not begin at the value
/// that was reached, or when its result does not follow. A sound line after an error inherits it.
struct SumReader: LineReader {
  private let sum: Sum
  private let truth: [Int]
  /// Number of the term that comes next.
  private var next = 0
  /// The value the last line reached.
  private var reached: Int
  private var slipped = false
  private var answered = false

  init(sum: Sum) {
    self.sum = sum
    truth = sum.values
    reached = sum.start
  }

  /// The word on a step; `isLast` where the response ended after it.
  mutating func read(_ text: String, isLast: Bool) -> (StepVerdict?, String) {
    let found = read(text)
    guard isLast, !answered, found.0 != .wrong else { return found }
    return slip("ends without “\(Sum.marker)”")
  }

  mutating func readLine(_ words: [Substring]) -> (StepVerdict, String) {
    guard !words.isEmpty else { return (slipped ? .inherited : .right, "") }
    if answered { return slip("is one line too many") }
    if words[0] == Sum.marker[...] { return readAnswer(words) }
    guard next < sum.terms.count else { return slip("should be “\(Sum.marker) \(reached)”") }
    let term = sum.terms[next]
    let expected = Sum.line(reached, term).split(separator: " ")
    next += 1
    let result = term.applied(to: reached)
    guard words.count == 5, let value = Int(words[4]), words[..<4] == expected[..<4] else {
      let line = "should be “\(expected.joined(separator: " "))”"
      reached = words.last.flatMap { Int($0) } ?? result
      return slip(line)
    }
    reached = value
    guard value == result else { return wrongValue(value, expected: result) }
    guard slipped else { return (.right, "") }
    let trueValue = truth[next - 1]
    return (.inherited, value == trueValue ? "" : "follows, but is \(trueValue) in truth")
  }

  private mutating func wrongValue(_ value: Int, expected: Int) -> (StepVerdict, String) {
    guard slipped else { return slip("is \(expected) in truth") }
    if value == truth[next - 1] { return slip("is right by luck: \(expected) would follow") }
    return slip("does not follow: \(expected) would")
  }

  private mutating func readAnswer(_ words: [Substring]) -> (StepVerdict, String) {
    answered = true
    if next < sum.terms.count {
      return slip("comes too early: the next line is “\(Sum.line(reached, sum.terms[next]))”")
    }
    guard words.count == 2, words[1] == "\(reached)"[...] else {
      return slip("should be “\(Sum.marker) \(reached)”")
    }
    guard slipped else { return (.right, "") }
    return (.inherited, reached == sum.answer ? "is right by luck" : "is \(sum.answer) in truth")
  }

  private mutating func slip(_ note: String) -> (StepVerdict, String) {
    slipped = true
    return (.wrong, note)
  }
}
