public import Foundation

/// What went wrong with something on disk, in sentences for the person who asked for it.
public struct RecordsError: LocalizedError, CustomStringConvertible, Equatable, Sendable {
  /// One sentence a fault: what is wrong, where, and what to do.
  public let sentences: [String]
  /// Whether it is only that there is no room left, so that the same may work later.
  public private(set) var isDiskFull = false

  /// An error of one sentence.
  public init(_ sentence: String) { sentences = [sentence] }

  /// An error of one sentence where there is no room left.
  static func diskFull(_ sentence: String) -> RecordsError {
    var error = RecordsError(sentence)
    error.isDiskFull = true
    return error
  }

  /// An error of several sentences, in the order of the file.
  public init(_ sentences: [String]) { self.sentences = sentences }

  /// The sentences, one a line.
  public var description: String { sentences.joined(separator: "\n") }

  /// The same, for callers that only know `Error`.
  public var errorDescription: String? { description }
}

extension RecordsError {
  /// Wraps the system's last error number in a sentence.
  static func system(_ what: String) -> RecordsError {
    let reason = errno
    let sentence = "\(what): \(String(cString: strerror(reason)))."
    return [ENOSPC, EDQUOT].contains(reason)
      ? RecordsError.diskFull(sentence) : RecordsError(sentence)
  }
}
