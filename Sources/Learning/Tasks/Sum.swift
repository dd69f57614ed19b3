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
