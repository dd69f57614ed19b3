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
