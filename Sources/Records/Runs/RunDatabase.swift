public import Foundation
import GRDB

/// The database of a run: looked at without a trace until somebody writes, then open for writing.
///
/// Any thread may call any method.
final class RunDatabase: @unchecked Sendable {
  private let folder: URL
  private let mayWrite: Bool
  // Recursive, since a body that reads may read again.
  private let lock = NSRecursiveLock()
  private var writer: DatabasePool?
  private var view: RunView?
  /// The folder that was opened, whatever is called so now.
  private let place: FileMark
  /// The files when they were read last, and the number of the last event then.
  private var quiet: (files: RunFiles, newest: Int64)?

  /// The database of a run's folder, of which nothing is open yet.
  ///
  /// - Throws: A sentence where the folder holds no run, or files that are none.
  init(_ folder: URL, mayWrite: Bool) throws {
    self.folder = folder
    self.mayWrite = mayWrite
    try RunFiles.check(folder)
    guard let place = FileMark(of: folder.resolvingSymlinksInPath()) else {
      throw RecordsError("\(folder.path) is not a run: it has no \(RunStore.fileName).")
    }
    self.place = place
  }

  deinit { try? close() }

  /// Whether the run is open for writing by now.
  var isWriting: Bool { locked { writer != nil } }

  /// Reads; the run is looked at without a trace unless it is open for writing.
  func read<Value>(_ body: (Database) throws -> Value) throws -> Value {
    if let writer = locked({ writer }) { return try writer.read(body) }
    return try locked { try look(body) }
  }

  /// Writes in one transaction; the first time the run is opened for it.
  func write<Value>(_ body: (Database) throws -> Value) throws -> Value {
    try open().write(body)
  }

  /// The same without a transaction.
  func writeWithoutTransaction<Value>(_ body: (Database) throws -> Value) throws -> Value {
    try open().writeWithoutTransaction(body)
  }

  /// Closes what is open.
  func close() throws {
    try locked {
      view = nil
      guard let writer else { return }
      self.writer = nil
      OpenRuns.remove(place)
      // The connection that closes last takes the log into the database, and readers cannot.
      writer.invalidateReadOnlyConnections()
      try writer.close()
    }
  }

  /// Whether nothing can have been written since the event with that number was the last; answers
  /// without opening a file.
  func isQuiet(after id: Int64) -> Bool {
    locked {
      guard writer == nil, let quiet, id >= quiet.newest else { return false }
      return RunFiles(of: folder) == quiet.files
    }
  }

  /// Notes the number of the last event as it was with these files, which were settled before the
  /// reading began.
  func note(newest: Int64, with files: RunFiles) { locked { quiet = (files, newest) } }

  /// Refuses where the run's folder was moved or deleted, or another was put in its place, since it
  /// was opened.
  func checkPlace() throws {
    let now = FileMark(of: folder.resolvingSymlinksInPath())
    let isThere = now?.isSame(as: place) == true && RunFiles(of: folder).main != nil
    guard !isThere else { return }
    throw RecordsError(
      "\(folder.path) was moved, renamed or deleted while it was open, so nothing more is "
        + "written; put it back, or leave and open it at its new place.")
  }
}

extension RunDatabase {
  private func locked<Value>(_ body: () throws -> Value) rethrows -> Value {
    lock.lock()
    defer { lock.unlock() }
    return try body()
  }

  /// The connection that writes, opened where it is not yet.
  private func open() throws -> DatabasePool {
    try locked {
      try checkPlace()
      if let writer { return writer }
      guard mayWrite else {
        throw RecordsError("\(folder.path) is open for watching only; open it for writing to mark.")
      }
      view = nil
      let path = folder.appendingPathComponent(RunStore.fileName).path
      try RunFiles.check(folder)
      try RunMigration(folder: folder).perform()
      // Before the pool is there: nobody of this process may open its files beside it.
      OpenRuns.add(place)
      do {
        let pool = try RunStore.pool(at: path)
        try pool.write { database in
          try Schema.check(database, at: path, writing: true)
          try Schema.complete(database)
        }
        writer = pool
        return pool
      } catch {
        OpenRuns.remove(place)
        throw error
      }
    }
  }

  /// Reads through a view; where the files changed meanwhile, what was read is read again.
  private func look<Value>(_ body: (Database) throws -> Value) throws -> Value {
    for attempt in 0..<8 {
      try checkPlace()
      let files = RunFiles(of: folder)
      do {
        let view = try view(of: files)
        let found = try view.read(body)
        if view.isLive || RunFiles(of: folder) == files { return found }
      } catch {
        let isStable = view?.isLive != true && RunFiles(of: folder) == files
        if isStable || attempt == 7 { throw error }
      }
      view = nil
      usleep(2000 << UInt32(attempt))
    }
    throw RecordsError(
      "\(folder.path) changes faster than it can be read; try again in a moment.")
  }

  private func view(of files: RunFiles) throws -> RunView {
    if let view, view.holds(for: files) { return view }
    view = nil
    let fresh = try RunView(folder, files)
    view = fresh
    return fresh
  }
}

