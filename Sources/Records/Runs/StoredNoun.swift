import Foundation
import Trajectories

/// A noun that stands in the store as a JSON object with the keys of its list.
protocol StoredNoun: Sendable {
  /// What it is before anything is read; keys that are missing leave it so.
  static var blank: Self { get }
  /// Its keys.
  static var fields: [Field<Self>] { get }
}

/// One key of a stored noun, written and read.
///
/// A key that is missing is an error where it is needed; otherwise the noun keeps what its blank
/// has, as it does where the value is null. Keys that no list names are ignored.
struct Field<Noun>: Sendable {
  typealias Write = @Sendable (Noun, inout KeyedEncodingContainer<StoredKey>) throws -> Void
  typealias Read = @Sendable (inout Noun, StoredJSON, Int) throws(StoredFault) -> Void

  /// The key.
  let name: String
  let isNeeded: Bool
  let write: Write
  /// Reads the value at a place.
  private let read: Read
  private let key: [UInt8]

  private init(_ name: String, isNeeded: Bool, write: @escaping Write, read: @escaping Read) {
    self.name = name
    self.isNeeded = isNeeded
    self.write = write
    self.read = read
    key = Array(name.utf8)
  }

  /// Reads the key's value of the object at a place into a noun.
  func read(_ noun: inout Noun, from json: StoredJSON, at object: Int) throws(StoredFault) {
    guard let place = json.member(key, of: object) else {
      if isNeeded { throw StoredFault(.missing).within(name) }
      return
    }
    if !isNeeded, json.kind(at: place) == .null { return }
    do { try read(&noun, json, place) } catch { throw error.within(name) }
  }

  /// A value without which the object says nothing.
  static func needed<Value: StoredValue>(
    _ name: String, _ path: any WritableKeyPath<Noun, Value> & Sendable
  ) -> Field {
    Field(
      name, isNeeded: true, write: { try $1.encode($0[keyPath: path], forKey: StoredKey(name)) },
      read: { noun, json, place throws(StoredFault) in
        noun[keyPath: path] = try Value(stored: json, at: place)
      })
  }

  /// A value that older writers did not know.
  static func plain<Value: StoredValue>(
    _ name: String, _ path: any WritableKeyPath<Noun, Value> & Sendable
  ) -> Field {
    Field(
      name, isNeeded: false, write: { try $1.encode($0[keyPath: path], forKey: StoredKey(name)) },
      read: { noun, json, place throws(StoredFault) in
        noun[keyPath: path] = try Value(stored: json, at: place)
      })
  }

  /// A value that may be missing; its key is then left out.
  static func perhaps<Value: StoredValue>(
    _ name: String, _ path: any WritableKeyPath<Noun, Value?> & Sendable
  ) -> Field {
    Field(
      name, isNeeded: false,
      write: { try $1.encodeIfPresent($0[keyPath: path], forKey: StoredKey(name)) },
      read: { noun, json, place throws(StoredFault) in
        noun[keyPath: path] = try Value(stored: json, at: place)
      })
  }

  /// Another noun.
  static func object<Value: StoredNoun>(
    _ name: String, _ path: any WritableKeyPath<Noun, Value> & Sendable
  ) -> Field {
    Field(
      name, isNeeded: true,
      write: { try $1.encode(Stored($0[keyPath: path]), forKey: StoredKey(name)) },
      read: { noun, json, place throws(StoredFault) in
        noun[keyPath: path] = try Value.read(json, at: place)
      })
  }

  /// Another noun that may be missing.
  static func perhapsObject<Value: StoredNoun>(
    _ name: String, _ path: any WritableKeyPath<Noun, Value?> & Sendable
  ) -> Field {
    Field(
      name, isNeeded: false,
      write: {
        try $1.encodeIfPresent($0[keyPath: path].map(Stored.init), forKey: StoredKey(name))
      },
      read: { noun, json, place throws(StoredFault) in
        noun[keyPath: path] = try Value.read(json, at: place)
      })
  }

