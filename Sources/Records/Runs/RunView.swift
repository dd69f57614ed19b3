import Foundation
import GRDB

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