/// The runs that this process has open for writing.
///
/// The kernel drops a process's locks on a file as soon as the process closes any descriptor of it, so
/// the files of these may be opened by SQLite alone.
enum OpenRuns {
  private static let lock = NSLock()
  private nonisolated(unsafe) static var open: [FileMark.Identity: Int] = [:]

  static func add(_ place: FileMark) { change(place, by: 1) }

  static func remove(_ place: FileMark) { change(place, by: -1) }

  /// Whether this process has the run of a folder open for writing.
  static func contains(_ folder: URL) -> Bool {
    guard let mark = FileMark(of: folder.resolvingSymlinksInPath()) else { return false }
    return lock.withLock { open[mark.identity, default: 0] > 0 }
  }

  private static func change(_ place: FileMark, by count: Int) {
    lock.withLock { open[place.identity, default: 0] += count }
  }
}

/// A look at a run's database that leaves every byte of its folder as it is.
///
/// SQLite itself would make or rewrite files beside a database that it only reads. So a database at
/// rest is opened as one that cannot change; one that another process writes is read with its locks,
/// for no longer than a read takes; and one whose writer was killed is copied with its log to a
/// temporary place and read there.
final class RunView {
  /// Whether another writes the run meanwhile, and SQLite keeps the reading apart from it.
  let isLive: Bool
  private let files: RunFiles
  private let folder: URL
  /// Kept between reads of a run at rest.
  private var queue: DatabaseQueue?

  private var path: String { folder.appendingPathComponent(RunStore.fileName).path }

  /// Looks at a run's folder whose files are these.
  init(_ folder: URL, _ files: RunFiles) throws {
    (self.folder, self.files) = (folder, files)
    try RunFiles.check(folder)
    isLive = RunView.isOpen(folder, files)
    guard !isLive else { return }
    queue = files.hasMore ? try copied() : try frozen()
  }

  /// Whether it still shows what the files hold.
  func holds(for now: RunFiles) -> Bool { !isLive && now == files && files.isSettled }

  /// Reads within one transaction.
  func read<Value>(_ body: (Database) throws -> Value) throws -> Value {
    if let queue { return try queue.read(body) }
    let live = try opened(path)
    defer { try? live.close() }
    return try live.read(body)
  }

  private func opened(_ path: String, readonly: Bool = true) throws -> DatabaseQueue {
    var reading = RunStore.configuration()
    reading.readonly = readonly
    let queue = try DatabaseQueue(path: path, configuration: reading)
    try queue.read { _ = try Schema.check($0, at: self.path) }
    return queue
  }

  /// A database at rest, read without locks, as also a file system without locks can do.
  private func frozen() throws -> DatabaseQueue {
    let signs = CharacterSet(charactersIn: "/-_.0123456789").union(.letters)
    let address = URL(fileURLWithPath: path).absoluteURL.path
      .addingPercentEncoding(withAllowedCharacters: signs)
    do {
      return try opened("file:\(address ?? path)?mode=ro&immutable=1")
    } catch let error as DatabaseError where error.resultCode == .SQLITE_CANTOPEN {
      // A library that was built to take addresses for names.
      return try copied()
    }
  }

  /// A copy of the files elsewhere, gone from the disk as soon as it is open.
  private func copied() throws -> DatabaseQueue {
    let disk = FileManager.default
    let place = disk.temporaryDirectory.appendingPathComponent("crux-look-\(UUID().uuidString)")
    defer { try? disk.removeItem(at: place) }
    do {
      try disk.createDirectory(
        at: place, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
      for name in RunFiles.names {
        let source = folder.appendingPathComponent(name)
        guard FileMark(of: source) != nil else { continue }
        try disk.copyItem(at: source, to: place.appendingPathComponent(name))
      }
    } catch {
      throw RecordsError(
        "\(folder.path) was not closed when it was written last, so a copy of it is read; there is "
          + "no room or right for that in \(disk.temporaryDirectory.path), so set TMPDIR to another "
          + "folder.")
    }
    let target = place.appendingPathComponent(RunStore.fileName).path
    let mending = try DatabaseQueue(path: target, configuration: RunStore.configuration())
    // What the log holds goes into the copy.
    _ = try mending.writeWithoutTransaction {
      try String.fetchOne($0, sql: "PRAGMA journal_mode = DELETE")
    }
    try mending.close()
    return try opened(target)
  }
}

extension RunView {
  /// Where SQLite locks a byte of the shared memory for as long as a connection lasts
  /// (`UNIX_SHM_DMS`).
  private static let lockedByte = 128

  /// Whether some process, this one too, has the run open in a way that lets it write.
  private static func isOpen(_ folder: URL, _ files: RunFiles) -> Bool {
    if OpenRuns.contains(folder) { return true }
    guard files.log != nil else { return false }
    let shared = folder.appendingPathComponent(RunStore.fileName + "-shm").path
    let descriptor = open(shared, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var wish = flock()
    wish.l_type = Int16(F_WRLCK)
    wish.l_whence = Int16(SEEK_SET)
    wish.l_start = off_t(lockedByte)
    wish.l_len = 1
    guard fcntl(descriptor, F_GETLK, &wish) == 0 else { return false }
    return wish.l_type != Int16(F_UNLCK)
  }
}

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
