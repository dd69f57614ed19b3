import Foundation

@testable import ModelFiles

/// A small GGUF file, put together byte by byte so that any part of it can be wrong.
struct GGUFBytes {
  /// One tensor's description.
  struct Tensor {
    var name = "t"
    var sizes: [UInt64] = [4, 2]
    var type: UInt32 = 0
    var offset: UInt64 = 0
  }

  var magic = "GGUF"
  var version: UInt32 = 3
  var tensorCount: UInt64?
  var keyCount: UInt64?
  var keys: [[UInt8]] = []
  var tensors = [Tensor()]
  var data = 32
  /// Written over the first bytes of the data.
  var payload: [UInt8] = []

  static func number(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }

  static func text(_ text: String, claims: UInt64? = nil) -> [UInt8] {
    number(claims ?? UInt64(text.utf8.count)) + text.utf8
  }

  /// A key with a value of that type.
  static func key(_ name: String, _ type: UInt32, _ value: [UInt8]) -> [UInt8] {
    text(name) + number(type) + value
  }

  /// An array's value.
  static func array(_ type: UInt32, count: UInt64, _ elements: [UInt8]) -> [UInt8] {
    number(type) + number(count) + elements
  }

  /// A whole file with further keys, which come first.
  ///
  /// A filler among them keeps the data where they were within their alignment.
  static func adding(_ keys: [[UInt8]], to file: [UInt8]) -> [UInt8] {
    let filler = 32 - (keys.joined().count + key("filler", 8, text("")).count) % 32
    let all = keys + [key("filler", 8, text(String(repeating: " ", count: filler)))]
    let count = file[16..<24].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return file[..<16] + number(count + UInt64(all.count)) + all.joined() + file[24...]
  }

  /// The file.
  var bytes: [UInt8] {
    var bytes = Array(magic.utf8) + Self.number(version)
    bytes += Self.number(tensorCount ?? UInt64(tensors.count))
    bytes += Self.number(keyCount ?? UInt64(keys.count)) + keys.flatMap { $0 }
    for tensor in tensors {
      bytes += Self.text(tensor.name) + Self.number(UInt32(tensor.sizes.count))
      bytes += tensor.sizes.flatMap { Self.number($0) }
      bytes += Self.number(tensor.type) + Self.number(tensor.offset)
    }
    bytes += [UInt8](repeating: 0, count: (32 - bytes.count % 32) % 32)
    return bytes + payload
      + (0..<data).dropFirst(payload.count).map { UInt8(truncatingIfNeeded: $0) }
  }
}
