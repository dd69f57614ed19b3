import Foundation

/// Server-sent events, taken apart as their bytes arrive.
///
/// An event is the `data:` lines up to an empty line. Lines that begin with a colon are comments,
/// with which servers keep a silent connection open; other fields are of no use here. Lines may end
/// in any of the three ways, and a line may arrive in any number of pieces.
struct EventStreamParser {
  private var line: [UInt8] = []
  private var data: [UInt8] = []
  private var hasData = false
  private var endedInReturn = false

  /// The events that are whole after these bytes.
  mutating func read(_ bytes: Data) -> [Data] {
    var events: [Data] = []
    for byte in bytes {
      let isSecondHalf = endedInReturn && byte == 10
      endedInReturn = byte == 13
      if isSecondHalf { continue }
      if byte == 10 || byte == 13 {
        if let event = endLine() { events.append(event) }
      } else {
        line.append(byte)
      }
    }
    return events
  }

  /// The event that the last empty line is missing of, at the end of the stream.
  mutating func end() -> Data? {
    if !line.isEmpty { _ = endLine() }
    return endLine()
  }

  private mutating func endLine() -> Data? {
    defer { line.removeAll(keepingCapacity: true) }
    guard !line.isEmpty else {
      defer {
        data.removeAll(keepingCapacity: true)
        hasData = false
      }
      return hasData ? Data(data) : nil
    }
    guard line.starts(with: Array("data:".utf8)) else { return nil }
    if hasData { data.append(10) }
    hasData = true
    let value = line.dropFirst(5)
    data += value.first == 32 ? value.dropFirst() : value
    return nil
  }
}
