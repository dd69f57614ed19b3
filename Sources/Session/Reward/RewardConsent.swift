package import Foundation
import Glibc
import Synchronization
import Tensors
import Trajectories
import Workbench

/// Whether a person said that a reward command may run here.
///
/// `task.reward_command` is a program that a file names, and files come from anywhere. So this is the
/// rule, and `RewardCommand`, through which alone a command is started, holds to it:
///
/// 1. With `--read-only` and in `crux show` no command runs.
/// 2. A command runs that a person gave with `--set` or allowed with `--trust-command`, and one that
///    was allowed before on this machine, in the working directory it would run in: by answering yes,
///    by `crux trust`, or by beginning a run with it.
/// 3. Any other is shown whole and asked about, once, where there is somebody to ask: at the terminal,
///    or in the workbench when it is needed.
/// 4. Where nobody can be asked, one more may run: that of a recipe or a study which the command line
///    names, which belongs to this user and which lies in no run's folder (`isOwn`). A run's own
///    recipe never counts as that, since whoever made the run wrote it.
///
/// What was allowed is remembered in `TrustedCommands`.
package enum RewardConsent {
  /// Who can be asked.
  package enum Asking: Sendable {
    /// The person at the terminal, if there is one.
    case terminal
    /// The person in front of the workbench, which asks itself.
    case workbench
    /// Nobody, and nothing runs; the words say why.
    case never(String)
  }

  private struct State {
    var asking = Asking.terminal
    /// As bytes: texts that look the same are other commands.
    var granted: Set<[UInt8]> = []
  }

  private static let state = Mutex(State())

  /// Says who can be asked from here on.
  package static func ask(_ asking: Asking) { state.withLock { $0.asking = asking } }

  /// Lets a command run as long as this process lives.
  package static func grant(_ command: String) {
    guard !command.isEmpty else { return }
    _ = state.withLock { $0.granted.insert(Array(command.utf8)) }
  }

  /// Lets a command run in this directory from now on.
  ///
  /// - Throws: A sentence where that cannot be written down; it holds for this process then.
  package static func remember(_ command: String) throws {
    guard !command.isEmpty else { return }
    grant(command)
    try TrustedCommands.current.add(command)
  }

  /// Whether a command may run now.
  static func allows(_ command: String) -> Bool {
    let (asking, isGranted) = state.withLock {
      ($0.asking, $0.granted.contains(Array(command.utf8)))
    }
    if case .never = asking { return false }
    guard !isGranted else { return true }
    guard !command.isEmpty, TrustedCommands.current.contains(command) else { return false }
    // It is asked at every answer.
    grant(command)
    return true
  }

  /// Settles whether a command may run before anything is begun that needs it.
  ///
  /// - Parameters:
  ///   - command: The command; empty where a recipe has none.
  ///   - sandbox: What it is kept in, which must be there.
  /// - Throws: A sentence that shows it and says how to allow it, where it may not. The workbench
  ///   asks later, when something needs it.
  static func settle(_ command: String, in sandbox: RewardSandbox) throws {
    guard !command.isEmpty else { return }
    switch state.withLock({ $0.asking }) {
    case .workbench, .never: return
    case .terminal:
      try sandbox.check()
      guard !allows(command) else { return }
      let question = "Let it run, now and from now on? Type yes or no: "
      guard let isAllowed = try SessionHost.current.ask(shown(command), question) else {
        throw Complaint(refusal(of: command))
      }
      guard isAllowed else {
        throw Complaint("The reward command was not allowed, so nothing was begun.")
      }
      do { try remember(command) } catch { tell("\(error)") }
    }
  }

  /// The question that the workbench asks before answers of recipes are judged; nil for none.
  static func question(about recipes: [Recipe]) -> Action? {
    guard case .workbench = state.withLock({ $0.asking }) else { return nil }
    let command = recipes.map(\.task.rewardCommand).first { !$0.isEmpty && !allows($0) }
    return command.map { .consentWanted(command: $0, words: shown($0)) }
  }

  /// Why a command does not run, and what to do about it.
  static func refusal(of command: String) -> String {
    if case .never(let reason) = state.withLock({ $0.asking }) {
      return "The reward command \(quoted(command)) does not run: \(reason)."
    }
    return shown(command)
      + "\nNobody here has allowed it. Read it; then --trust-command lets it run this once, and "
      + "crux trust with the recipe or the run lets it run from now on."
  }

  /// The whole command, inert, and where it would run.
  package static func shown(_ command: String) -> String {
    let lines = inert(command, keepingNewlines: true).split(
      separator: "\n", omittingEmptySubsequences: false)
    return "This command would run on this machine, as you, to judge answers:\n"
      + lines.map { "    " + $0 }.joined(separator: "\n")
      + "\nin \(inert(FileManager.default.currentDirectoryPath))."
  }

  /// Whether a recipe or study that the command line names is its user's own.
  package static func isOwn(_ file: String) -> Bool {
    let url = URL(fileURLWithPath: file).resolvingSymlinksInPath()
    var found = stat()
    guard stat(url.path, &found) == 0, found.st_mode & S_IFMT == S_IFREG else { return false }
    // Whoever else may write to it may have done so.
    guard found.st_uid == geteuid(), found.st_mode & S_IWOTH == 0 else { return false }
    var folder = url.deletingLastPathComponent()
    while folder.path != "/" {
      let database = folder.appendingPathComponent("run.sqlite")
      if FileManager.default.fileExists(atPath: database.path) { return false }
      folder.deleteLastPathComponent()
    }
    return true
  }
}

