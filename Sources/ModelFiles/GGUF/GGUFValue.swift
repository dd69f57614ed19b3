/// The types of values in a GGUF header, by their numbers in the format.
enum GGUFValueType: UInt32, Sendable {
  case uint8, int8, uint16, int16, uint32, int32, float32, bool, string, array, uint64, int64
  case float64

  /// Bytes of a value; nil where they differ.
  var width: Int? {
    switch self {
    case .uint8, .int8, .bool: 1
    case .uint16, .int16: 2
    case .uint32, .int32, .float32: 4
    case .uint64, .int64, .float64: 8
    case .string, .array: nil
    }
  }
}

/// A part of a mapped file.
struct GGUFBytes: Sendable {
  /// The file.
  let file: MappedFile
  /// Place in the file, bytes.
  let range: Range<Int>

  /// The bytes, valid as long as the file.
  var raw: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: file.bytes[range]) }
}

/// A value of a GGUF header, checked but not decoded.
struct GGUFValue: Sendable {
  /// Its type.
  let type: GGUFValueType
  /// Its bytes, without the type.
  let bytes: GGUFBytes

  /// The whole number; nil for anything else or one that does not fit.
  var integer: Int? { GGUFValue.integer(type, bytes.raw, at: 0) }

  /// The finite number; nil for anything else.
  var number: Double? {
    let number: Double? =
      switch type {
      case .float32: Double(Float(bitPattern: bytes.raw.loadUnaligned(as: UInt32.self)))
      case .float64: Double(bitPattern: bytes.raw.loadUnaligned(as: UInt64.self))
      default: integer.map { Double($0) }
      }
    return number.flatMap { $0.isFinite ? $0 : nil }
  }

  /// The truth value; nil for anything else.
  var flag: Bool? { type == .bool ? bytes.raw.first.map { $0 != 0 } : nil }

  /// The text; nil for anything else.
  var string: String? {
    type == .string ? String(decoding: bytes.raw.dropFirst(8), as: UTF8.self) : nil
  }

  /// The texts of an array of them; nil for anything else.
  var strings: [String]? {
    guard let (element, count) = array, element == .string else { return nil }
    let raw = bytes.raw
    var at = 12
    return (0..<count).map { _ in
      let length = Int(raw.loadUnaligned(fromByteOffset: at, as: UInt64.self))
      defer { at += 8 + length }
      return String(decoding: raw[(at + 8)..<(at + 8 + length)], as: UTF8.self)
    }
  }

  /// The whole numbers of an array of them; nil for anything else.
  var integers: [Int]? {
    guard let (element, count) = array, let width = element.width else { return nil }
    let raw = bytes.raw
    let numbers = (0..<count).compactMap { GGUFValue.integer(element, raw, at: 12 + $0 * width) }
    return numbers.count == count ? numbers : nil
  }

  /// Type and number of the elements; nil where this is no array.
  private var array: (element: GGUFValueType, count: Int)? {
    guard type == .array,
      let element = GGUFValueType(rawValue: bytes.raw.loadUnaligned(as: UInt32.self))
    else { return nil }
    return (element, Int(bytes.raw.loadUnaligned(fromByteOffset: 4, as: UInt64.self)))
  }

  private static func integer(
    _ type: GGUFValueType, _ raw: UnsafeRawBufferPointer, at offset: Int
  ) -> Int? {
    func load<Value: FixedWidthInteger & BitwiseCopyable>(_: Value.Type) -> Int? {
      Int(exactly: raw.loadUnaligned(fromByteOffset: offset, as: Value.self))
    }
    return switch type {
    case .uint8: load(UInt8.self)
    case .int8: load(Int8.self)
    case .uint16: load(UInt16.self)
    case .int16: load(Int16.self)
    case .uint32: load(UInt32.self)
    case .int32: load(Int32.self)
    case .uint64: load(UInt64.self)
    case .int64: load(Int64.self)
    case .float32, .float64, .bool, .string, .array: nil
    }
  }
}

/// What a GGUF file says of its model, in the order of the file.
struct GGUFMetadata: Sendable {
  /// The keys in the order of the file.
  private(set) var keys: [String] = []
  private var values: [String: GGUFValue] = [:]

  /// The same in memory of its own, so that nothing that happens to the file matters any more.
  var copied: GGUFMetadata {
    guard let file = values.first?.value.bytes.file else { return self }
    let end = values.reduce(0) { max($0, $1.value.bytes.range.upperBound) }
    let copy = MappedFile(copying: [UInt8](file.bytes[..<end]))
    var metadata = self
    metadata.values = values.mapValues {
      GGUFValue(type: $0.type, bytes: GGUFBytes(file: copy, range: $0.bytes.range))
    }
    return metadata
  }

  /// The value of a key; nil where there is none.
  subscript(key: String) -> GGUFValue? { values[key] }

  /// Adds a key that is not there yet.
  mutating func append(_ entry: (key: String, value: GGUFValue), _ reader: GGUFReader) throws {
    guard values.updateValue(entry.value, forKey: entry.key) == nil else {
      throw reader.error("Its key \(quoted(entry.key)) occurs twice.")
    }
    keys.append(entry.key)
  }
}
