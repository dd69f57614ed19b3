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
