/// Snappy's raw format, decompressed.
///
/// Source: `format_description.txt` of google/snappy.
enum Snappy {
  /// All of what some bytes stand for.
  ///
  /// - Throws: Where they are damaged, or come to more than `limit` bytes.
  static func bytes(_ compressed: [UInt8], limit: Int) throws(DumpFault) -> [UInt8] {
    var position = 0
    let count = try length(compressed, &position)
    guard count <= limit else { throw damaged }
    var output: [UInt8] = []
    // A copy of three bytes makes 64 at most, so a damaged length costs no memory.
    output.reserveCapacity(min(count, compressed.count * 22))
    while position < compressed.count {
      let tag = compressed[position]
      position += 1
      if tag & 3 == 0 {
        try literal(compressed, tag, &position, &output)
      } else {
        try copy(compressed, tag, &position, &output)
      }
      guard output.count <= count else { throw damaged }
    }
    guard output.count == count else { throw damaged }
    return output
  }

  private static let damaged = DumpFault("its Snappy bytes are damaged")

  private static func length(
    _ bytes: [UInt8], _ position: inout Int
  ) throws(DumpFault) -> Int {
    var value = 0
    for shift in stride(from: 0, to: 35, by: 7) {
      guard position < bytes.count else { break }
      let byte = bytes[position]
      position += 1
      value |= Int(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    throw damaged
  }

  private static func little(
    _ bytes: [UInt8], _ count: Int, _ position: inout Int
  ) throws(DumpFault) -> Int {
    guard count <= bytes.count - position else { throw damaged }
    var value = 0
    for index in 0..<count { value |= Int(bytes[position + index]) << (8 * index) }
    position += count
    return value
  }

  private static func literal(
    _ bytes: [UInt8], _ tag: UInt8, _ position: inout Int, _ output: inout [UInt8]
  ) throws(DumpFault) {
    var count = Int(tag >> 2)
    if count >= 60 { count = try little(bytes, count - 59, &position) }
    count += 1
    guard count <= bytes.count - position else { throw damaged }
    output += bytes[position..<position + count]
    position += count
  }

  private static func copy(
    _ bytes: [UInt8], _ tag: UInt8, _ position: inout Int, _ output: inout [UInt8]
  ) throws(DumpFault) {
    let count = tag & 3 == 1 ? Int(tag >> 2 & 7) + 4 : Int(tag >> 2) + 1
    let low = try little(bytes, [0, 1, 2, 4][Int(tag & 3)], &position)
    let distance = tag & 3 == 1 ? Int(tag >> 5) << 8 | low : low
    guard distance > 0, distance <= output.count else { throw damaged }
    for _ in 0..<count { output.append(output[output.count - distance]) }
  }
}
