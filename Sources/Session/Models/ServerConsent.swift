import Foundation
import Synchronization
package import Trajectories

/// Whether a person named a server that a recipe or a run lets draw.
///
/// A server gets prompts, and a key from the environment. Files come from anywhere, so only those are
/// asked that the command line names (`--server`, `--set server.urls`, or a recipe of the user's own
/// that it names), and those on this very machine.
package enum ServerConsent {
  private static let named = Mutex<Set<String>>([])

  /// Lets the servers of a choice be asked as long as this process lives.
  package static func grant(_ choice: ServerChoice) {
    named.withLock { $0.formUnion(choice.addresses) }
  }

  /// Whether a server may be asked.
  static func allows(_ address: String) -> Bool {
    isHere(address) || named.withLock { $0.contains(address) }
  }

  /// Whether an address is this machine's own.
  private static func isHere(_ address: String) -> Bool {
    guard let host = URLComponents(string: address)?.host else { return false }
    return ["127.0.0.1", "localhost", "::1", "[::1]"].contains(host.lowercased())
  }

  /// Refuses servers that nobody here named.
  ///
  /// - Throws: A sentence that names the server and says how to allow it.
  static func check(_ choice: ServerChoice) throws {
    guard let strange = choice.addresses.first(where: { !allows($0) }) else { return }
    throw Complaint(
      "The recipe lets \(quoted(strange)) draw, which nobody here has named: it would get the "
        + "prompts, and a key from the environment. --server \(shellWord(strange)) allows it; "
        + "--set server.urls= lets the embedded engine draw.")
  }
}
