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
