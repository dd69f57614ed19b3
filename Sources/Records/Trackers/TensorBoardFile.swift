/// The bytes of a TensorBoard event file.
///
/// A record is its length (64 bits, little-endian), that length's checksum, the bytes, and their
/// checksum; the bytes are a protobuf message `Event` (tensorflow/core/util/event.proto). Checksums
/// are CRC-32C, masked as TFRecord has it: rotated right by 15 bits, plus 0xA282EAD8.
public enum TensorBoardFile {
  /// The record a file begins with.
  public static func header(time: Double) -> [UInt8] {
    var event = Message()
    event.append(double: time, field: 1)
    event.append(Array("brain.Event:2".utf8), field: 3)
    return record(event.bytes)
  }

  /// The record of one moment's numbers, each a scalar.
  ///
  /// A scalar is a 32-bit float there, so numbers lose digits; `metrics.jsonl` has them all.
  public static func record(of point: TrackedPoint) -> [UInt8] {
    var summary = Message()
    for value in point.values {
      var scalar = Message()
      scalar.append(Array(value.name.utf8), field: 1)
      scalar.append(float: Float(value.value), field: 2)
      summary.append(scalar.bytes, field: 1)
    }
    var event = Message()
    event.append(double: point.time, field: 1)
    event.append(varint: UInt64(max(0, point.step)), field: 2)
    event.append(summary.bytes, field: 5)
    return record(event.bytes)
  }

  private static func record(_ bytes: [UInt8]) -> [UInt8] {
    let length = littleEndian(UInt64(bytes.count))
    return length + littleEndian(masked(checksum(length))) + bytes
      + littleEndian(masked(checksum(bytes)))
  }

  /// CRC-32C (Castagnoli), bits reflected.
  static func checksum(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~UInt32(0)) { sum, byte in
      (sum >> 8) ^ table[Int((sum ^ UInt32(byte)) & 0xFF)]
    }
  }

  private static func masked(_ sum: UInt32) -> UInt32 {
    (sum >> 15 | sum << 17) &+ 0xA282_EAD8
  }

  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { sum, _ in sum & 1 == 0 ? sum >> 1 : sum >> 1 ^ 0x82F6_3B78 }
  }

  fileprivate static func littleEndian(_ number: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: number.littleEndian) { Array($0) }
  }
}

/// A protobuf message as far as an event needs it.
private struct Message {
  private(set) var bytes: [UInt8] = []

  mutating func append(varint number: UInt64, field: UInt64) {
    append(field << 3)
    append(number)
  }

  mutating func append(double: Double, field: UInt64) {
    append(field << 3 | 1)
    bytes += TensorBoardFile.littleEndian(double.bitPattern)
  }

  mutating func append(float: Float, field: UInt64) {
    append(field << 3 | 5)
    bytes += TensorBoardFile.littleEndian(float.bitPattern)
  }

  mutating func append(_ content: [UInt8], field: UInt64) {
    append(field << 3 | 2)
    append(UInt64(content.count))
    bytes += content
  }

  private mutating func append(_ number: UInt64) {
    var rest = number
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}
