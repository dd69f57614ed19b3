import Foundation
import Tensors

/// The keys of a GGUF file that is to be written, each with its value's type and bytes.
struct GGUFKeys {
  private(set) var entries: [(key: String, type: GGUFValueType, bytes: [UInt8])] = []

  /// The header's part of keys and values.
  var bytes: [UInt8] {
    entries.flatMap { GGUFKeys.bytes($0.key) + GGUFKeys.bytes($0.type.rawValue) + $0.bytes }
  }

  /// Sets a key; one that is there keeps its place.
  mutating func set(_ key: String, _ type: GGUFValueType, _ bytes: [UInt8]) {
    if let index = entries.firstIndex(where: { $0.key == key }) {
      entries[index] = (key, type, bytes)
    } else {
      entries.append((key, type, bytes))
    }
  }

  /// Sets a key to a text.
  mutating func set(_ key: String, _ text: String) { set(key, .string, GGUFKeys.bytes(text)) }

  /// Sets a key to a number below 2^32.
  mutating func set(_ key: String, _ number: Int) {
    set(key, .uint32, GGUFKeys.bytes(UInt32(clamping: number)))
  }

  /// Sets a key to a 32-bit float.
  mutating func set(_ key: String, _ number: Float) {
    set(key, .float32, GGUFKeys.bytes(number.bitPattern))
  }

  /// Sets a key to a truth value.
  mutating func set(_ key: String, _ flag: Bool) { set(key, .bool, [flag ? 1 : 0]) }

  /// Sets a key to texts.
  mutating func set(_ key: String, _ texts: [String]) {
    set(key, .array, GGUFKeys.arrayHead(.string, texts.count) + texts.flatMap(GGUFKeys.bytes))
  }

  /// Sets a key to numbers.
  mutating func set(_ key: String, _ numbers: [Int32]) {
    set(key, .array, GGUFKeys.arrayHead(.int32, numbers.count) + numbers.flatMap(GGUFKeys.bytes))
  }

  /// A number, little-endian.
  static func bytes(_ number: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: number.littleEndian) { Array($0) }
  }

  /// A text after its length.
  static func bytes(_ text: String) -> [UInt8] { bytes(UInt64(text.utf8.count)) + text.utf8 }

  private static func arrayHead(_ type: GGUFValueType, _ count: Int) -> [UInt8] {
    bytes(type.rawValue) + bytes(UInt64(count))
  }
}

/// A tensor of a GGUF file that is to be written.
struct GGUFTensor {
  /// Its name in GGUF.
  let name: String
  /// Row-major shape.
  let shape: [Int]
  /// How it is stored.
  let format: StorageFormat
  /// Its numbers, row-major.
  let values: UnsafeBufferPointer<Float>
  /// Width of a head whose rows are to be interleaved; nil leaves them in order.
  var interleaved: Int?

  /// Bytes in the file, without what fills up to the alignment.
  var length: Int { format.bytes(of: values.count) }

  /// The description in the header; `offset` is within the data, bytes.
  func description(offset: Int) -> [UInt8] {
    GGUFKeys.bytes(name) + GGUFKeys.bytes(UInt32(shape.count))
      + shape.reversed().flatMap { GGUFKeys.bytes(UInt64($0)) }
      + GGUFKeys.bytes(GGUFTensorType.number(format)) + GGUFKeys.bytes(UInt64(offset))
  }

  /// The numbers as they are stored.
  func stored() -> [UInt8] {
    let rows = shape.count < 2 ? 1 : shape[0]
    let rowLength = values.count / max(1, rows)
    let rowBytes = format.bytes(of: rowLength)
    return [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
      guard let to = UnsafeMutableRawPointer(buffer.baseAddress), let from = values.baseAddress
      else { return }
      if let head = interleaved, shape.count < 2 {
        for row in 0..<values.count {
          let place = StoredTensor.interleavedRow(row, head: head)
          format.store(from + row, count: 1, into: to + place * format.bytes(of: 1))
        }
      } else {
        for row in 0..<rows {
          let place = interleaved.map { StoredTensor.interleavedRow(row, head: $0) } ?? row
          format.store(from + row * rowLength, count: rowLength, into: to + place * rowBytes)
        }
      }
      count = length
    }
  }
}
