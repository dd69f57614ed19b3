public import Foundation
import Tensors

/// A safetensors file, mapped read-only, its header checked whole before any tensor is touched.
public struct SafeTensors: Sendable {
  private let mapping: MappedFile
  private let header: SafeTensorsHeader
  /// Path of the file.
  public let file: String

  /// Opens a file and checks its header.
  ///
  /// - Throws: `ModelFileError` where the file is missing or breaks a rule of the format.
  public init(contentsOf url: URL) throws {
    mapping = try MappedFile(url)
    file = url.path
    header = try SafeTensorsHeader(mapping.bytes, file: file)
  }

  /// Reads the bytes of a safetensors file; `file` is named in errors.
  public init(parsing bytes: [UInt8], file: String) throws {
    mapping = MappedFile(copying: bytes)
    self.file = file
    header = try SafeTensorsHeader(mapping.bytes, file: file)
  }

  /// The tensors' names, in the order of the data.
  public var names: [String] { header.names }

  /// Free texts of the file.
  public var metadata: [String: String] { header.metadata }

  /// The shape of a tensor, row-major, empty for a scalar; nil where there is none of that name.
  public func shape(of name: String) -> [Int]? { header.entries[name]?.shape }

  /// All elements of a tensor; F32, F16 and BF16 are read.
  ///
  /// - Throws: `ModelFileError` where it is missing or of another type.
  public func floats(of name: String) throws -> [Float] {
    let entry = try entry(name)
    return try [Float](unsafeUninitializedCapacity: entry.count) { buffer, count in
      let elements = UnsafeMutableBufferPointer(rebasing: buffer[..<entry.count])
      try copy(name, into: elements)
      count = entry.count
    }
  }

  /// Writes all elements of a tensor to memory of exactly that many; F32, F16 and BF16 are read.
  ///
  /// - Throws: `ModelFileError` where it is missing, of another type or of another count.
  public func copy(_ name: String, into elements: UnsafeMutableBufferPointer<Float>) throws {
    let tensor = try stored(name)
    guard tensor.count == elements.count else {
      throw ModelFileError(
        file: file,
        problem:
          "tensor \(quoted(name)) has \(tensor.count) elements instead of \(elements.count).")
    }
    guard let start = elements.baseAddress else { return }
    tensor.expand(0..<tensor.rows, into: start)
  }

  /// Where and how a tensor lies in the file.
  func stored(_ name: String) throws -> StoredTensor {
    let entry = try entry(name)
    guard let format = StorageFormat(rawValue: entry.type), format.blockLength == 1 else {
      throw ModelFileError(
        file: file,
        problem: "tensor \(quoted(name)) is \(entry.type); convert it to F32, F16 or BF16.")
    }
    return StoredTensor(
      file: mapping, start: header.dataStart + entry.range.lowerBound, format: format,
      shape: entry.shape)
  }

  private func entry(_ name: String) throws -> SafeTensorsHeader.Entry {
    guard let entry = header.entries[name] else {
      throw ModelFileError(file: file, problem: "tensor \(quoted(name)) is missing.")
    }
    return entry
  }
}

/// The header of a safetensors file, every rule of the format checked.
///
/// The file is a little-endian u64 n, n bytes of JSON, then the tensors' bytes. Sorted by offset
/// the tensors fill the rest of the file exactly: no hole, no overlap, nothing left over.
struct SafeTensorsHeader: Sendable {
  /// One tensor's place.
  struct Entry: Equatable, Sendable {
    /// Name of the element type in the file, such as `F32`.
    var type: String
    /// Row-major shape; empty for a scalar.
    var shape: [Int]
    /// Place within the data, bytes.
    var range: Range<Int>
    /// Number of elements.
    var count: Int
  }

  /// Names in the order of the data.
  private(set) var names: [String] = []
  /// Each tensor's place.
  private(set) var entries: [String: Entry] = [:]
  /// Free texts of the file.
  private(set) var metadata: [String: String] = [:]
  /// Where the data begin in the file, bytes.
  let dataStart: Int

  private static let bits: [String: Int] = [
    "BOOL": 8, "U8": 8, "I8": 8, "F8_E5M2": 8, "F8_E4M3": 8, "F8_E8M0": 8, "F8_E4M3FNUZ": 8,
    "F8_E5M2FNUZ": 8, "F4": 4, "F6_E2M3": 6, "F6_E3M2": 6, "I16": 16, "U16": 16, "F16": 16,
    "BF16": 16, "I32": 32, "U32": 32, "F32": 32, "F64": 64, "I64": 64, "U64": 64, "C64": 64,
  ]

  /// Reads and checks the header of a whole file.
  init(_ bytes: UnsafeRawBufferPointer, file: String) throws {
    func error(_ problem: String) -> ModelFileError {
      ModelFileError(file: file, problem: problem + " The file is damaged or not safetensors.")
    }
    guard bytes.count >= 8 else {
      throw error("It has \(bytes.count) bytes, too few for a header.")
    }
    let length = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
    guard length <= 100_000_000 else {
      throw error("Its header claims \(length) bytes; at most 100000000 are allowed.")
    }
    guard Int(length) <= bytes.count - 8 else {
      throw error("Its header claims \(length) bytes and the file has \(bytes.count).")
    }
    dataStart = 8 + Int(length)
    guard length > 0, bytes[8] == UInt8(ascii: "{") else {
      throw error("Its header begins without ‘{’.")
    }
    let json = try JSONReader.read([UInt8](bytes[8..<dataStart]), file: file + " (header)")
    for member in json.members ?? [] {
      if member.key == "__metadata__" {
        metadata = try SafeTensorsHeader.metadata(member.value, error)
      } else {
        guard entries[member.key] == nil else {
          throw error("Two tensors have canonically equal names \(quoted(member.key)).")
        }
        entries[member.key] = try SafeTensorsHeader.entry(member, error)
      }
    }
    try layOut(data: bytes.count - dataStart, error)
  }

