/// One key of a recipe, declared once.
///
/// What a file, `--set`, the Recipe screen, `crux help recipe`, the completion of a shell and the
/// reference say of a key follows from its row in `Recipe.keys`.
public struct RecipeKey: Sendable {
  /// Where it stands, such as `values.rollouts`.
  public let name: String
  /// What it may hold.
  public let kind: Kind
  /// What it means, in one sentence.
  public let meaning: String
  /// When anything looks at it.
  public let reading: Reading
  /// Words that stood for one of today's, each with that.
  private let formerWords: [String: String]
  private let standards: [Method: RecipeValue]
  private let get: @Sendable (Recipe) -> RecipeValue
  private let set: @Sendable (inout Recipe, RecipeValue) -> Bool

  /// What a key may hold.
  public enum Kind: Equatable, Sendable {
    /// A whole number in a range, and what one of it is.
    case whole(ClosedRange<Int>, unit: String)
    /// A seed: any whole number from 0 on.
    case natural
    /// A number in a range, and what one of it is.
    case number(ClosedRange<Double>, unit: String)
    /// true or false.
    case flag
    /// A text, and what stands in it.
    case text(String)
    /// One of these words.
    case word([String])
  }

  /// When a key is read.
  public struct Reading: Sendable {
    /// As the end of a sentence that begins with “Read”, such as `where objective.method is kto`.
    public let words: String
    /// Whether it is read by a recipe.
    public let holds: @Sendable (Recipe) -> Bool

    /// A condition in words and as a test.
    init(_ words: String, _ holds: @escaping @Sendable (Recipe) -> Bool) {
      self.words = words
      self.holds = holds
    }

    /// By every recipe.
    public static let always = Reading("always") { _ in true }
  }
}

/// What a key of a recipe holds.
public enum RecipeValue: Equatable, Sendable {
  /// A whole number.
  case whole(Int)
  /// A whole number from 0 on that may be beyond `Int`.
  case natural(UInt64)
  /// A number.
  case number(Double)
  /// true or false.
  case flag(Bool)
  /// A text.
  case text(String)
  /// One of the words of its key.
  case word(String)
}

extension RecipeKey {
  /// What a recipe has there.
  public func value(in recipe: Recipe) -> RecipeValue { get(recipe) }

  /// Puts a value there; false, and nothing done, where it is not of the key's kind.
  public func put(_ value: RecipeValue, into recipe: inout Recipe) -> Bool { set(&recipe, value) }

  /// What holds where a recipe names a method and not this key.
  public func standard(of method: Method) -> RecipeValue {
    if name == "objective.method" { return .word(method.rawValue) }
    return standards[method] ?? value(in: Recipe())
  }

  /// The methods whose default is not that of all others, in the order of `Method`.
  public var ownStandards: [(method: Method, value: RecipeValue)] {
    Method.allCases.compactMap { method in standards[method].map { (method, $0) } }
  }

  /// Names it had before; they are read for ever.
  public var formerNames: [String] {
    let sections = Recipe.formerSections.filter { $0.value == section }.keys
    return sections.map { $0 + name.dropFirst(section.count) } + (Recipe.formerNames[name] ?? [])
  }

  /// A word as it is spelled today.
  public func present(_ word: String) -> String { formerWords[word] ?? word }

  /// Its section, such as `values`; empty for a key at the top.
  public var section: String {
    name.firstIndex(of: ".").map { String(name[..<$0]) } ?? ""
  }

  /// What is wrong with a recipe's number; nil where it is in range, or no number.
  func problem(of recipe: Recipe) -> String? {
    let (isInRange, range): (Bool, String)
    switch (kind, value(in: recipe)) {
    case (.whole(let allowed, _), .whole(let value)):
      (isInRange, range) = (
        allowed.contains(value), "\(allowed.lowerBound) and \(allowed.upperBound)"
      )
    case (.number(let allowed, _), .number(let value)):
      (isInRange, range) = (
        allowed.contains(value),
        "\(RecipeValue.short(allowed.lowerBound)) and \(RecipeValue.short(allowed.upperBound))"
      )
    default: return nil
    }
    guard !isInRange else { return nil }
    return "\(name) is \(value(in: recipe).words) \(unit); it must lie between \(range)."
  }

  /// What one of its number is; empty where it is no number.
  public var unit: String {
    switch kind {
    case .whole(_, let unit), .number(_, let unit): unit
    default: ""
    }
  }

  /// What it may hold in few words, such as `1 to 4096`, without the unit.
  public var range: String {
    switch kind {
    case .whole(let range, _): "\(range.lowerBound) to \(range.upperBound)"
    case .natural: "a whole number"
    case .number(let range, _):
      "\(RecipeValue.short(range.lowerBound)) to \(RecipeValue.short(range.upperBound))"
    case .flag: "true, false"
    case .text(let what): what
    case .word(let words): words.joined(separator: ", ")
    }
  }

  /// Whether it is a number with a range.
  public var isNumber: Bool { !unit.isEmpty }
}

extension RecipeValue {
  /// The value as a reader expects it, without quotes.
  public var words: String {
    switch self {
    case .whole(let value): "\(value)"
    case .natural(let value): "\(value)"
    case .number(let value): RecipeValue.short(value)
    case .flag(let value): "\(value)"
    case .text(let value), .word(let value): value
    }
  }

