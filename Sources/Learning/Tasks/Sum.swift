import Trajectories

/// What a question of the sums asks for: `4 + 3 - 12`.
struct Sum: Equatable {
  /// One number and whether it is taken away.
  struct Term: Equatable {
    let minus: Bool
    let amount: Int

    /// How it is written after a value, such as `- 12`.
    var text: String { "\(minus ? "-" : "+") \(amount)" }

    func applied(to value: Int) -> Int { minus ? value - amount : value + amount }
  }

  let start: Int
  let terms: [Term]

  /// What stands before the numbers; the words are reasoning-gym's.
  static let question = "State the final answer to the following arithmetic problem: "
  /// What stands before the answer.
  static let marker = "Answer:"
  /// Most numbers and the largest of them that are read, so that no sum overflows.
  private static let (mostNumbers, largest) = (64, 999_999_999)

  init(start: Int, terms: [Term]) {
    self.start = start
    self.terms = terms
  }

  /// Reads a question, or the numbers alone; nil where the text is anything else.
  init?(prompt: String) {
    var text = prompt[...]
    if text.hasPrefix(Self.question) { text = text.dropFirst(Self.question.count) }
    var words = TaskVocabulary.split(String(text))
    if words.last == "=" { words.removeLast() }
    guard words.count % 2 == 1, words.count >= 3, words.count < 2 * Self.mostNumbers,
      let start = Self.amount(words[0])
    else { return nil }
    var terms: [Term] = []
    for index in stride(from: 1, to: words.count, by: 2) {
      guard ["+", "-"].contains(words[index]), let amount = Self.amount(words[index + 1])
      else { return nil }
      terms.append(Term(minus: words[index] == "-", amount: amount))
    }
    self.init(start: start, terms: terms)
  }

  private static func amount(_ word: Substring) -> Int? {
    guard let amount = Int(word), (0...largest).contains(amount), "\(amount)" == word
    else { return nil }
    return amount
  }

  /// The question.
  var prompt: String {
    Self.question + (["\(start)"] + terms.map(\.text)).joined(separator: " ") + " ="
  }

  /// The true value after each term.
  var values: [Int] {
    var value = start
    return terms.map { term in
      value = term.applied(to: value)
      return value
    }
  }

  /// The true answer.
  var answer: Int { values.last ?? start }

  /// The line that goes on from a value.
  static func line(_ value: Int, _ term: Term) -> String {
    "\(value) \(term.text) = \(term.applied(to: value))"
  }

  /// A whole right response: one line a term, then the answer.
  var solution: String {
    var value = start
    var lines: [String] = []
    for term in terms {
      lines.append(Self.line(value, term))
      value = term.applied(to: value)
    }
    return (lines + ["\(Self.marker) \(value)"]).joined(separator: "\n")
  }

  /// Chance of a uniform guess among the whole numbers that these terms could come to.
  var guessChance: Double { 1 / Double(1 + 2 * terms.reduce(0) { $0 + $1.amount }) }
}

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

/// What a response to a sum says.
struct SumAnswer {
  /// The response without the text of its end token.
  let text: String

  /// A response; the text of an end token such as `<|im_end|>` or `</s>` may stand at its end.
  init(_ response: String) { text = Self.withoutEnd(response) }

  /// The number after the last `Answer:`, or the whole response where it has no such mark.
  ///
  /// reasoning-gym's rule holds for it: a whole number with or without sign, leading zeros and a
  /// decimal part of zeros, and nothing else beside white space.
  var value: Int? {
    let parts = TaskVocabulary.split(text).map(String.init)
    let words = parts.filter { $0 != TaskVocabulary.newline }
    let said = words.lastIndex(of: Sum.marker).map { words[($0 + 1)...] } ?? words[...]
    guard said.count == 1, let word = said.first else { return nil }
    return Self.number(word)
  }

  /// Whether the response is that solution word for word.
  func isSolution(_ solution: String) -> Bool {
    var words = TaskVocabulary.split(text)
    while words.last == "\n" { words.removeLast() }
    return words == TaskVocabulary.split(solution)
  }

  private static func number(_ word: String) -> Int? {
    let digits = word.first == "+" || word.first == "-" ? word.dropFirst() : word[...]
    let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count <= 2, !parts[0].isEmpty, parts[0].utf8.allSatisfy(isDigit),
      parts.count < 2 || parts[1].allSatisfy({ $0 == "0" }), let whole = Int(parts[0])
    else { return nil }
    return word.first == "-" ? -whole : whole
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }

  /// The text before an end token's; the text as it is where it ends otherwise.
  static func withoutEnd(_ text: String) -> String {
    if text.hasSuffix("</s>") { return String(text.dropLast(4)) }
    guard text.hasSuffix("|>") else { return text }
    var start = text.endIndex
    while start > text.startIndex {
      text.formIndex(before: &start)
      guard text[start] == "<" else { continue }
      let next = text.index(after: start)
      return text[next...].hasPrefix("|") ? String(text[..<start]) : text
    }
    return text
  }
}
