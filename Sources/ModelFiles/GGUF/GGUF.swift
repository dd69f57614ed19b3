public import Foundation
import Tensors

/// A GGUF file, mapped read-only, its header checked whole before any tensor is touched.
public struct GGUF: Sendable {
  private let mapping: MappedFile
  let header: GGUFHeader
  /// Path of the file.
  public let file: String

  /// Opens a file and checks its header.
  ///
  /// - Throws: `ModelFileError` where the file is missing or breaks a rule of the format.
  public init(contentsOf url: URL) throws {
    mapping = try MappedFile(url)
    file = url.path
    header = try GGUFHeader(mapping, name: file)
  }

  /// Reads the bytes of a GGUF file; `file` is named in errors.
  public init(parsing bytes: [UInt8], file: String) throws {
    mapping = MappedFile(copying: bytes)
    self.file = file
    header = try GGUFHeader(mapping, name: file)
  }

  /// Whether a file begins as a GGUF does.
  public static func isGGUF(_ url: URL) -> Bool {
    guard let file = try? MappedFile(url) else { return false }
    return file.bytes.prefix(4).elementsEqual("GGUF".utf8)
  }

  /// The tensors' names, in the order of the header.
  public var names: [String] { header.names }

  /// The shape of a tensor, row-major; nil where there is none of that name.
  public func shape(of name: String) -> [Int]? { header.entries[name]?.shape }

  /// All elements of a tensor as they lie in the file.
  ///
  /// - Throws: `ModelFileError` where it is missing or of a type that is not supported.
  public func floats(of name: String) throws -> [Float] {
    let tensor = try stored(name)
    return [Float](unsafeUninitializedCapacity: tensor.count) { buffer, count in
      guard let start = buffer.baseAddress else { return }
      tensor.expand(0..<tensor.rows, into: start)
      count = tensor.count
    }
  }

  /// Where and how a tensor lies in the file.
  func stored(_ name: String) throws -> StoredTensor {
    guard let entry = header.entries[name] else {
      throw ModelFileError(file: file, problem: "tensor \(quoted(name)) is missing.")
    }
    guard let format = entry.format else {
      let supported = StorageFormat.allCases.map(\.rawValue).joined(separator: ", ")
      throw ModelFileError(
        file: file,
        problem: "tensor \(quoted(name)) is of ggml type \(entry.type), which is not supported; "
          + "convert the model to one of \(supported).")
    }
    return StoredTensor(
      file: mapping, start: header.dataStart + entry.range.lowerBound, format: format,
      shape: entry.shape)
  }
}

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

/// Reads the parts of a GGUF header one after another and never beyond its end.
struct GGUFReader {
  /// Bytes of the file.
  let size: Int
  /// Where the next part begins, bytes.
  private(set) var position = 0
  private let file: MappedFile
  private let name: String

  // A vocabulary of a quarter of a million tokens takes 10 MB.
  private static let longestHeader = 1 << 26
  private static let longestArray: UInt64 = 1 << 20
  private static let deepestArray = 4

  /// A reader at the beginning of a file; `name` is named in errors.
  init(_ file: MappedFile, name: String) {
    self.file = file
    self.name = name
    size = file.bytes.count
  }

  /// An error about a file that breaks a rule of the format.
  func error(_ problem: String) -> ModelFileError {
    refusal(problem + " The file is damaged or not GGUF.")
  }

  /// An error about the file.
  func refusal(_ problem: String) -> ModelFileError { ModelFileError(file: name, problem: problem) }

  /// The next bytes.
  mutating func bytes(_ count: Int) throws -> UnsafeRawBufferPointer {
    guard count <= min(size, GGUFReader.longestHeader) - position else {
      let limit = size > GGUFReader.longestHeader ? "byte \(GGUFReader.longestHeader)" : "the end"
      throw error("Its header goes on beyond \(limit) of the file.")
    }
    defer { position += count }
    return UnsafeRawBufferPointer(rebasing: file.bytes[position..<position + count])
  }

  /// The next number.
  mutating func integer<Value: FixedWidthInteger & BitwiseCopyable>(
    _ type: Value.Type
  ) throws -> Value {
    Value(littleEndian: try bytes(MemoryLayout<Value>.size).loadUnaligned(as: Value.self))
  }

