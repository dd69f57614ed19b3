public import Foundation

/// What the system says of a file: enough to tell whether it was changed or replaced.
struct FileMark: Equatable {
  /// Which file it is, whatever its name.
  struct Identity: Hashable {
    var device: UInt64
    var number: UInt64
  }

  var identity: Identity
  var size: Int
  var seconds: Int
  var nanoseconds: Int

  /// The mark of a file, or of a link in its place; nil where there is neither.
  init?(of url: URL) {
    var status = stat()
    guard lstat(url.path, &status) == 0 else { return nil }
    identity = Identity(device: UInt64(status.st_dev), number: UInt64(status.st_ino))
    size = Int(status.st_size)
    (seconds, nanoseconds) = (status.st_mtim.tv_sec, status.st_mtim.tv_nsec)
  }

  /// Whether it is the same file, changed or not.
  func isSame(as other: FileMark) -> Bool { identity == other.identity }
}

/// The files of a run's database as they lie there at one moment.
struct RunFiles: Equatable {
  /// The database.
  var main: FileMark?
  /// Its log: what was committed and is not in the database yet.
  var log: FileMark?
  /// What a writer that was killed in the middle of a change would have to put back.
  var journal: FileMark?

  /// Names of all files that SQLite may lay beside each other.
  static let names = ["", "-wal", "-journal"].map { RunStore.fileName + $0 }

  init(of folder: URL) {
    let marks = RunFiles.names.map { FileMark(of: folder.appendingPathComponent($0)) }
    (main, log, journal) = (marks[0], marks[1], marks[2])
  }

  /// Whether the files hold more than the database says by itself.
  var hasMore: Bool { (log?.size ?? 0) > 0 || (journal?.size ?? 0) > 0 }

  /// Whether the newest change is so old that another would show in the times of the files.
  var isSettled: Bool {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return [main, log, journal].compactMap { $0 }.allSatisfy { mark in
      let age =
        Double(now.tv_sec - mark.seconds) + Double(now.tv_nsec - mark.nanoseconds) / 1e9
      return age > 0.1
    }
  }

  /// Refuses a folder whose files are links, pipes or anything else that is no plain file: none of
  /// them is waited for, and none leads out of the folder.
  static func check(_ folder: URL) throws {
    let database = folder.appendingPathComponent(RunStore.fileName)
    guard FileMark(of: database) != nil else {
      throw RecordsError("\(folder.path) is not a run: it has no \(RunStore.fileName).")
    }
    for name in names + [RunStore.fileName + "-shm", RunStore.recipeName, TrainingLock.fileName] {
      try PlainFiles.check(folder.appendingPathComponent(name), .file)
    }
    try PlainFiles.check(folder.appendingPathComponent("checkpoints"), .folder)
  }
}

/// Files of a run that must be what their names say.
public enum PlainFiles {
  /// What a name within a run may stand for.
  public enum Kind: String, Sendable {
    /// A file of bytes.
    case file = "a plain file"
    /// A folder.
    case folder = "a folder"
  }

  /// Refuses what is there but is not of that kind; nothing is opened and no link is followed.
  ///
  /// - Throws: A sentence that says what is there.
  public static func check(_ url: URL, _ kind: Kind) throws {
    var status = stat()
    guard lstat(url.path, &status) == 0 else { return }
    let found = status.st_mode & S_IFMT
    guard found != (kind == .file ? S_IFREG : S_IFDIR) else { return }
    throw RecordsError(
      "\(url.path) is \(word(found)), but a run has \(kind.rawValue) there; nothing of it was read."
    )
  }

  private static func word(_ kind: mode_t) -> String {
    switch kind {
    case S_IFLNK: "a link"
    case S_IFDIR: "a folder"
    case S_IFREG: "a file"
    case S_IFIFO: "a pipe"
    case S_IFSOCK: "a socket"
    default: "a device"
    }
  }
}
