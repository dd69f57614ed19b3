import Foundation
import Glibc
import Session

/// A question to the person at the terminal.
enum TerminalQuestion {
  /// Whether somebody is there to be asked: a terminal to read from and to write to, which is ours.
  static var isAtTerminal: Bool {
    isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1 && tcgetpgrp(STDIN_FILENO) == getpgrp()
  }

  /// Asks at the terminal; only a typed yes is one.
  static func isAnsweredYes(_ question: String) throws -> Bool {
    // What was typed before the question was seen is no answer to it.
    tcflush(STDIN_FILENO, TCIFLUSH)
    tellProgress(question)
    var answer: [UInt8] = []
    while answer.count < 100 {
      var asked = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
      // A read would go on after a Ctrl-C.
      let isReady = poll(&asked, 1, 100) > 0
      guard !Interruption.isAsked else { break }
      guard isReady else { continue }
      var byte: UInt8 = 0
      guard read(STDIN_FILENO, &byte, 1) == 1, byte != 0x0A else { break }
      answer.append(byte)
    }
    guard !Interruption.isAsked else { throw Complaint("Interrupted; nothing was allowed.") }
    let word = String(decoding: answer, as: UTF8.self).trimmingCharacters(in: .whitespaces)
    return ["yes", "y"].contains(word.lowercased())
  }

  /// Shows words and asks; nil where nobody is there to be asked.
  static func ask(_ words: String, _ question: String) throws -> Bool? {
    guard isAtTerminal else { return nil }
    tell(words)
    return try isAnsweredYes(question)
  }
}
