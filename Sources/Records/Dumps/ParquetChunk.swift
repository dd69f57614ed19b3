/// The pages of one column of one row group.
struct ParquetChunk {
  private let leaf: ParquetNode
  private let codec: Int
  private let bytes: [UInt8]
  private let count: Int
  private var dictionary: [DumpValue] = []
  private var column: ParquetColumn

  private static let damaged = DumpFault("a parquet page of it is damaged")

  init(
    _ file: DumpBytes, _ leaf: ParquetNode, _ metadata: [Int: ThriftCompact.Value]
  ) throws(DumpFault) {
    let dictionary = metadata[11]?.integer ?? 0
    guard let data = metadata[9]?.integer, let size = metadata[7]?.integer,
      let count = metadata[5]?.integer, (0...ParquetFile.valueLimit).contains(count),
      size <= Compressed.heldLimit
    else { throw Self.damaged }
    let start = dictionary > 0 ? min(dictionary, data) : data
    bytes = try file.read(at: start, count: size)
    codec = metadata[4]?.integer ?? 0
    self.leaf = leaf
    self.count = count
    column = ParquetColumn(leaf)
  }

  /// Every value of it.
  mutating func read() throws(DumpFault) -> ParquetColumn {
    var position = 0
    while column.definitions.count < count {
      guard position < bytes.count else { throw Self.damaged }
      var thrift = ThriftCompact(Array(bytes[position...].prefix(1 << 16)))
      let header = try thrift.structure()
      position += thrift.position
      guard let size = header[3]?.integer, let whole = header[2]?.integer, size >= 0,
        whole >= 0, whole <= Compressed.heldLimit, size <= bytes.count - position
      else { throw Self.damaged }
      try page(header, Array(bytes[position..<position + size]), whole)
      position += size
    }
    return column
  }

  private mutating func page(
    _ header: [Int: ThriftCompact.Value], _ body: [UInt8], _ whole: Int
  ) throws(DumpFault) {
    switch header[1]?.integer {
    case 0:
      guard let page = header[5]?.fields, let count = page[1]?.integer else { throw Self.damaged }
      var reader = ParquetReader(try decompressed(body, whole))
      try checkCount(count)
      let repetitions = try reader.sizedLevels(leaf.repetition, count)
      let definitions = try reader.sizedLevels(leaf.definition, count)
      try take(repetitions, definitions, page[2]?.integer ?? 0, &reader)
    case 2:
      guard let page = header[7]?.fields, let count = page[1]?.integer else { throw Self.damaged }
      try checkCount(count)
      var reader = ParquetReader(try decompressed(body, whole))
      dictionary = try reader.plain(leaf.type ?? -1, count)
    case 3: try secondPage(header[8]?.fields ?? [:], body, whole)
    default: break
    }
  }

  /// A data page of version 2: its levels are not compressed.
  private mutating func secondPage(
    _ page: [Int: ThriftCompact.Value], _ body: [UInt8], _ whole: Int
  ) throws(DumpFault) {
    guard let count = page[1]?.integer, let first = page[6]?.integer, let second = page[5]?.integer,
      first >= 0, second >= 0, first <= body.count, second <= body.count - first,
      first + second <= whole
    else { throw Self.damaged }
    try checkCount(count)
    var levels = ParquetReader(Array(body.prefix(first)))
    let repetitions = try levels.levels(leaf.repetition, count)
    levels = ParquetReader(Array(body[first..<first + second]))
    let definitions = try levels.levels(leaf.definition, count)
    var rest = Array(body[(first + second)...])
    if case .flag(false)? = page[7] {
    } else {
      rest = try decompressed(rest, whole - first - second)
    }
    var reader = ParquetReader(rest)
    try take(repetitions, definitions, page[4]?.integer ?? 0, &reader)
  }

  private func checkCount(_ count: Int) throws(DumpFault) {
    guard count >= 0, count <= self.count - column.definitions.count || count <= self.count else {
      throw Self.damaged
    }
  }

  private mutating func take(
    _ repetitions: [UInt8], _ definitions: [UInt8], _ encoding: Int, _ reader: inout ParquetReader
  ) throws(DumpFault) {
    column.repetitions += repetitions
    column.definitions += definitions
    guard column.definitions.count <= count else { throw Self.damaged }
    let there = definitions.count { Int($0) == leaf.definition }
    let type = leaf.type ?? -1
    switch encoding {
    case 0: column.values += try reader.plain(type, there)
    case 2, 8:
      let width = there == 0 ? 0 : Int(try reader.byte())
      for index in try reader.runs(width: width, there) {
        guard index < dictionary.count else { throw Self.damaged }
        column.values.append(dictionary[Int(index)])
      }
    case 3 where type == 0:
      _ = try reader.little(4)
      column.values += try reader.runs(width: 1, there).map { .flag($0 == 1) }
    default:
      throw DumpFault("its column \(Words.quoted(leaf.name)) has an encoding that is not read")
    }
  }

