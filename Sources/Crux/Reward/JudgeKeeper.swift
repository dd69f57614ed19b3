import CProcess
import Foundation
import Glibc

/// The process that a reward command runs under; `CProcess` says why there is one.
enum JudgeKeeper {
  /// What this program is called where it is the keeper; the arguments are then the command.
  static let name = "crux-keeper"

  /// Variables that a reward command sees.
  ///
  /// They are what programs need to find their way, and nothing that may be a secret. A command that
  /// needs another sets it itself: `KEY=value python3 grade.py`.
  static let variables: Set<String> = [
    "PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TZ", "TMPDIR",
    "LD_LIBRARY_PATH", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "CONDA_PREFIX",
  ]

  /// What of an environment a reward command sees, and its keeper too, as `NAME=value`.
  static func environment(of all: [String: String]) -> [String] {
    all.filter { variables.contains($0.key) || $0.key.hasPrefix("LC_") }
      .map { "\($0.key)=\($0.value)" }.sorted()
  }

  /// Whether this process was started to be a keeper.
  static var isWanted: Bool { CommandLine.arguments.first == name }

  /// Runs the command and keeps it until it or Crux ends.
  static func run() -> Never {
    let words = Array(CommandLine.arguments.dropFirst())
    guard !words.isEmpty else { _exit(127) }
    var arguments = words.map { strdup($0) }
    arguments.append(nil)
    cp_keep(arguments)
  }
}
