/// A value that a chat template computes with: Python's, as far as templates use them.
enum TemplateValue {
  /// What is not there, by its name; writes nothing, is false and has no elements.
  case undefined(String)
  case none
  case bool(Bool)
  case integer(Int)
  case float(Double)
  case string([Unicode.Scalar])
  /// A string marked as safe: what is added to it is escaped for HTML.
  case markup([Unicode.Scalar])
  case sequence(TemplateSequence)
  case dictionary(TemplateDictionary)
  /// What can be gone through once.
  case generator(TemplateGenerator)
  case namespace(TemplateNamespace)
  case loop(TemplateLoop)
  case function(TemplateFunction)

  /// A string.
  static func text(_ text: String) -> TemplateValue { .string([Unicode.Scalar](text)) }

  /// A list.
  static func list(_ elements: [TemplateValue]) -> TemplateValue {
    .sequence(TemplateSequence(kind: .list, elements: elements))
  }

  /// A tuple.
  static func tuple(_ elements: [TemplateValue]) -> TemplateValue {
    .sequence(TemplateSequence(kind: .tuple, elements: elements))
  }

  /// A value from JSON.
  init(_ json: JSON) {
    switch json {
    case .null: self = .none
    case .bool(let value): self = .bool(value)
    case .number(let text):
      self = Int(text).map(TemplateValue.integer) ?? .float(Double(text) ?? .nan)
    case .string(let text): self = .text(text)
    case .array(let elements): self = .list(elements.map { TemplateValue($0) })
    case .object(let members):
      self = .dictionary(
        TemplateDictionary(members.map { (.text($0.key), TemplateValue($0.value)) }))
    }
  }

  /// The characters of a string; nil for anything else.
  var characters: [Unicode.Scalar]? {
    switch self {
    case .string(let text), .markup(let text): text
    default: nil
    }
  }

  /// Whether it is nothing that exists.
  var isUndefined: Bool {
    if case .undefined = self { true } else { false }
  }

  /// The number, truth values being 0 and 1; nil for anything else.
  var number: Double? {
    switch self {
    case .bool(let value): value ? 1 : 0
    case .integer(let value): Double(value)
    case .float(let value): value
    default: nil
    }
  }

  /// The whole number, truth values being 0 and 1; nil for anything else.
  var whole: Int? {
    switch self {
    case .bool(let value): value ? 1 : 0
    case .integer(let value): value
    default: nil
    }
  }

  /// How much it holds and how deep it is nested.
  var size: TemplateSize {
    switch self {
    case .string(let text), .markup(let text): TemplateSize(characters: text.count)
    case .sequence(let sequence): sequence.size
    case .dictionary(let dictionary): dictionary.size
    case .generator(let generator): generator.size
    default: TemplateSize()
    }
  }

  /// Whether a condition takes it for true.
  var isTrue: Bool {
    switch self {
    case .undefined, .none: false
    case .bool(let value): value
    case .integer(let value): value != 0
    case .float(let value): value != 0
    case .string(let text), .markup(let text): !text.isEmpty
    case .sequence(let sequence): !sequence.elements.isEmpty
    case .dictionary(let dictionary): !dictionary.entries.isEmpty
    case .generator, .namespace, .loop, .function: true
    }
  }

  /// The kind, as a sentence names it.
  var kind: String {
    switch self {
    case .undefined(let name): "\(quoted(name)), which is not defined,"
    case .none: "none"
    case .bool: "a truth value"
    case .integer: "a whole number"
    case .float: "a number"
    case .string, .markup: "a string"
    case .sequence(let sequence): sequence.kind == .tuple ? "a tuple" : "a list"
    case .dictionary: "a dictionary"
    case .generator: "a generator"
    case .namespace: "a namespace"
    case .loop: "a loop"
    case .function(let function): "the function \(quoted(function.name))"
    }
  }
}

/// A list or another sequence that is gone through by index.
struct TemplateSequence {
  /// What Python calls it.
  enum Kind: Equatable {
    case list
    case tuple
    /// With the representation.
    case range(String)
    /// The keys, values or items of a dictionary, by Python's name; has no index.
    case view(String)
  }

  let kind: Kind
  let elements: [TemplateValue]
  /// How many characters and elements it holds in all, and how deep they are nested.
  let size: TemplateSize

  /// A sequence of these.
  init(kind: Kind, elements: [TemplateValue]) {
    self.kind = kind
    self.elements = elements
    size = elements.reduce(into: TemplateSize()) { $0.add($1.size) }
  }
}

/// How much a value holds when it is written out, and how deep it is nested.
struct TemplateSize {
  /// Characters, an element counting as eight; a value that stands in it twice counts twice.
  private(set) var count = 8
  /// 0 for a string or a number.
  private(set) var depth = 0

  /// That of a value that is no collection.
  init() {}
  /// That of so many characters.
  init(characters: Int) { count = characters + 8 }

