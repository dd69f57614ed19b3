/// A JSON value that keeps what Foundation's reader loses: the order of keys, numbers as written,
/// and the difference between strings that are only canonically equal.
enum JSON: Equatable, Sendable {
  /// `null`.
  case null
  /// `true` or `false`.
  case bool(Bool)
  /// A number, as it was written.
  case number(String)
  /// A string.
  case string(String)
  /// An array.
  case array([JSON])
  /// An object, in the order it was written; no key twice.
  case object([JSONMember])

  /// A whole number.
  static func integer(_ value: Int) -> JSON { .number(String(value)) }

  /// A finite number, such that reading it back gives the same.
  static func double(_ value: Double) -> JSON {
    value == value.rounded() && abs(value) < 1e15
      ? .number("\(Int(value)).0") : .number("\(value)")
  }

  /// The value of a key; nil where this is no object or lacks the key.
  subscript(key: String) -> JSON? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.key.utf8.elementsEqual(key.utf8) }?.value
  }

  /// Whether this is `null`.
  var isNull: Bool { self == .null }

  /// The string; nil for anything else.
  var string: String? {
    if case .string(let text) = self { text } else { nil }
  }

  /// The truth value; nil for anything else.
  var bool: Bool? {
    if case .bool(let value) = self { value } else { nil }
  }

  /// The elements; nil for anything else.
  var array: [JSON]? {
    if case .array(let elements) = self { elements } else { nil }
  }

  /// The members; nil for anything else.
  var members: [JSONMember]? {
    if case .object(let members) = self { members } else { nil }
  }

  /// The number where it is finite; nil for anything else.
  var double: Double? {
    guard case .number(let text) = self, let value = Double(text), value.isFinite else {
      return nil
    }
    return value
  }

  /// The number where it is whole and exact; nil for anything else.
  var integer: Int? {
    guard case .number(let text) = self else { return nil }
    if let value = Int(text) { return value }
    guard let value = Double(text), value == value.rounded(), abs(value) < 9e15 else { return nil }
    return Int(value)
  }

  /// Sets a key of an object; a new one goes to the end, `null` included.
  mutating func set(_ key: String, _ value: JSON) {
    guard case .object(var members) = self else { return }
    if let index = members.firstIndex(where: { $0.key.utf8.elementsEqual(key.utf8) }) {
      members[index].value = value
    } else {
      members.append(JSONMember(key: key, value: value))
    }
    self = .object(members)
  }

  /// Removes a key of an object.
  mutating func remove(_ key: String) {
    guard case .object(let members) = self else { return }
    self = .object(members.filter { !$0.key.utf8.elementsEqual(key.utf8) })
  }
}

extension JSON: ExpressibleByDictionaryLiteral {
  /// An object in the order given.
  init(dictionaryLiteral elements: (String, JSON)...) {
    self = .object(elements.map { JSONMember(key: $0.0, value: $0.1) })
  }
}

/// One key of an object and its value.
struct JSONMember: Equatable, Sendable {
  /// The key.
  var key: String
  /// The value.
  var value: JSON
}
