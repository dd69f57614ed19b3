import Foundation
import Glibc
import Terminal
import Workbench

extension Screen {
  /// Asks the terminal to put text on the clipboard (OSC 52), which most do, over SSH too.
  func copied(_ text: String) -> Action {
    let encoded = Data(text.utf8).base64EncodedString()
    // Terminals drop longer requests without a word.
    guard encoded.utf8.count < 74_000 else {
      return .message(
        "The text is too long for the clipboard; :save writes it to a file.", .warning)
    }
    let sequence = Array("\u{1B}]52;c;\(encoded)\u{07}".utf8)
    _ = sequence.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
    return .message("Copied, if the terminal allows it (OSC 52).", .information)
  }
}