  /// Takes a part in.
  mutating func add(_ part: TemplateSize) {
    let (sum, overflow) = count.addingReportingOverflow(part.count)
    count = overflow ? .max : sum
    depth = max(depth, part.depth + 1)
  }

  /// Takes a part in for another, which was taken in before.
  mutating func replace(_ other: TemplateSize, with part: TemplateSize) {
    count -= min(other.count, count)
    add(part)
  }
}

/// One key of a dictionary and its value.
struct TemplateEntry {
  let key: TemplateValue
  var value: TemplateValue

  /// Both as a tuple.
  var pair: TemplateValue { .tuple([key, value]) }
}

/// Keys and values in the order in which they were set.
struct TemplateDictionary {
  private(set) var entries: [TemplateEntry] = []
  /// How many characters and elements it holds in all, and how deep they were nested at most.
  private(set) var size = TemplateSize()

  /// A dictionary; the last of two equal keys counts, at the first one's place.
  init(_ entries: [(TemplateValue, TemplateValue)] = []) {
    for (key, value) in entries { self[key] = value }
  }

  /// The value of a key; nil where there is none.
  ///
  /// Setting nil does nothing.
  subscript(key: TemplateValue) -> TemplateValue? {
    get { index(of: key).map { entries[$0].value } }
    set {
      guard let newValue else { return }
      if let index = index(of: key) {
        size.replace(entries[index].value.size, with: newValue.size)
        entries[index].value = newValue
      } else {
        size.add(key.size)
        size.add(newValue.size)
        entries.append(TemplateEntry(key: key, value: newValue))
      }
    }
  }

  /// The value of a key that is a string.
  subscript(name: String) -> TemplateValue? { self[.text(name)] }

  private func index(of key: TemplateValue) -> Int? {
    if case .string(let name) = key {
      return entries.firstIndex { $0.key.characters == name }
    }
    return entries.firstIndex { $0.key.equals(key) }
  }
}

/// Elements that are handed out once, as Python's generators do.
final class TemplateGenerator {
  private let elements: [TemplateValue]
  private var taken = 0
  /// How many characters and elements it held at first, and how deep they are nested.
  let size: TemplateSize

  /// A generator of these.
  init(_ elements: [TemplateValue]) {
    self.elements = elements
    size = elements.reduce(into: TemplateSize()) { $0.add($1.size) }
  }

  /// All that were not handed out yet.
  func take() -> [TemplateValue] {
    defer { taken = elements.count }
    return Array(elements[taken...])
  }

  /// The next; nil at the end.
  func next() -> TemplateValue? {
    guard taken < elements.count else { return nil }
    defer { taken += 1 }
    return elements[taken]
  }
}

/// Values that a template may change, the only ones.
final class TemplateNamespace {
  /// The values by name.
  var values: TemplateDictionary

  /// A namespace with these.
  init(_ values: TemplateDictionary) { self.values = values }
}

/// What a loop knows of itself.
final class TemplateLoop {
  let elements: [TemplateValue]
  /// The index of the element at hand, from 0.
  var index = 0
  /// How many loops stand around.
  let depth: Int
  /// What `changed` was asked for last.
  var last: [TemplateValue]?

  /// A loop at its first element.
  init(_ elements: [TemplateValue], depth: Int) {
    self.elements = elements
    self.depth = depth
  }
}

/// What can be called.
final class TemplateFunction {
  /// As it is called in a sentence.
  let name: String
  /// What it does.
  let body: (TemplateRenderer, TemplateArguments) throws -> TemplateValue

  /// A function with both given.
  init(
    _ name: String,
    body: @escaping (TemplateRenderer, TemplateArguments) throws -> TemplateValue
  ) {
    self.name = name
    self.body = body
  }
}

/// The arguments of a call.
struct TemplateArguments {
  var positional: [TemplateValue] = []
  var named: [(name: String, value: TemplateValue)] = []

  /// The argument at an index or of a name; nil where it is not given.
  func value(_ index: Int, _ name: String) -> TemplateValue? {
    index < positional.count ? positional[index] : named.first { $0.name == name }?.value
  }

  /// The same, where it is given and not none.
  func given(_ index: Int, _ name: String) -> TemplateValue? {
    if case .none? = value(index, name) { nil } else { value(index, name) }
  }

  /// The string at an index or of a name.
  func characters(_ index: Int, _ name: String) throws -> [Unicode.Scalar]? {
    guard let value = given(index, name) else { return nil }
    guard let text = value.characters else {
      throw TemplateError("\(quoted(name)) must be a string and is \(value.kind)")
    }
    return text
  }

  /// The whole number at an index or of a name.
  func whole(_ index: Int, _ name: String) throws -> Int? {
    guard let value = given(index, name) else { return nil }
    guard let number = value.whole else {
      throw TemplateError("\(quoted(name)) must be a whole number and is \(value.kind)")
    }
    return number
  }

  /// The argument, which must be given.
  func required(_ index: Int, _ name: String) throws -> TemplateValue {
    guard let value = value(index, name) else {
      throw TemplateError("the argument \(quoted(name)) is missing")
    }
    return value
  }