  /// An array of nouns.
  static func list<Value: StoredNoun>(
    _ name: String, _ path: any WritableKeyPath<Noun, [Value]> & Sendable
  ) -> Field {
    Field(
      name, isNeeded: true,
      write: { try $1.encode($0[keyPath: path].map(Stored.init), forKey: StoredKey(name)) },
      read: { noun, json, place throws(StoredFault) in
        noun[keyPath: path] = try json.list(at: place, Value.read)
      })
  }

  /// An array of nouns that may be missing.
  static func perhapsList<Value: StoredNoun>(
    _ name: String, _ path: any WritableKeyPath<Noun, [Value]?> & Sendable
  ) -> Field {
    Field(
      name, isNeeded: false,
      write: {
        let found = $0[keyPath: path]?.map(Stored.init)
        try $1.encodeIfPresent(found, forKey: StoredKey(name))
      },
      read: { noun, json, place throws(StoredFault) in
        noun[keyPath: path] = try json.list(at: place, Value.read)
      })
  }

  /// A seed: a text of digits, since half of all seeds are beyond what SQL holds in a number.
  static func seed(
    _ name: String, _ path: any WritableKeyPath<Noun, UInt64> & Sendable
  ) -> Field {
    Field(
      name, isNeeded: true,
      write: { try $1.encode("\($0[keyPath: path])", forKey: StoredKey(name)) },
      read: { noun, json, place throws(StoredFault) in
        // The first schema had a number.
        if let text = try? json.text(at: place), let seed = UInt64(text) {
          noun[keyPath: path] = seed
        } else {
          noun[keyPath: path] = try UInt64(stored: json, at: place)
        }
      })
  }

  /// A recipe: the keys of `recipe.toml`, in the case of all keys here.
  static func recipe(
    _ name: String, _ path: any WritableKeyPath<Noun, Recipe> & Sendable
  ) -> Field {
    Field(
      name, isNeeded: true,
      write: { try $1.encode(StoredRecipe(recipe: $0[keyPath: path]), forKey: StoredKey(name)) },
      read: { noun, json, place throws(StoredFault) in
        noun[keyPath: path] = try StoredRecipe.read(json, at: place)
      })
  }
}

/// A key of a stored object.
struct StoredKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }

  init(_ name: String) { stringValue = name }
  init?(stringValue: String) { self.init(stringValue) }
  init?(intValue: Int) { nil }
}

extension StoredNoun {
  /// The noun that the object at a place is.
  ///
  /// - Throws: The first of its keys that is missing or is not as it should be.
  static func read(_ json: StoredJSON, at place: Int) throws(StoredFault) -> Self {
    try json.checkObject(at: place)
    var noun = blank
    for field in fields { try field.read(&noun, from: json, at: place) }
    return noun
  }
}

/// A noun with its list of keys in place of its own coding.
struct Stored<Noun: StoredNoun>: Encodable {
  let noun: Noun

  init(_ noun: Noun) { self.noun = noun }

  func encode(to encoder: any Encoder) throws {
    var box = encoder.container(keyedBy: StoredKey.self)
    for field in Noun.fields { try field.write(noun, &box) }
  }
}

/// The payload of a row, in whichever schema it was written.
struct Source<Payload: Collection<UInt8>> {
  let payload: Payload
  let schema: Int

  /// The noun that the payload is.
  func read<Noun: StoredNoun>() throws(StoredFault) -> Noun {
    let json = try StoredJSON(payload)
    return schema < 2 ? try Source.first(json) : try Noun.read(json, at: 0)
  }

  /// A payload of the first schema: the kind again around the noun, which had no key but `_0`.
  private static func first<Noun: StoredNoun>(_ json: StoredJSON) throws(StoredFault) -> Noun {
    try json.checkObject(at: 0)
    guard let key = json.firstKey(of: 0) else { throw StoredFault(.unreadable) }
    do throws(StoredFault) {
      try json.checkObject(at: key + 1)
      guard let noun = json.member(Array("_0".utf8), of: key + 1) else {
        return try Noun.read(json, at: key + 1)
      }
      do { return try Noun.read(json, at: noun) } catch { throw error.within("_0") }
    } catch {
      throw error.within(EventFormat.plain(try json.text(at: key)))
    }
  }
}