/// The reward commands that were allowed on this machine: a file of JSON lines, for its user alone.
///
/// Each is known by the SHA-256 of the working directory and the command, since a command such as
/// `python3 grade.py` is another one in another directory.
package struct TrustedCommands {
  private let file: URL

  /// One that was allowed.
  package struct Entry: Codable, Equatable {
    package var hash: String
    package var command: String
    package var folder: String
    package var time: Date
  }

  /// The user's own.
  package static var current: TrustedCommands {
    TrustedCommands(Locations.state.appendingPathComponent("trusted-commands.jsonl"))
  }

  init(_ file: URL) { self.file = file }

  /// The hash that a command is known by in a directory.
  static func hash(of command: String, in folder: String) -> String {
    var digest = Digest()
    Array("\(folder)\0\(command)".utf8).withUnsafeBytes { digest.add($0) }
    return digest.hexadecimal
  }

  private static var here: String { FileManager.default.currentDirectoryPath }

  /// Whether a command was allowed in the working directory.
  func contains(_ command: String) -> Bool {
    let hash = Self.hash(of: command, in: Self.here)
    return entries.contains { $0.hash == hash && $0.command == command && $0.folder == Self.here }
  }

  /// All of them, in the order they were allowed; none where others could have written the file.
  package var entries: [Entry] {
    var found = stat()
    guard lstat(file.path, &found) == 0, found.st_mode & S_IFMT == S_IFREG,
      found.st_uid == geteuid(), found.st_mode & (S_IWGRP | S_IWOTH) == 0,
      let text = try? String(contentsOf: file, encoding: .utf8)
    else { return [] }
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .iso8601
    return text.split(separator: "\n").compactMap {
      try? decoder.decode(Entry.self, from: Data($0.utf8))
    }
  }

  /// Allows a command in the working directory.
  func add(_ command: String) throws {
    guard !contains(command) else { return }
    try write(
      entries + [
        Entry(
          hash: Self.hash(of: command, in: Self.here), command: command, folder: Self.here,
          time: Date())
      ])
  }

  /// Takes back what was allowed; answers how many there were.
  package func remove(where isMeant: (Entry) -> Bool) throws -> Int {
    let all = entries
    let kept = all.filter { !isMeant($0) }
    if kept.count < all.count { try write(kept) }
    return all.count - kept.count
  }

  /// Writes the file anew, never readable by others.
  private func write(_ entries: [Entry]) throws {
    let encoder = JSONEncoder()
    encoder.dateEncodingStrategy = .iso8601
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let lines = try entries.map { String(decoding: try encoder.encode($0), as: UTF8.self) + "\n" }
    let folder = file.deletingLastPathComponent()
    let aside = folder.appendingPathComponent(".writing-\(getpid())-\(file.lastPathComponent)")
    try? FileManager.default.createDirectory(
      at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    unlink(aside.path)
    let descriptor = open(aside.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw unwritable }
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    do {
      try handle.write(contentsOf: Data(lines.joined().utf8))
      try handle.synchronize()
    } catch { throw unwritable }
    guard rename(aside.path, file.path) == 0 else { throw unwritable }
  }

  private var unwritable: Complaint {
    Complaint(
      "What was allowed cannot be kept in \(file.path): \(String(cString: strerror(errno))). "
        + "Set XDG_STATE_HOME to a folder that can be written.")
  }
}