  private func decompressed(_ body: [UInt8], _ whole: Int) throws(DumpFault) -> [UInt8] {
    switch codec {
    case 0: body
    case 1: try Snappy.bytes(body, limit: whole)
    case 2: try Compressed.bytes(.gzip, body, limit: whole)
    case 6: try Compressed.bytes(.zstandard, body, limit: whole)
    default:
      throw DumpFault(
        "its column \(Words.quoted(leaf.name)) has a compression that is not read; Snappy, gzip "
          + "and Zstandard are")
    }
  }
}

/// Reads what stands in a page.
struct ParquetReader {
  private let bytes: [UInt8]
  private var position = 0

  private static let damaged = DumpFault("a parquet page of it is damaged")

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func byte() throws(DumpFault) -> UInt8 {
    guard position < bytes.count else { throw Self.damaged }
    defer { position += 1 }
    return bytes[position]
  }

  /// A whole number of so many bytes, the lowest first.
  mutating func little(_ count: Int) throws(DumpFault) -> UInt64 {
    guard count <= bytes.count - position else { throw Self.damaged }
    var value: UInt64 = 0
    for index in 0..<count { value |= UInt64(bytes[position + index]) << (8 * UInt64(index)) }
    position += count
    return value
  }

  /// Levels after their length in bytes.
  mutating func sizedLevels(_ highest: Int, _ count: Int) throws(DumpFault) -> [UInt8] {
    guard highest > 0 else { return Array(repeating: 0, count: count) }
    let size = Int(try little(4))
    guard size <= bytes.count - position else { throw Self.damaged }
    var inner = ParquetReader(Array(bytes[position..<position + size]))
    position += size
    return try inner.levels(highest, count)
  }

  /// Levels up to the highest one.
  mutating func levels(_ highest: Int, _ count: Int) throws(DumpFault) -> [UInt8] {
    guard highest > 0 else { return Array(repeating: 0, count: count) }
    let width = Int.bitWidth - highest.leadingZeroBitCount
    return try runs(width: width, count).map { UInt8(truncatingIfNeeded: $0) }
  }

  /// Runs of equal numbers and packs of eight, each number so many bits wide.
  mutating func runs(width: Int, _ count: Int) throws(DumpFault) -> [UInt32] {
    guard (0...32).contains(width) else { throw Self.damaged }
    guard width > 0 else { return Array(repeating: 0, count: count) }
    var values: [UInt32] = []
    while values.count < count {
      let head = try varint()
      if head & 1 == 0 {
        let value = UInt32(truncatingIfNeeded: try little((width + 7) / 8))
        let length = min(Int(head >> 1), count - values.count)
        guard length > 0 else { throw Self.damaged }
        values += repeatElement(value, count: length)
      } else {
        try unpack(width, packs: head >> 1, upTo: count, &values)
      }
    }
    return values
  }

  private mutating func unpack(
    _ width: Int, packs: UInt64, upTo count: Int, _ values: inout [UInt32]
  ) throws(DumpFault) {
    guard packs > 0, packs <= (bytes.count - position) / width + 1 else { throw Self.damaged }
    let mask = width == 32 ? UInt64(UInt32.max) : (1 << UInt64(width)) - 1
    for _ in 0..<packs {
      var pack: [UInt8] = []
      // The last pack may be cut short.
      for _ in 0..<width { pack.append(position < bytes.count ? try byte() : 0) }
      for index in 0..<8 where values.count < count {
        var bits: UInt64 = 0
        let first = index * width / 8
        for offset in 0..<5 where first + offset < pack.count {
          bits |= UInt64(pack[first + offset]) << (8 * UInt64(offset))
        }
        values.append(UInt32(truncatingIfNeeded: bits >> UInt64(index * width % 8) & mask))
      }
    }
  }

  private mutating func varint() throws(DumpFault) -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 35, by: 7) {
      let byte = try byte()
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    throw Self.damaged
  }

  /// Values of a physical type, one after another.
  mutating func plain(_ type: Int, _ count: Int) throws(DumpFault) -> [DumpValue] {
    var values: [DumpValue] = []
    values.reserveCapacity(min(count, bytes.count))
    switch type {
    case 0:
      guard (count + 7) / 8 <= bytes.count - position else { throw Self.damaged }
      for index in 0..<count {
        values.append(.flag(bytes[position + index / 8] >> UInt8(index % 8) & 1 == 1))
      }
    case 1:
      for _ in 0..<count {
        let bits = UInt32(truncatingIfNeeded: try little(4))
        values.append(.integer(Int64(Int32(bitPattern: bits))))
      }
    case 2: for _ in 0..<count { values.append(.integer(Int64(bitPattern: try little(8)))) }
    case 4:
      for _ in 0..<count {
        let bits = UInt32(truncatingIfNeeded: try little(4))
        values.append(.number(Double(Float(bitPattern: bits))))
      }
    case 5: for _ in 0..<count { values.append(.number(Double(bitPattern: try little(8)))) }
    case 6: for _ in 0..<count { values.append(try text()) }
    default: values = Array(repeating: .null, count: count)
    }
    return values
  }

  private mutating func text() throws(DumpFault) -> DumpValue {
    let count = Int(try little(4))
    guard count <= bytes.count - position else { throw Self.damaged }
    defer { position += count }
    return .text(String(decoding: bytes[position..<position + count], as: UTF8.self))
  }
}
