public import Foundation
import LanguageModel
public import Tensors

extension ModelFiles {
  /// Writes a GGUF file of version 3 that llama.cpp loads, aside first and renamed when complete.
  ///
  /// Vectors stay F32. In a file of Q8_0 a matrix whose rows are no multiple of 32 is F16. What a
  /// GGUF that this came from says of the model besides is kept where it still holds.
  ///
  /// - Parameters:
  ///   - url: Where to; a GGUF that is there is replaced, any other file is not.
  ///   - format: How matrices are stored, one of `StorageFormat.writable`.
  /// - Throws: `ModelFileError` where the disk refuses, another file is there, or the model has
  ///   what the format cannot say.
  public func saveGGUF(to url: URL, format: StorageFormat = .f32) throws {
    guard StorageFormat.writable.contains(format) else {
      throw ModelFileError(
        file: url.path, problem: "\(format.rawValue) is only read; write F32, F16 or Q8_0.")
    }
    if FileManager.default.fileExists(atPath: url.path), !GGUF.isGGUF(url) {
      throw ModelFileError(
        file: url.path, problem: "there is something that is no GGUF file; name a new file.")
    }
    if let problem = architecture.unwritable(as: .gguf) {
      throw ModelFileError(file: url.path, problem: problem)
    }
    let keys = try ggufKeys(format, file: url.path)
    let divisors = architecture.ropeScaling == nil ? [] : architecture.ropeDivisors
    try divisors.withUnsafeBufferPointer { divisors in
      var tensors = try parameters.slices.map { try tensor($0, format, file: url.path) }
      if !divisors.isEmpty {
        tensors.append(
          GGUFTensor(
            name: GGUFNames.rotation, shape: [divisors.count], format: .f32, values: divisors))
      }
      try FileWriter.write(to: url) { try ModelFiles.write(keys, tensors, to: $0) }
    }
  }

  private func tensor(
    _ slice: ParameterSlice, _ format: StorageFormat, file: String
  ) throws -> GGUFTensor {
    let values = UnsafeBufferPointer(rebasing: parameters.weights[slice.range])
    let names = GGUFNames(architecture: architecture)
    var chosen = format
    if slice.shape.count < 2 {
      chosen = .f32
    } else if (slice.shape.last ?? 0) % format.blockLength != 0 {
      chosen = .f16
    }
    let most: Float = chosen == .f16 ? 65504 : .greatestFiniteMagnitude
    if chosen != .f32, !values.allSatisfy({ $0.magnitude <= most }) {
      throw ModelFileError(
        file: file,
        problem: "tensor \(quoted(slice.name)) has numbers that \(chosen.rawValue) cannot hold; "
          + "write F32.")
    }
    return GGUFTensor(
      name: names.name(of: slice.name), shape: slice.shape, format: chosen, values: values,
      interleaved: names.interleaved(slice.name))
  }

  private static func write(
    _ keys: GGUFKeys, _ tensors: [GGUFTensor], to file: FileWriter
  ) throws {
    let alignment = 32
    func padding(_ length: Int) -> [UInt8] {
      [UInt8](repeating: 0, count: (alignment - length % alignment) % alignment)
    }
    var header = Array("GGUF".utf8) + GGUFKeys.bytes(UInt32(3))
    header += GGUFKeys.bytes(UInt64(tensors.count)) + GGUFKeys.bytes(UInt64(keys.entries.count))
    header += keys.bytes
    var offset = 0
    for tensor in tensors {
      header += tensor.description(offset: offset)
      offset += tensor.length + padding(tensor.length).count
    }
    header += padding(header.count)
    try header.withUnsafeBytes { try file.append($0) }
    for tensor in tensors {
      let bytes = tensor.stored()
      try (bytes + padding(bytes.count)).withUnsafeBytes { try file.append($0) }
    }
  }
}
