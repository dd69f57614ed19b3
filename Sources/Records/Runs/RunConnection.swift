public import Foundation
import GRDB

extension RunStore {
  /// A connection that writes, with readers that never wait for it.
  static func pool(at path: String) throws -> DatabasePool {
    let pool = try DatabasePool(path: path, configuration: configuration())
    // GRDB sets NORMAL, with which a power cut may take back what was committed.
    try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
    return pool
  }

  static func configuration() -> Configuration {
    var configuration = Configuration()
    // Another process may be in the middle of a commit.
    configuration.busyMode = .timeout(10)
    // The schema of a stranger's file is not obeyed beyond its tables.
    configuration.prepareDatabase { database in
      try database.execute(sql: "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON")
    }
    return configuration
  }

  /// Makes a closed run one plain file that opens from folders nobody may write, such as samples.
  ///
  /// - Parameter folder: The run's folder; nobody may have the run open.
  /// - Throws: A sentence where somebody has it open.
  public static func seal(_ folder: URL) throws {
    let path = folder.appendingPathComponent(fileName).path
    do {
      let queue = try DatabaseQueue(path: path, configuration: configuration())
      try queue.writeWithoutTransaction { database in
        try Schema.check(database, at: path)
        try database.execute(sql: "INSERT INTO trajectory_text(trajectory_text) VALUES('optimize')")
        try database.execute(sql: "VACUUM")
        let mode = try String.fetchOne(database, sql: "PRAGMA journal_mode = DELETE")
        guard mode == "delete" else {
          throw RecordsError("\(folder.path) is open elsewhere; close it there and try again.")
        }
      }
      try queue.close()
    } catch { throw sentence(error, path: path, doing: "sealed") }
  }

  /// The same error as a sentence.
  static func sentence(_ error: any Error, path: String, doing: String) -> RecordsError {
    if let error = error as? RecordsError { return error }
    guard let error = error as? DatabaseError else {
      return RecordsError("\(path) could not be \(doing): \(error.localizedDescription)")
    }
    let remedy: String
    switch error.resultCode {
    case .SQLITE_NOTADB: return RecordsError("\(path) is not a run: it is not an SQLite database.")
    case .SQLITE_CORRUPT: remedy = "the file is damaged; restore it from a copy"
    case .SQLITE_FULL:
      return .diskFull("\(path) could not be \(doing): the disk is full; free some space.")
    case .SQLITE_BUSY, .SQLITE_LOCKED: remedy = "another process holds it; try again"
    case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM:
      remedy = "the folder may not be written; copy the run elsewhere or change its permissions"
    default: remedy = error.message ?? "SQLite error \(error.resultCode.rawValue)"
    }
    return RecordsError("\(path) could not be \(doing): \(remedy).")
  }
}
