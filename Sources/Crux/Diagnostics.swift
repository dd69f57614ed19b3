import Foundation
import Glibc
import Workbench

/// A sentence for the user that ends a command with exit code 1.
struct Complaint: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

/// Writes what models and files said to standard output such that nothing in it acts on a terminal.
///
/// JSON keeps its meaning: there the same characters are written as escapes.
func show(_ text: String, json: Bool) {
  print(json ? escaped(text) : inert(text, keepingNewlines: true))
}

/// JSON with the C1 and bidirectional controls, which JSON may hold as they are, as escapes.
private func escaped(_ json: String) -> String {
  var out = String.UnicodeScalarView()
  for scalar in json.unicodeScalars {
    switch scalar.value {
    case 0x7F...0x9F, 0x061C, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069:
      out.append(contentsOf: String(format: "\\u%04x", scalar.value).unicodeScalars)
    default: out.append(scalar)
    }
  }
  return String(out)
}

/// Writes a line to standard error: progress and warnings go there, results to standard output.
func tell(_ line: String) {
  FileHandle.standardError.write(Data((line + "\n").utf8))
}

/// Replaces the last line on standard error where it is a terminal; says nothing elsewhere.
func tellProgress(_ line: String) {
  guard isatty(STDERR_FILENO) == 1 else { return }
  FileHandle.standardError.write(Data("\r\u{1B}[K\(line)".utf8))
}

/// Ends a line of progress.
func endProgress() {
  guard isatty(STDERR_FILENO) == 1 else { return }
  FileHandle.standardError.write(Data("\r\u{1B}[K".utf8))
}
