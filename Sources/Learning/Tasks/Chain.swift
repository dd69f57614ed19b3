import Trajectories

/// One operation of a chain, such as `*3`.
struct ChainOperation: Equatable {
  enum Kind: Character {
    case plus = "+"
    case minus = "-"
    case times = "*"
  }
  let kind: Kind
  let amount: Int

  init(_ kind: Kind, _ amount: Int) {
    self.kind = kind
    self.amount = amount
  }

  init?(_ word: Substring) {
    guard let first = word.first, let kind = Kind(rawValue: first),
      let amount = Int(word.dropFirst()), (1...9999).contains(amount)
    else { return nil }
    self.init(kind, amount)
    guard self.word == word else { return nil }
  }

  var word: String { "\(kind.rawValue)\(amount)" }

  /// The value after the operation, 0 ..< modulus.
  func applied(to value: Int, modulus: Int) -> Int {
    switch kind {
    case .plus: (value + amount) % modulus
    case .minus: ((value - amount) % modulus + modulus) % modulus
    case .times: value * amount % modulus
    }
  }
}

/// What a prompt of the chains asks for.
struct Chain: Equatable {
  let start: Int
  let operations: [ChainOperation]
  let answer: AnswerKind
  let modulus: Int

  init(start: Int, operations: [ChainOperation], answer: AnswerKind, modulus: Int) {
    self.start = start
    self.operations = operations
    self.answer = answer
    self.modulus = modulus
  }

  /// Reads `17 *3 +2 ?v :`; nil where the text is anything else.
  init?(prompt: String, modulus: Int) {
    let words = TaskVocabulary.split(prompt)
    guard words.count >= 4, words.last == ":", let start = Self.value(words[0], modulus: modulus),
      let answer = AnswerKind.allCases.first(where: { $0.question == words[words.count - 2] })
    else { return nil }
    let middle = words[1..<words.count - 2]
    let operations = middle.compactMap(ChainOperation.init)
    guard operations.count == middle.count else { return nil }
    self.init(start: start, operations: operations, answer: answer, modulus: modulus)
  }

  /// A value as the chains write it: digits only, 0 ..< modulus.
  static func value(_ word: Substring, modulus: Int) -> Int? {
    guard let value = Int(word), (0..<modulus).contains(value), "\(value)" == word else {
      return nil
    }
    return value
  }

  var prompt: String {
    (["\(start)"] + operations.map(\.word) + [answer.question, ":"]).joined(separator: " ")
  }

  /// The true value after each operation.
  var values: [Int] {
    var value = start
    return operations.map { operation in
      value = operation.applied(to: value, modulus: modulus)
      return value
    }
  }

  func answer(to value: Int) -> String { answer.word(for: value) }

  /// A whole response; `write` may put another value on a line, and the chain goes on from it.
  func response(writing write: (ChainOperation, Int) -> Int = { $1 }) -> String {
    var value = start
    var text = ""
    for operation in operations {
      value = write(operation, operation.applied(to: value, modulus: modulus))
      text += "\(operation.word) \(value)\n"
    }
    return text + "# \(answer(to: value)) $"
  }
}

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
