/// Thrift's compact protocol, as far as parquet's metadata needs it.
///
/// Source: `thrift-compact-protocol.md` of Apache Thrift.
struct ThriftCompact {
  /// A value; structures by the numbers of their fields.
  indirect enum Value {
    case flag(Bool)
    case integer(Int64)
    case number(Double)
    case bytes([UInt8])
    case list([Value])
    case structure([Int: Value])
  }

  private static let deepest = 32
  private let bytes: [UInt8]
  /// Where the next byte is read.
  private(set) var position = 0
  private var depth = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Reads a structure.
  mutating func structure() throws(DumpFault) -> [Int: Value] {
    guard depth < Self.deepest else { throw Self.damaged }
    depth += 1
    defer { depth -= 1 }
    var fields: [Int: Value] = [:]
    var field = 0
    while true {
      let head = try byte()
      guard head != 0 else { return fields }
      let delta = Int(head >> 4)
      field = delta > 0 ? field + delta : Int(truncatingIfNeeded: try zigzag())
      guard (0...Int(Int16.max)).contains(field) else { throw Self.damaged }
      fields[field] = try value(head & 0xF)
    }
  }

  private mutating func value(_ kind: UInt8) throws(DumpFault) -> Value {
    switch kind {
    case 1: .flag(true)
    case 2: .flag(false)
    case 3: .integer(Int64(Int8(bitPattern: try byte())))
    case 4, 5, 6: .integer(try zigzag())
    case 7: .number(try number())
    case 8: .bytes(try text())
    case 9, 10: .list(try list())
    case 12: .structure(try structure())
    default: throw Self.damaged
    }
  }

  private mutating func list() throws(DumpFault) -> [Value] {
    guard depth < Self.deepest else { throw Self.damaged }
    depth += 1
    defer { depth -= 1 }
    let head = try byte()
    let count = head >> 4 < 15 ? UInt64(head >> 4) : try varint()
    // A value takes a byte at least.
    guard count <= bytes.count - position else { throw Self.damaged }
    let kind = head & 0xF
    var values: [Value] = []
    for _ in 0..<count {
      values.append(kind == 1 || kind == 2 ? .flag(try byte() == 1) : try value(kind))
    }
    return values
  }

  private mutating func byte() throws(DumpFault) -> UInt8 {
    guard position < bytes.count else { throw Self.damaged }
    defer { position += 1 }
    return bytes[position]
  }

  private mutating func varint() throws(DumpFault) -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      let byte = try byte()
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    throw Self.damaged
  }

  private mutating func zigzag() throws(DumpFault) -> Int64 {
    let value = try varint()
    return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
  }

  private mutating func number() throws(DumpFault) -> Double {
    var bits: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 8) { bits |= UInt64(try byte()) << shift }
    return Double(bitPattern: bits)
  }

  private mutating func text() throws(DumpFault) -> [UInt8] {
    let count = try varint()
    guard count <= bytes.count - position else { throw Self.damaged }
    defer { position += Int(count) }
    return Array(bytes[position..<position + Int(count)])
  }

  private static let damaged = DumpFault("its parquet metadata is damaged")
}

extension ThriftCompact.Value {
  /// A whole number that fits.
  var integer: Int? {
    guard case .integer(let value) = self else { return nil }
    return Int(exactly: value)
  }

  /// A text.
  var text: String? {
    guard case .bytes(let bytes) = self else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// A list.
  var list: [ThriftCompact.Value]? {
    guard case .list(let list) = self else { return nil }
    return list
  }

  /// A structure's fields.
  var fields: [Int: ThriftCompact.Value]? {
    guard case .structure(let fields) = self else { return nil }
    return fields
  }
}
