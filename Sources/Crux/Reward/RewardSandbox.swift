import Foundation
import Glibc
import Trajectories

extension RewardSandbox {
  /// What is run so that the shell runs a command inside the sandbox.
  func arguments(for command: String) -> [String] {
    let shell = ["/bin/sh", "-c", command]
    guard self == .bwrap else { return shell }
    return [
      "bwrap", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--unshare-all",
      "--die-with-parent", "--new-session", "--cap-drop", "ALL",
      // The one place that can be written, and only until the command ends.
      "--setenv", "TMPDIR", "/dev/shm", "--chdir", FileManager.default.currentDirectoryPath, "--",
    ] + shell
  }

  /// Whether this machine has what the sandbox needs.
  var isThere: Bool { self == .none || Self.place != nil }

  /// Fails where this machine cannot keep a command in the sandbox.
  ///
  /// - Throws: A sentence that says what to install.
  func check() throws {
    guard isThere else {
      throw Complaint(
        "task.reward_sandbox is bwrap, and bwrap is not on the PATH; install bubblewrap, or set it to "
          + "none where you trust the command.")
    }
  }

  /// Where bubblewrap is; nil where it is nowhere on the PATH.
  static var place: String? {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    return path.split(separator: ":").map { "\($0)/bwrap" }.first { access($0, X_OK) == 0 }
  }
}