/// What a field of a stored noun can hold.
protocol StoredValue: Encodable, Sendable {
  /// Reads the value at a place.
  ///
  /// - Throws: Why it is not of this kind; `.unreadable` for a number beyond what the kind holds.
  init(stored json: StoredJSON, at place: Int) throws(StoredFault)
}

/// What keeps a payload from being read.
struct StoredFault: Error {
  enum Kind {
    case missing, wrongKind, null, unknown
    /// Not JSON, or a number beyond all bounds.
    case unreadable
  }

  let kind: Kind
  /// Where, such as `steps[2].text`; empty for the whole.
  private(set) var place = ""

  init(_ kind: Kind) { self.kind = kind }

  /// The same seen from the object or list that has the value under this name or number.
  func within(_ name: String) -> StoredFault {
    var fault = self
    fault.place = name + (place.isEmpty || place.hasPrefix("[") ? "" : ".") + place
    return fault
  }

  /// It as a sentence.
  var words: String {
    let place = place.isEmpty ? "its payload" : place
    return switch kind {
    case .missing: place + " is missing"
    case .wrongKind: place + " is of the wrong kind"
    case .null: place + " is null"
    case .unknown: place + " is nothing that this Crux knows"
    case .unreadable: "its payload is not JSON, or holds a number beyond all bounds"
    }
  }
}

extension String: StoredValue {
  init(stored json: StoredJSON, at place: Int) throws(StoredFault) {
    self = try json.text(at: place)
  }
}

extension Bool: StoredValue {
  init(stored json: StoredJSON, at place: Int) throws(StoredFault) {
    switch json.kind(at: place) {
    case .yes: self = true
    case .no: self = false
    default: throw json.otherKind(at: place)
    }
  }
}

extension Optional: StoredValue where Wrapped: StoredValue {
  init(stored json: StoredJSON, at place: Int) throws(StoredFault) {
    self = json.kind(at: place) == .null ? nil : try Wrapped(stored: json, at: place)
  }
}

extension Array: StoredValue where Element: StoredValue {
  init(stored json: StoredJSON, at place: Int) throws(StoredFault) {
    self = try json.list(at: place, Element.init(stored:at:))
  }
}

// A word of an enumeration.
extension StoredValue where Self: RawRepresentable, RawValue == String {
  init(stored json: StoredJSON, at place: Int) throws(StoredFault) {
    guard let value = Self(rawValue: try json.text(at: place)) else { throw StoredFault(.unknown) }
    self = value
  }
}

// Numbers: every digit that is written counts.

extension Int: StoredValue {}
extension Int32: StoredValue {}
extension UInt64: StoredValue {}

extension StoredValue where Self: FixedWidthInteger {
  init(stored json: StoredJSON, at place: Int) throws(StoredFault) {
    self = try StoredNumber(json, at: place).whole()
  }
}

extension Double: StoredValue {
  init(stored json: StoredJSON, at place: Int) throws(StoredFault) {
    if let word = Double(word: json, at: place) {
      self = word
    } else {
      self = try StoredNumber(json, at: place).double()
    }
  }
}

extension Float: StoredValue {
  init(stored json: StoredJSON, at place: Int) throws(StoredFault) {
    if let word = Float(word: json, at: place) {
      self = word
    } else {
      self = try StoredNumber(json, at: place).float()
    }
  }
}

extension BinaryFloatingPoint {
  /// One of the numbers that JSON lacks, which stand as words; nil for anything else.
  fileprivate init?(word json: StoredJSON, at place: Int) {
    guard json.kind(at: place) == .text else { return nil }
    switch try? json.text(at: place) {
    case "inf": self = .infinity
    case "-inf": self = -.infinity
    case "nan": self = .nan
    default: return nil
    }
  }
}

