import Foundation
import GRDB
import Trajectories

/// Rewrites a run of the format before this one.
///
/// The new file is made aside, whole and on disk, before it takes the old one's place; the old one
/// stays beside it as `run.sqlite.v1`. Rows keep their numbers and times, and those that nobody can
/// read keep their payloads. Nobody may have the run open meanwhile.
struct RunMigration {
  let folder: URL

  private var file: URL { folder.appendingPathComponent(RunStore.fileName) }
  private var aside: URL { folder.appendingPathComponent(RunStore.fileName + ".new") }

  /// Rewrites the run if it is of the format before; does nothing to any other.
  ///
  /// - Throws: A sentence where somebody has the run open, or the disk is full.
  func perform() throws {
    guard try isOld() else { return }
    let lock = open(folder.path, O_RDONLY | O_CLOEXEC)
    guard lock >= 0 else { throw RecordsError.system("\(folder.path) could not be opened") }
    defer { close(lock) }
    // A second process that opens the run at the same moment waits, and finds it rewritten.
    guard flock(lock, LOCK_EX) == 0 else {
      throw RecordsError.system("\(folder.path) could not be locked")
    }
    guard try isOld() else { return }
    try? FileManager.default.removeItem(at: aside)
    defer { try? FileManager.default.removeItem(at: aside) }
    try rewrite()
  }

  private func isOld() throws -> Bool {
    let queue = try DatabaseQueue(path: file.path, configuration: RunStore.configuration())
    defer { try? queue.close() }
    return try queue.read { try Schema.check($0, at: file.path) } < Schema.version
  }

  /// Copies the old file's rows into the new one, and puts it in place, while nobody else can write
  /// into the old one.
  private func rewrite() throws {
    let old = try DatabaseQueue(path: file.path, configuration: RunStore.configuration())
    defer { try? old.close() }
    try old.writeWithoutTransaction { database in
      // Whatever stands in a log beside it goes into the file, which is then one plain file.
      let mode = try? String.fetchOne(database, sql: "PRAGMA journal_mode = DELETE")
      guard mode == "delete" else {
        throw RecordsError(
          "\(folder.path) is of an older format and open elsewhere, so it cannot be rewritten; "
            + "close it there, or open it with --read-only.")
      }
    }
    try RunStore.makeDatabase(at: aside)
    let new = try DatabaseQueue(path: aside.path)
    try old.write { source in
      try new.write { target in
        try copyEvents(from: source, to: target)
        try copyTexts(from: source, to: target)
      }
      // One plain file, which needs no log beside it to be moved.
      _ = try new.writeWithoutTransaction {
        try String.fetchOne($0, sql: "PRAGMA journal_mode = DELETE")
      }
      try new.close()
      try DurableFiles.sync(aside)
      try putInPlace()
    }
  }

  private func copyEvents(from source: Database, to target: Database) throws {
    let format = EventFormat()
    let rows = try Row.fetchCursor(source, sql: "SELECT * FROM event ORDER BY id")
    while let row = try rows.next() {
      let event = format.recorded(row, schema: 1).event
      let written = try format.row(of: event)
      let payload = written?.payload ?? String.fromDatabaseValue(row["payload"])
      try target.cachedStatement(
        sql: "INSERT INTO event (id, time, kind, trajectory, payload) VALUES (?, ?, ?, ?, ?)"
      ).execute(
        arguments: [row["id"], row["time"], row["kind"], row["trajectory"], payload])
    }
  }

  private func copyTexts(from source: Database, to target: Database) throws {
    let rows = try Row.fetchCursor(
      source, sql: "SELECT rowid, trajectory, prompt, response FROM trajectory_text")
    while let row = try rows.next() {
      try target.cachedStatement(
        sql: """
          INSERT INTO trajectory_text (rowid, trajectory, prompt, response) VALUES (?, ?, ?, ?)
          """
      ).execute(arguments: [row["rowid"], row["trajectory"], row["prompt"], row["response"]])
    }
  }

  private func putInPlace() throws {
    var kept = folder.appendingPathComponent(RunStore.fileName + ".v1")
    var number = 1
    while link(file.path, kept.path) != 0 {
      guard errno == EEXIST else {
        throw RecordsError.system("\(kept.path) could not be put in place")
      }
      // A crash before the rename left the old file under both names.
      if isSame(kept, file) { break }
      number += 1
      kept = folder.appendingPathComponent(RunStore.fileName + ".v1-\(number)")
    }
    try DurableFiles.rename(aside, to: file)
    try DurableFiles.sync(folder)
  }

  private func isSame(_ first: URL, _ second: URL) -> Bool {
    var (one, other) = (stat(), stat())
    guard stat(first.path, &one) == 0, stat(second.path, &other) == 0 else { return false }
    return one.st_ino == other.st_ino && one.st_dev == other.st_dev
  }
}
