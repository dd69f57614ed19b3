import Foundation

/// What a judge writes to standard output: one line for an answer, and in it a number from 0 to 1.
///
/// Nothing of it is trusted: lines are bounded, and what is no such number is a fault that quotes it.
struct JudgeOutput {
  private var bytes: [UInt8] = []

  /// Longest line of an answer, bytes.
  private static let longestLine = 4096
  /// So much unread is a flood, which is read no further.
  private static let mostUnread = 1 << 16

  /// What is wrong, as the end of a sentence that began with the command.
  struct Fault: Error, CustomStringConvertible {
    let description: String
    init(_ words: String) { description = words }
  }

  /// Whether more need not be read to see that it writes what nobody asked for.
  var isFlooded: Bool { bytes.count > Self.mostUnread }

  /// Whether a whole line waits.
  var hasLine: Bool { bytes.contains(0x0A) }

  /// Takes what was read of it.
  mutating func take(_ piece: some Sequence<UInt8>) { bytes += piece }

  /// The next line without its end; nil while it is not whole.
  mutating func takeLine() throws -> [UInt8]? {
    guard let end = bytes.firstIndex(of: 0x0A) else {
      guard bytes.count <= Self.longestLine else {
        throw Fault("wrote no line end in \(Self.longestLine) bytes")
      }
      return nil
    }
    guard end <= Self.longestLine else {
      throw Fault("wrote a line of more than \(Self.longestLine) bytes")
    }
    defer { bytes.removeFirst(end + 1) }
    var line = Array(bytes[..<end])
    if line.last == 0x0D { line.removeLast() }
    return line
  }

  /// Holds that nothing is left.
  func expectNothing() throws {
    guard !bytes.isEmpty else { return }
    let surplus = bytes.prefix(Self.longestLine).prefix { $0 != 0x0A }
    throw Fault(
      "wrote \(quoted(String(decoding: surplus, as: UTF8.self))) beyond its one line for an answer")
  }

  /// The number from 0 to 1 that a line is.
  static func number(in line: [UInt8]) throws -> Double {
    guard !line.contains(0) else { throw Fault("answered with a NUL byte in its line") }
    let word = String(decoding: line, as: UTF8.self).trimmingCharacters(in: .whitespaces)
    guard !word.isEmpty else { throw Fault("answered with an empty line") }
    // What else Swift reads, such as 0x1p-1, hardly anybody means.
    let isPlain = word.utf8.allSatisfy { "0123456789+-.eE".utf8.contains($0) }
    guard isPlain, let number = Double(word), (0...1).contains(number) else {
      throw Fault("answered \(quoted(word)), which is no number from 0 to 1")
    }
    return number
  }
}