  /// A number without a fraction that says nothing: 10, and 0.5.
  static func short(_ value: Double) -> String {
    let whole = value.rounded()
    guard whole == value, whole.magnitude < 1e15 else { return "\(value)" }
    return "\(Int(whole))"
  }
}

// How a row of the table is written.
extension RecipeKey {
  /// A key path that threads may share.
  typealias Path<Value> = any WritableKeyPath<Recipe, Value> & Sendable

  /// A row; `wrap` and `unwrap` lead from the property's value to the key's and back.
  private init<Value>(
    _ name: String, _ path: Path<Value>, _ kind: Kind, _ meaning: String, _ reading: Reading,
    _ standards: [Method: Value] = [:], formerWords: [String: String] = [:],
    wrap: @escaping @Sendable (Value) -> RecipeValue,
    unwrap: @escaping @Sendable (RecipeValue) -> Value?
  ) {
    (self.name, self.kind, self.meaning, self.reading) = (name, kind, meaning, reading)
    self.formerWords = formerWords
    self.standards = standards.mapValues(wrap)
    get = { wrap($0[keyPath: path]) }
    set = { recipe, value in
      guard let value = unwrap(value) else { return false }
      recipe[keyPath: path] = value
      return true
    }
  }

  /// A whole number.
  static func whole(
    _ name: String, _ path: Path<Int>, _ range: ClosedRange<Int>, _ unit: String, _ meaning: String,
    read reading: Reading = .always, standards: [Method: Int] = [:]
  ) -> RecipeKey {
    RecipeKey(
      name, path, .whole(range, unit: unit), meaning, reading, standards, wrap: { .whole($0) },
      unwrap: { if case .whole(let number) = $0 { number } else { nil } })
  }

  /// A seed.
  static func natural(_ name: String, _ path: Path<UInt64>, _ meaning: String) -> RecipeKey {
    RecipeKey(
      name, path, .natural, meaning, .always, wrap: { .natural($0) },
      unwrap: { if case .natural(let number) = $0 { number } else { nil } })
  }

  /// A number.
  static func number(
    _ name: String, _ path: Path<Double>, _ range: ClosedRange<Double>, _ unit: String,
    _ meaning: String, read reading: Reading = .always, standards: [Method: Double] = [:]
  ) -> RecipeKey {
    RecipeKey(
      name, path, .number(range, unit: unit), meaning, reading, standards, wrap: { .number($0) },
      unwrap: { if case .number(let number) = $0 { number } else { nil } })
  }

  /// true or false.
  static func flag(
    _ name: String, _ path: Path<Bool>, _ meaning: String, read reading: Reading = .always
  ) -> RecipeKey {
    RecipeKey(
      name, path, .flag, meaning, reading, wrap: { .flag($0) },
      unwrap: { if case .flag(let flag) = $0 { flag } else { nil } })
  }

  /// A text; `what` says what stands in it.
  static func text(
    _ name: String, _ path: Path<String>, _ what: String, _ meaning: String,
    read reading: Reading = .always
  ) -> RecipeKey {
    RecipeKey(
      name, path, .text(what), meaning, reading, wrap: { .text($0) },
      unwrap: { if case .text(let text) = $0 { text } else { nil } })
  }

  /// One word of an enumeration; `formerWords` are those that stood for one of today's.
  static func word<Word: CaseIterable & RawRepresentable<String> & Sendable>(
    _ name: String, _ path: Path<Word>, _ meaning: String, read reading: Reading = .always,
    standards: [Method: Word] = [:], formerWords: [String: String] = [:]
  ) -> RecipeKey {
    RecipeKey(
      name, path, .word(Word.allCases.map(\.rawValue)), meaning, reading, standards,
      formerWords: formerWords, wrap: { .word($0.rawValue) },
      unwrap: { if case .word(let word) = $0 { Word(rawValue: word) } else { nil } })
  }
}

// When keys are read.
extension RecipeKey.Reading {
  /// Where a key has one of these words.
  static func one(
    of name: String, in words: [String], _ holds: @escaping @Sendable (Recipe) -> Bool
  ) -> RecipeKey.Reading {
    let last = words.last.map { words.count > 1 ? " or \($0)" : $0 } ?? ""
    return RecipeKey.Reading(
      "where \(name) is " + words.dropLast().joined(separator: ", ") + last, holds)
  }

  /// By these methods.
  static func by(_ methods: Method...) -> RecipeKey.Reading {
    .one(of: "objective.method", in: methods.map(\.rawValue)) {
      methods.contains($0.objective.method)
    }
  }

  /// By these tasks.
  static func on(_ tasks: TaskName...) -> RecipeKey.Reading {
    .one(of: "task.name", in: tasks.map(\.rawValue)) { tasks.contains($0.task.name) }
  }

  /// By the methods that learn from rollouts as they are drawn.
  static let online = RecipeKey.Reading("by methods that learn online") {
    !$0.objective.method.isOffline
  }

  /// By the methods that build pairs first.
  static let offline = RecipeKey.Reading("by methods that build pairs first") {
    $0.objective.method.isOffline
  }
}
