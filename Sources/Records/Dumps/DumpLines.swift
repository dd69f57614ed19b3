import Foundation

/// The lines of a file, decompressed where need be, read in pieces.
final class DumpLines {
  /// A line that is not blank.
  struct Line {
    /// From 1.
    let number: Int
    /// Where it begins, in bytes of the decompressed file.
    let offset: Int
    /// What it holds, without its end.
    let bytes: ArraySlice<UInt8>
    /// Whether nothing ends it, so that it may still be written.
    let isLast: Bool
  }

  /// Most bytes of a line.
  static let lineLimit = 128 << 20
  private static let piece = 1 << 18

  private let more: (Int) throws -> [UInt8]
  private var buffer: [UInt8] = []
  /// Where in the buffer the next line begins.
  private var start = 0
  /// Up to where in the buffer there is no end of a line.
  private var scanned = 0
  /// Where the buffer begins in the file.
  private var base: Int
  /// How many lines were taken so far.
  private(set) var number = 0
  private var isAtEnd = false

  /// Lines from the start of a file.
  init(_ bytes: DumpBytes, _ compression: Compression?) throws(DumpFault) {
    more = try Self.source(bytes, compression)
    base = 0
  }

  private static func source(
    _ bytes: DumpBytes, _ compression: Compression?
  ) throws(DumpFault) -> (Int) throws -> [UInt8] {
    var place = 0
    let plain: (Int) throws -> [UInt8] = { count in
      let piece = try bytes.read(at: place, upTo: count)
      place += piece.count
      return piece
    }
    guard let compression else { return plain }
    let stream = try Compressed(compression, limit: Compressed.streamLimit, source: plain)
    return { try stream.read($0) }
  }

  /// How many bytes were taken so far, of the decompressed file.
  var offset: Int { base + start }

  /// The next line that is not blank; nil at the end.
  ///
  /// - Throws: Where the file cannot be read on, or a line is absurdly long; nothing follows then.
  func next() throws -> Line? {
    while true {
      guard let range = try nextRange() else { return nil }
      number += 1
      let bytes = buffer[range]
      guard !bytes.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) else { continue }
      return Line(
        number: number, offset: base + range.lowerBound, bytes: bytes,
        isLast: isAtEnd && range.upperBound == buffer.count)
    }
  }

  /// Passes over what lies before a byte of the file.
  func skip(to offset: Int) throws {
    while base + buffer.count <= offset, !isAtEnd {
      start = buffer.count
      try refill()
    }
    start = min(max(offset - base, 0), buffer.count)
    scanned = start
  }

  private func nextRange() throws -> Range<Int>? {
    while true {
      if let end = newline() {
        defer { (start, scanned) = (end + 1, end + 1) }
        return start..<end
      }
      scanned = buffer.count
      guard scanned - start <= Self.lineLimit else {
        isAtEnd = true
        (start, scanned) = (buffer.count, buffer.count)
        throw DumpFault("line \(number + 1) is longer than \(Self.lineLimit >> 20) MB")
      }
      if isAtEnd {
        guard start < buffer.count else { return nil }
        defer { start = buffer.count }
        return start..<buffer.count
      }
      do { try refill() } catch {
        isAtEnd = true
        (start, scanned) = (buffer.count, buffer.count)
        throw error
      }
    }
  }

  /// Where the next end of a line stands in the buffer.
  private func newline() -> Int? {
    guard scanned < buffer.count else { return nil }
    return buffer.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress,
        let found = memchr(base + scanned, 0x0A, bytes.count - scanned)
      else { return nil }
      return UnsafeRawPointer(found) - base
    }
  }

  private func refill() throws {
    // A long line is not copied for every piece of it.
    let piece = try more(max(Self.piece, buffer.count - start))
    if start > 0 {
      buffer.removeFirst(start)
      base += start
      scanned -= start
      start = 0
    }
    isAtEnd = piece.isEmpty
    buffer += piece
  }
}
