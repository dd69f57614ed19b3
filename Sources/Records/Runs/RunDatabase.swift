import Foundation
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