  /// The string, which must be given.
  func requiredCharacters(_ index: Int, _ name: String) throws -> [Unicode.Scalar] {
    guard let text = try characters(index, name) else {
      throw TemplateError("the argument \(quoted(name)) is missing")
    }
    return text
  }

  /// The arguments after so many.
  func dropping(_ count: Int) -> TemplateArguments {
    TemplateArguments(positional: Array(positional.dropFirst(count)), named: named)
  }

  /// Refuses arguments that a function does not take.
  func check(_ names: [String], of function: String) throws {
    guard positional.count <= names.count else {
      throw TemplateError("\(quoted(function)) takes \(names.count) arguments at most")
    }
    for (name, _) in named where !names.contains(name) {
      throw TemplateError("\(quoted(function)) has no argument \(quoted(name))")
    }
  }
}

// MARK: Comparing

extension TemplateValue {
  /// Whether Python's `==` holds.
  func equals(_ other: TemplateValue) -> Bool {
    if let number, let second = other.number {
      if let whole, let second = other.whole { return whole == second }
      return number == second
    }
    if let characters, let second = other.characters { return characters == second }
    switch (self, other) {
    case (.undefined, .undefined), (.none, .none): return true
    case (.sequence(let first), .sequence(let second)):
      return (first.kind == .tuple) == (second.kind == .tuple)
        && first.elements.count == second.elements.count
        && zip(first.elements, second.elements).allSatisfy { $0.equals($1) }
    case (.dictionary(let first), .dictionary(let second)):
      return first.entries.count == second.entries.count
        && first.entries.allSatisfy { second[$0.key]?.equals($0.value) == true }
    default: return isSame(other)
    }
  }

  /// Whether both are the same object of those that change.
  func isSame(_ other: TemplateValue) -> Bool {
    switch (self, other) {
    case (.generator(let first), .generator(let second)): first === second
    case (.namespace(let first), .namespace(let second)): first === second
    case (.loop(let first), .loop(let second)): first === second
    case (.function(let first), .function(let second)): first === second
    default: false
    }
  }

  /// Whether Python's `<` holds.
  ///
  /// - Throws: `TemplateError` where the two have no order.
  func isLess(than other: TemplateValue) throws -> Bool {
    if let number, let second = other.number {
      if let whole, let second = other.whole { return whole < second }
      return number < second
    }
    if let characters, let second = other.characters {
      return characters.lexicographicallyPrecedes(second) { $0.value < $1.value }
    }
    if case .sequence(let first) = self, case .sequence(let second) = other,
      first.kind == second.kind
    {
      for (one, two) in zip(first.elements, second.elements) where !one.equals(two) {
        return try one.isLess(than: two)
      }
      return first.elements.count < second.elements.count
    }
    throw TemplateError("\(kind) and \(other.kind) have no order")
  }
}

// MARK: Writing

extension TemplateValue {
  /// The value as Python's `str` writes it.
  var written: [Unicode.Scalar] {
    switch self {
    case .undefined: []
    case .string(let text), .markup(let text): text
    default: represented
    }
  }

  /// The value as Python's `repr` writes it.
  var represented: [Unicode.Scalar] {
    switch self {
    case .undefined: [Unicode.Scalar]("Undefined")
    case .none: [Unicode.Scalar]("None")
    case .bool(let value): [Unicode.Scalar](value ? "True" : "False")
    case .integer(let value): [Unicode.Scalar](String(value))
    case .float(let value): [Unicode.Scalar](value.pythonText)
    case .string(let text): text.represented
    case .markup(let text): [Unicode.Scalar]("Markup(") + text.represented + [")"]
    case .sequence(let sequence): sequence.represented
    case .dictionary(let dictionary): dictionary.represented
    case .generator: [Unicode.Scalar]("<generator>")
    case .namespace: [Unicode.Scalar]("<Namespace>")
    case .loop(let loop): [Unicode.Scalar]("<LoopContext \(loop.index + 1)/\(loop.elements.count)>")
    case .function(let function): [Unicode.Scalar]("<function \(function.name)>")
    }
  }
}

extension TemplateSequence {
  fileprivate var represented: [Unicode.Scalar] {
    if case .range(let text) = kind { return [Unicode.Scalar](text) }
    let parts = Array(elements.map(\.represented).joined(separator: [",", " "]))
    switch kind {
    case .tuple: return ["("] + parts + (elements.count == 1 ? [",", ")"] : [")"])
    case .view(let name): return [Unicode.Scalar](name + "([") + parts + ["]", ")"]
    default: return ["["] + parts + ["]"]
    }
  }
}

extension TemplateDictionary {
  fileprivate var represented: [Unicode.Scalar] {
    let parts = entries.map { $0.key.represented + [":", " "] + $0.value.represented }
    return ["{"] + Array(parts.joined(separator: [",", " "])) + ["}"]
  }
}
