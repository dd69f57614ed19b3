import Foundation
import Glibc

/// A sentence for the user that ends a command with exit code 1.
struct Complaint: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
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
