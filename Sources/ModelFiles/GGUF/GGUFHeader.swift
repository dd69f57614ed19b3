import Tensors

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
    (13, .q5K), (14, .q6K), (30, .bf16),
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