  private static func metadata(
    _ json: JSON, _ error: (String) -> ModelFileError
  ) throws -> [String: String] {
    var texts: [String: String] = [:]
    guard let members = json.members else { throw error("Its ‘__metadata__’ is no object.") }
    for member in members {
      guard let text = member.value.string else {
        throw error("Its metadata \(quoted(member.key)) is no text.")
      }
      texts[member.key] = text
    }
    return texts
  }

  private static func entry(
    _ member: JSONMember, _ error: (String) -> ModelFileError
  ) throws -> Entry {
    let name = "Tensor \(quoted(member.key))"
    guard let type = member.value["dtype"]?.string, let bits = bits[type] else {
      throw error("\(name) has no known ‘dtype’.")
    }
    guard let shape = member.value["shape"]?.array?.map(\.integer),
      let ends = member.value["data_offsets"]?.array?.map(\.integer), ends.count == 2
    else { throw error("\(name) lacks ‘shape’ or ‘data_offsets’.") }
    var count = 1
    for size in shape {
      guard let size, size >= 0 else { throw error("\(name) has a shape that is no shape.") }
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      guard !overflow else { throw error("\(name) has a shape too large for any file.") }
      count = product
    }
    guard let begin = ends[0], let end = ends[1], begin >= 0, begin <= end else {
      throw error("\(name) ends before it begins.")
    }
    let (size, overflow) = count.multipliedReportingOverflow(by: bits)
    guard !overflow, size % 8 == 0, size / 8 == end - begin else {
      throw error("\(name) has \(end - begin) bytes, which its shape and ‘\(type)’ contradict.")
    }
    return Entry(type: type, shape: shape.compactMap { $0 }, range: begin..<end, count: count)
  }

  private mutating func layOut(data: Int, _ error: (String) -> ModelFileError) throws {
    let sorted = entries.sorted {
      ($0.value.range.lowerBound, $0.value.range.upperBound, $0.key)
        < ($1.value.range.lowerBound, $1.value.range.upperBound, $1.key)
    }
    var end = 0
    for (name, entry) in sorted {
      let begin = entry.range.lowerBound
      guard begin == end else {
        throw error(
          "Tensor \(quoted(name)) begins at byte \(begin) of the data, and byte \(end) was next.")
      }
      end = entry.range.upperBound
    }
    guard end == data else {
      throw error("Its tensors end at byte \(end) of the data, and there are \(data) bytes.")
    }
    names = sorted.map(\.key)
  }
}

extension SafeTensors {
  /// One tensor to be written.
  public struct Tensor {
    /// Its name in the file.
    public var name: String
    /// Row-major shape.
    public var shape: [Int]
    private var values: Values

    private enum Values {
      case memory(UnsafeBufferPointer<Float>)
      case array([Float])
    }

    /// A tensor in memory that stays valid until it is written.
    public init(name: String, shape: [Int], values: UnsafeBufferPointer<Float>) {
      precondition(shape.reduce(1, *) == values.count, "\(name): \(shape), \(values.count) values")
      self.name = name
      self.shape = shape
      self.values = .memory(values)
    }

    /// A tensor of its own.
    public init(name: String, shape: [Int], values: [Float]) {
      precondition(shape.reduce(1, *) == values.count, "\(name): \(shape), \(values.count) values")
      self.name = name
      self.shape = shape
      self.values = .array(values)
    }

    /// Number of elements.
    public var count: Int { shape.reduce(1, *) }

    func append(to file: FileWriter) throws {
      switch values {
      case .memory(let values): try file.append(UnsafeRawBufferPointer(values))
      case .array(let values): try values.withUnsafeBytes { try file.append($0) }
      }
    }
  }

  /// Writes tensors as F32, sorted by name, aside first and renamed when complete.
  ///
  /// - Parameters:
  ///   - tensors: No name twice.
  ///   - url: Where to; a file there is replaced.
  ///   - metadata: Free texts beside `format: pt`, without which transformers 4 refuses a file.
  /// - Throws: `ModelFileError` where the disk refuses.
  public static func write(
    _ tensors: [Tensor], to url: URL, metadata: [String: String] = [:]
  ) throws {
    let tensors = tensors.sorted { $0.name < $1.name }
    var texts = metadata
    texts["format"] = "pt"
    var header: JSON = [:]
    header.set(
      "__metadata__",
      .object(texts.sorted { $0.key < $1.key }.map { JSONMember(key: $0, value: .string($1)) }))
    var members = header.members ?? []
    var offset = 0
    for tensor in tensors {
      let end = offset + tensor.count * 4
      members.append(JSONMember(key: tensor.name, value: entry(tensor.shape, offset, end)))
      offset = end
    }
    var text = JSON.object(members).compactText
    // Eight bytes of length come first, so this aligns the data to eight bytes too.
    text += String(repeating: " ", count: (8 - text.utf8.count % 8) % 8)
    try FileWriter.write(to: url) { file in
      try withUnsafeBytes(of: UInt64(text.utf8.count).littleEndian) { try file.append($0) }
      try file.append(text)
      for tensor in tensors { try tensor.append(to: file) }
    }
  }

  private static func entry(_ shape: [Int], _ begin: Int, _ end: Int) -> JSON {
    [
      "dtype": .string("F32"), "shape": .array(shape.map { .integer($0) }),
      "data_offsets": .array([.integer(begin), .integer(end)]),
    ]
  }
}