  /// The next string.
  mutating func string(longest: UInt64) throws -> String {
    let length = try integer(UInt64.self)
    guard length <= longest else {
      throw error("A text at byte \(position) claims \(length) bytes; \(longest) are allowed.")
    }
    return String(decoding: try bytes(Int(length)), as: UTF8.self)
  }

  /// The next key with its value, which is checked but not copied.
  mutating func entry() throws -> (key: String, value: GGUFValue) {
    let key = try string(longest: 65535)
    guard !key.isEmpty else { throw error("A key at byte \(position) is empty.") }
    let type = try type(of: key)
    let start = position
    try skip(type, key, depth: 0)
    return (key, GGUFValue(type: type, bytes: GGUFBytes(file: file, range: start..<position)))
  }

  private mutating func type(of key: String) throws -> GGUFValueType {
    let number = try integer(UInt32.self)
    guard let type = GGUFValueType(rawValue: number) else {
      throw error("Its key \(quoted(key)) has a value of the unknown type \(number).")
    }
    return type
  }

  private mutating func skip(_ type: GGUFValueType, _ key: String, depth: Int) throws {
    if let width = type.width {
      _ = try bytes(width)
    } else if type == .string {
      let length = try integer(UInt64.self)
      guard length <= UInt64(size) else {
        throw error("The text of its key \(quoted(key)) claims \(length) bytes.")
      }
      _ = try bytes(Int(length))
    } else {
      try skipArray(key, depth: depth)
    }
  }

  private mutating func skipArray(_ key: String, depth: Int) throws {
    guard depth < GGUFReader.deepestArray else {
      throw error("The arrays of its key \(quoted(key)) are nested too deeply.")
    }
    let element = try type(of: key)
    let count = try integer(UInt64.self)
    guard count <= GGUFReader.longestArray else {
      throw error(
        "The array of its key \(quoted(key)) claims \(count) elements; "
          + "at most \(GGUFReader.longestArray) are allowed.")
    }
    if let width = element.width {
      _ = try bytes(Int(count) * width)
    } else {
      for _ in 0..<count { try skip(element, key, depth: depth + 1) }
    }
  }
}

/// The header of a GGUF file, versions 2 and 3, every rule of the format checked.
///
/// `GGUF`, u32 version, u64 tensors, u64 keys, the keys with their values, a description of each
/// tensor, then the data from the next multiple of the alignment on. Everything is little-endian.
struct GGUFHeader: Sendable {
  /// One tensor's place.
  struct Entry: Equatable, Sendable {
    /// Number of the element type in the format.
    var type: UInt32
    /// How its numbers are stored; nil where Crux does not read them.
    var format: StorageFormat?
    /// Row-major shape, the reverse of the file's.
    var shape: [Int]
    /// Place within the data, bytes; of length 0 where the format is not known.
    var range: Range<Int>
  }

  /// Version of the format.
  private(set) var version: UInt32 = 0
  /// What the file says of the model, in its order.
  private(set) var metadata = GGUFMetadata()
  /// Names of the tensors in the order of the header.
  private(set) var names: [String] = []
  /// Each tensor's place.
  private(set) var entries: [String: Entry] = [:]
  /// Where the data begin in the file, bytes.
  private(set) var dataStart = 0

  // No known model comes near these; what claims more is damaged, and refused before it costs time.
  private static let mostKeys: UInt64 = 65536
  private static let mostTensors: UInt64 = 65536
  private static let largestAlignment = 1 << 20

  /// Reads and checks the header of a whole file.
  init(_ file: MappedFile, name: String) throws {
    var reader = GGUFReader(file, name: name)
    try readVersion(&reader)
    let tensors = try reader.integer(UInt64.self)
    let keys = try reader.integer(UInt64.self)
    guard tensors <= GGUFHeader.mostTensors else {
      throw reader.error("It claims \(tensors) tensors; at most \(Self.mostTensors) are allowed.")
    }
    guard keys <= GGUFHeader.mostKeys else {
      throw reader.error("It claims \(keys) keys; at most \(Self.mostKeys) are allowed.")
    }
    for _ in 0..<keys { try metadata.append(reader.entry(), reader) }
    let alignment = try alignment(reader)
    for _ in 0..<tensors { try readTensor(&reader, alignment: alignment) }
    dataStart = (reader.position + alignment - 1) / alignment * alignment
    try checkPlaces(reader)
  }

