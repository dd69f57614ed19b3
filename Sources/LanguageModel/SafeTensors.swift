public import Foundation

/// A safetensors file, mapped read-only, its header checked whole before any tensor is touched.
public struct SafeTensors {
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
    let entry = try entry(name)
    guard entry.count == elements.count else {
      throw ModelFileError(
        file: file,
        problem: "tensor \(quoted(name)) has \(entry.count) elements instead of \(elements.count).")
    }
    let start = header.dataStart
    let bytes = UnsafeRawBufferPointer(
      rebasing: mapping.bytes[(start + entry.range.lowerBound)..<(start + entry.range.upperBound)])
    switch entry.type {
    case "F32": UnsafeMutableRawBufferPointer(elements).copyMemory(from: bytes)
    case "F16": widen(bytes, elements) { Float(Float16(bitPattern: $0)) }
    case "BF16": widen(bytes, elements) { Float(bitPattern: UInt32($0) << 16) }
    default:
      throw ModelFileError(
        file: file,
        problem: "tensor \(quoted(name)) is \(entry.type); convert it to F32, F16 or BF16.")
    }
  }

  private func entry(_ name: String) throws -> SafeTensorsHeader.Entry {
    guard let entry = header.entries[name] else {
      throw ModelFileError(file: file, problem: "tensor \(quoted(name)) is missing.")
    }
    return entry
  }

  private func widen(
    _ bytes: UnsafeRawBufferPointer, _ elements: UnsafeMutableBufferPointer<Float>,
    _ convert: (UInt16) -> Float
  ) {
    for index in 0..<elements.count {
      // Nothing promises that the data are aligned.
      let bits = bytes.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self)
      elements[index] = convert(UInt16(littleEndian: bits))
    }
  }
}