/// A number as it is written: up to nineteen digits and a power of ten, or more of either.
private struct StoredNumber {
  private let text: ArraySlice<UInt8>
  private var isNegative = false
  /// The digits without their point; of no meaning where there are more than nineteen.
  private var digits: UInt64 = 0
  private var count = 0
  private var power = 0
  private var isWhole = true

  init(_ json: StoredJSON, at place: Int) throws(StoredFault) {
    guard json.kind(at: place) == .number else { throw json.otherKind(at: place) }
    text = json.bytes(at: place)
    var position = text.startIndex
    if text[position] == UInt8(ascii: "-") {
      isNegative = true
      position += 1
    }
    while position < text.endIndex {
      let byte = text[position]
      position += 1
      let digit = byte &- UInt8(ascii: "0")
      if digit < 10 {
        digits = digits &* 10 &+ UInt64(digit)
        if digits > 0 || count > 0 { count += 1 }
        if !isWhole { power -= 1 }
      } else if byte == UInt8(ascii: ".") {
        isWhole = false
      } else {
        isWhole = false
        addPower(from: position)
        break
      }
    }
  }

  private mutating func addPower(from start: Int) {
    let isBelow = text[start] == UInt8(ascii: "-")
    var written = 0
    for byte in text[start...] where byte &- UInt8(ascii: "0") < 10 {
      // Beyond all bounds whatever else follows.
      written = min(written * 10 + Int(byte &- UInt8(ascii: "0")), 1_000_000)
    }
    power += isBelow ? -written : written
  }

  private var isShort: Bool { count < 20 }

  private var string: String { String(decoding: text, as: UTF8.self) }

  /// The number as one of a whole kind; `34.0` and `1e2` are whole too.
  func whole<Whole: FixedWidthInteger>() throws(StoredFault) -> Whole {
    if isWhole, isShort {
      if !isNegative, let value = Whole(exactly: digits) { return value }
      if isNegative, digits <= Whole.min.magnitude {
        return Whole(truncatingIfNeeded: 0 &- digits)
      }
      throw StoredFault(.unreadable)
    }
    if isWhole, let value = Whole(string) { return value }
    guard let double = Double(string), let value = Whole(exactly: double) else {
      throw StoredFault(.unreadable)
    }
    if double.magnitude < 0x1p53 { return value }
    // Beyond this not every whole number is a `Double`. A fraction is refused, not cut off.
    guard let exact = Decimal(string: string), let value = Whole(exact.description) else {
      throw StoredFault(.unreadable)
    }
    return value
  }

  /// The nearest `Double`.
  ///
  /// - Throws: `.unreadable` where the nearest is infinite, or zero in place of what is not.
  func double() throws(StoredFault) -> Double {
    // Both are exact, so their product or quotient is rounded once (Clinger 1990).
    if isShort, digits <= 1 << 53, power.magnitude < StoredNumber.powers.count {
      let scale = StoredNumber.powers[Int(power.magnitude)]
      let value = power < 0 ? Double(digits) / scale : Double(digits) * scale
      return isNegative ? -value : value
    }
    return try bounded(Double(string))
  }

  /// The nearest `Float`.
  ///
  /// - Throws: `.unreadable` where the nearest is infinite, or zero in place of what is not.
  func float() throws(StoredFault) -> Float {
    let double = try double()
    // Rounding twice is rounding once unless the first lands halfway between two.
    let isHalfway = double.bitPattern & 0x1FFF_FFFF == 0x1000_0000
    let isNormal = double.magnitude >= 0x1p-126 && double.magnitude < 0x1p127
    if double == 0 || isNormal && !isHalfway { return Float(double) }
    return try bounded(Float(string))
  }

  private func bounded<Value: BinaryFloatingPoint>(_ value: Value?) throws(StoredFault) -> Value {
    guard let value, value.isFinite, value != 0 || isZero else { throw StoredFault(.unreadable) }
    return value
  }

  private var isZero: Bool { count == 0 }

  /// The powers of ten that are a `Double`.
  private static let powers: [Double] = [
    1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17,
    1e18, 1e19, 1e20, 1e21, 1e22,
  ]
}
