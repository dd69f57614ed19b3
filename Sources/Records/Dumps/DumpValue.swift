import Foundation

/// A value as JSON, parquet and pickle have it; what the readers of rows are written against.
enum DumpValue: Sendable {
  case null
  case flag(Bool)
  case integer(Int64)
  case number(Double)
  case text(String)
  case list([DumpValue])
  case object([(name: String, value: DumpValue)])
  /// A value of a JSON text, read when it is asked for.
  case json(StoredJSON, at: Int)

  /// Reads a JSON text; NaN and Infinity are numbers, as Python writes them.
  ///
  /// - Throws: Where it is none.
  init(parsing text: some Collection<UInt8>) throws(DumpFault) {
    do { self = .json(try StoredJSON(text, allowsNaN: true), at: 0) } catch {
      throw DumpFault("not valid JSON")
    }
  }
}

/// What is wrong with a row, without its place and without a full stop.
struct DumpFault: Error {
  let reason: String

  init(_ reason: String) { self.reason = reason }
}

// MARK: Simple values

extension DumpValue {
  /// Whether there is a value at all.
  var isNull: Bool {
    switch self {
    case .null: true
    case .json(let json, let place): json.kind(at: place) == .null
    default: false
    }
  }

  /// The text; nil where it is none.
  var text: String? {
    switch self {
    case .text(let text): text
    case .json(let json, let place): try? json.text(at: place)
    default: nil
    }
  }

  /// The number; nil where it is none.
  var number: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    case .json(let json, let place) where json.kind(at: place) == .number:
      Self.number(json.bytes(at: place))
    default: nil
    }
  }

  /// The whole number; nil where it is none, or beyond 64 bits.
  var integer: Int? {
    switch self {
    case .integer(let value): Int(value)
    case .number(let value): Int(exactly: value)
    case .json(let json, let place) where json.kind(at: place) == .number:
      Self.integer(json.bytes(at: place))
        ?? Self.number(json.bytes(at: place)).flatMap { Int(exactly: $0) }
    default: nil
    }
  }

  /// Whether; nil where it is no flag.
  var flag: Bool? {
    switch self {
    case .flag(let flag): return flag
    case .json(let json, let place):
      let kind = json.kind(at: place)
      return kind == .yes ? true : kind == .no ? false : nil
    default: return nil
    }
  }

  /// A reward: a number, or whether something is right.
  var score: Double? { number ?? flag.map { $0 ? 1 : 0 } }

  /// A text, or a number or flag as it is written; nil for what has parts, and for nothing.
  var words: String? {
    if let text { return text }
    if let flag { return flag ? "true" : "false" }
    if case .json(let json, let place) = self, json.kind(at: place) == .number {
      return String(decoding: json.bytes(at: place), as: UTF8.self)
    }
    return integer.map { "\($0)" } ?? number.map { "\($0)" }
  }

  private static func integer(_ digits: ArraySlice<UInt8>) -> Int? {
    let isNegative = digits.first == UInt8(ascii: "-")
    var value = 0
    for digit in isNegative ? digits.dropFirst() : digits {
      guard digit &- UInt8(ascii: "0") < 10 else { return nil }
      let (shifted, isLarge) = value.multipliedReportingOverflow(by: 10)
      let (sum, isLarger) = shifted.subtractingReportingOverflow(Int(digit &- UInt8(ascii: "0")))
      guard !isLarge, !isLarger else { return nil }
      value = sum
    }
    return isNegative ? value : value == .min ? nil : -value
  }

  private static func number(_ digits: ArraySlice<UInt8>) -> Double? {
    switch digits.last {
    case UInt8(ascii: "N"): .nan
    case UInt8(ascii: "y"): digits.first == UInt8(ascii: "-") ? -.infinity : .infinity
    default: Double(String(decoding: digits, as: UTF8.self))
    }
  }
}

// MARK: Values with parts

extension DumpValue {
  /// The value that an object has under a name; nil where it has none, or null.
  subscript(_ name: String) -> DumpValue? {
    switch self {
    case .object(let members):
      return members.first { $0.name == name && !$0.value.isNull }?.value
    case .json(let json, let place) where json.kind(at: place) == .object:
      guard let found = json.member(Array(name.utf8), of: place) else { return nil }
      return json.kind(at: found) == .null ? nil : .json(json, at: found)
    default: return nil
    }
  }

  /// Whether an object has a name, be it for null.
  func has(_ name: String) -> Bool {
    switch self {
    case .object(let members): members.contains { $0.name == name }
    case .json(let json, let place) where json.kind(at: place) == .object:
      json.member(Array(name.utf8), of: place) != nil
    default: false
    }
  }

  /// The members of an object, in order; nil where it is none.
  var members: [(name: String, value: DumpValue)]? {
    switch self {
    case .object(let members): members
    case .json(let json, let place) where json.kind(at: place) == .object:
      json.memberPlaces(of: place).compactMap { name, value in
        (try? json.text(at: name)).map { ($0, .json(json, at: value)) }
      }
    default: nil
    }
  }

  /// The values of a list; nil where it is none.
  var list: [DumpValue]? {
    switch self {
    case .list(let values): values
    case .json(let json, let place) where json.kind(at: place) == .list:
      try? json.list(at: place) { json, place in .json(json, at: place) }
    default: nil
    }
  }

  /// Whether it is an object.
  var isObject: Bool {
    switch self {
    case .object: true
    case .json(let json, let place): json.kind(at: place) == .object
    default: false
    }
  }

  /// A list of token ids; nil where it is none.
  var tokens: [Int32]? {
    guard let list else { return nil }
    var tokens: [Int32] = []
    tokens.reserveCapacity(list.count)
    for value in list {
      guard let token = value.integer.flatMap({ Int32(exactly: $0) }), token >= 0 else {
        return nil
      }
      tokens.append(token)
    }
    return tokens
  }

  /// A list of numbers; nil where it is none.
  var numbers: [Double]? { every(\.number) }

  /// A list of texts; nil where it is none.
  var texts: [String]? { every(\.text) }

  private func every<Value>(_ read: (DumpValue) -> Value?) -> [Value]? {
    guard let list else { return nil }
    let values = list.compactMap(read)
    return values.count == list.count ? values : nil
  }
}

// MARK: What has to be there

extension DumpValue {
  /// A member that has to be there.
  func member(_ name: String) throws(DumpFault) -> DumpValue {
    guard let value = self[name] else { throw DumpFault("\(Words.quoted(name)) is missing") }
    return value
  }

  /// A text that has to be there.
  func text(_ name: String) throws(DumpFault) -> String {
    guard let text = try member(name).text else { throw .ofWrongKind(name) }
    return text
  }

  /// A list that has to be there.
  func list(_ name: String) throws(DumpFault) -> [DumpValue] {
    guard let list = try member(name).list else { throw .ofWrongKind(name) }
    return list
  }

  /// Token ids that have to be there.
  func tokens(_ name: String) throws(DumpFault) -> [Int32] {
    guard let tokens = try member(name).tokens else { throw .ofWrongKind(name) }
    return tokens
  }
}

extension DumpFault {
  /// A member that is there but is something else.
  static func ofWrongKind(_ name: String) -> DumpFault {
    DumpFault("\(Words.quoted(name)) is of the wrong kind")
  }
}
