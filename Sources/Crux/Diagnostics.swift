import Foundation
import Glibc
import Session
import Terminal
import Workbench

/// What stands behind a write that failed for the file size limit; nil where none did.
var fileSizeSentence: String? {
  Faults.metFileSizeLimit.map {
    " The file size limit of this shell is \($0 / 1024) KiB (ulimit -f); raise it, then go on: "
      + "what was written before is kept."
  }
}

// All that a command writes passes through here, so that nothing that a model, a file, a name or an
// argument says acts on a terminal. The workbench's screen is painted by `Terminal`.

/// Writes a result to standard output, inertly.
///
/// JSON keeps its meaning: there the same characters are written as escapes.
func show(_ text: String, json: Bool = false) {
  print(json ? escaped(text) : inert(text, keepingNewlines: true))
}

/// Writes to standard output what Crux itself painted from parts that are inert.
func showPainted(_ text: String) { print(text) }

/// Writes help, or a script that completes words, as it stands but for what a terminal might obey.
func showVerbatim(_ text: String) {
  let tabs = text.split(separator: "\t", omittingEmptySubsequences: false)
  print(tabs.map { inert(String($0), keepingNewlines: true) }.joined(separator: "\t"))
}

/// JSON with the C1 and bidirectional controls, which JSON may hold as they are, as escapes.
private func escaped(_ json: String) -> String {
  // The few bytes that all of those begin with.
  guard json.utf8.contains(where: { [0x7F, 0xC2, 0xD8, 0xE2].contains($0) }) else { return json }
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

/// Writes a line to standard error, inertly: progress and warnings go there, results to standard
/// output.
func tell(_ line: String) { writeError(inert(line, keepingNewlines: true) + "\n") }

/// Replaces the last line on standard error where it is a terminal; says nothing elsewhere.
func tellProgress(_ line: String) {
  guard isatty(STDERR_FILENO) == 1 else { return }
  writeError("\r\u{1B}[K" + inert(line))
}

/// Ends a line of progress.
func endProgress() {
  guard isatty(STDERR_FILENO) == 1 else { return }
  writeError("\r\u{1B}[K")
}

/// Writes to standard error; where nobody reads it any more, that is a wish to end.
private func writeError(_ text: String) {
  var rest = Array(text.utf8)[...]
  while !rest.isEmpty {
    let count = rest.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    if count < 0, errno == EINTR { continue }
    if count < 0, errno == EPIPE { EndRequests.ask(SIGPIPE) }
    if count <= 0 { return }
    rest = rest.dropFirst(count)
  }
}

extension SessionHost {
  /// This process: its standard error, its terminal and its signals.
  static var process: SessionHost {
    var host = SessionHost()
    host.isAskedToStop = { EndRequests.first != nil }
    host.tell = { line in
      endProgress()
      Crux.tell(line)
    }
    host.ask = TerminalQuestion.ask
    host.faultSentence = { fileSizeSentence }
    return host
  }
}