  private mutating func readVersion(_ reader: inout GGUFReader) throws {
    guard try reader.bytes(4).elementsEqual("GGUF".utf8) else {
      throw reader.error("It does not begin with ‘GGUF’.")
    }
    version = try reader.integer(UInt32.self)
    if version == 2 || version == 3 { return }
    if version.byteSwapped == 2 || version.byteSwapped == 3 {
      throw reader.refusal("it is big-endian; convert the model again for this machine.")
    }
    throw reader.refusal(
      "GGUF version \(version) is not supported, 2 and 3 are; convert the model again.")
  }

  private func alignment(_ reader: GGUFReader) throws -> Int {
    guard let value = metadata["general.alignment"] else { return 32 }
    guard let number = value.integer, number > 0, number <= Self.largestAlignment,
      number & (number - 1) == 0
    else {
      throw reader.error("Its ‘general.alignment’ is no power of two up to 2^20.")
    }
    return number
  }

  private mutating func readTensor(_ reader: inout GGUFReader, alignment: Int) throws {
    let name = try reader.string(longest: 256)
    let label = "Tensor \(quoted(name))"
    guard !name.isEmpty, entries[name] == nil else {
      throw reader.error("\(label) has no name or one that another tensor has.")
    }
    let dimensions = try reader.integer(UInt32.self)
    guard dimensions <= 4 else {
      throw reader.error("\(label) claims \(dimensions) dimensions; at most 4 are allowed.")
    }
    let sizes = try (0..<dimensions).map { _ in try reader.integer(UInt64.self) }
    let type = try reader.integer(UInt32.self)
    let offset = try reader.integer(UInt64.self)
    var count = 1
    for size in sizes {
      let (product, overflow) = count.multipliedReportingOverflow(by: Int(clamping: size))
      guard !overflow, product > 0, product < 1 << 48 else {
        throw reader.error("\(label) has a size of zero or a shape too large for any file.")
      }
      count = product
    }
    guard offset % UInt64(alignment) == 0, offset < 1 << 62 else {
      throw reader.error("\(label) does not begin at a multiple of \(alignment).")
    }
    let format = GGUFTensorType.format(type)
    let length = format.map { $0.bytes(of: count) } ?? 0
    let row = sizes.first.map { Int(clamping: $0) } ?? 1
    if let format, row % format.blockLength != 0 {
      throw reader.error("\(label) has rows that are no whole blocks of \(format.rawValue).")
    }
    names.append(name)
    entries[name] = Entry(
      type: type, format: format, shape: sizes.reversed().map { Int(clamping: $0) },
      range: Int(offset)..<Int(offset) + length)
  }

  private func checkPlaces(_ reader: GGUFReader) throws {
    let data = reader.size - dataStart
    var end = 0
    let sorted = entries.sorted {
      ($0.value.range.lowerBound, $0.key) < ($1.value.range.lowerBound, $1.key)
    }
    for (name, entry) in sorted {
      guard entry.range.upperBound <= data else {
        throw reader.error(
          "Tensor \(quoted(name)) ends at byte \(entry.range.upperBound) of the data, and there are "
            + "\(max(0, data)) bytes.")
      }
      guard entry.range.lowerBound >= end else {
        throw reader.error("Tensor \(quoted(name)) overlaps another one.")
      }
      end = entry.range.upperBound
    }
  }
}

/// Numbers of the element types in the format.
enum GGUFTensorType {
  private static let numbers: [(UInt32, StorageFormat)] = [
    (0, .f32), (1, .f16), (2, .q40), (3, .q41), (6, .q50), (7, .q51), (8, .q80), (12, .q4K),
    (13, .q5K), (14, .q6K), (20, .iq4NL), (23, .iq4XS), (30, .bf16),
  ]

  /// What that number stands for; nil where Crux does not read it.
  static func format(_ number: UInt32) -> StorageFormat? {
    numbers.first { $0.0 == number }?.1
  }

  /// The number of a format.
  static func number(_ format: StorageFormat) -> UInt32 {
    numbers.first { $0.1 == format }?.0 ?? 0
  }
}
