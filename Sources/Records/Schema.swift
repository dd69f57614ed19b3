import GRDB

/// The tables of a run.
///
/// `event` and `rollout` are append-only: triggers refuse changes, whoever makes them.
/// `trajectory_text` is the full-text index; its trigrams find any text of three characters or more,
/// signs included.
enum Schema {
  /// Version written by this Crux: the database's `user_version`.
  ///
  /// 1 had each payload wrapped in its kind and in `_0`; it is read as it is and rewritten where a
  /// run is opened for writing. A newer version is refused: tables have changed then. New kinds of
  /// events and new keys leave it alone.
  static let version = 2
  /// Marks the file as a run of Crux: “Crux” in ASCII.
  static let application = 0x4372_7578

  /// Makes the tables of an empty database.
  static func create(in database: Database) throws {
    try database.execute(
      sql: """
        CREATE TABLE event (
          id INTEGER PRIMARY KEY,
          time REAL NOT NULL,
          kind TEXT NOT NULL,
          trajectory TEXT,
          payload TEXT NOT NULL
        );
        CREATE INDEX event_by_kind ON event (kind, id);
        CREATE INDEX event_by_trajectory ON event (trajectory, id) WHERE trajectory IS NOT NULL;
        CREATE TRIGGER event_never_changes BEFORE UPDATE ON event
          BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;
        CREATE TRIGGER event_never_goes BEFORE DELETE ON event
          BEGIN SELECT RAISE(ABORT, 'events are never deleted'); END;
        CREATE VIRTUAL TABLE trajectory_text USING fts5 (
          trajectory UNINDEXED, prompt, response, tokenize = 'trigram'
        );
        \(later)
        PRAGMA application_id = \(application);
        PRAGMA user_version = \(version);
        """)
  }

  /// Tables that came after version 2; a run that lacks them is as if they were empty.
  private static let later = """
    CREATE TABLE IF NOT EXISTS rollout (
      id INTEGER PRIMARY KEY,
      event INTEGER NOT NULL REFERENCES event (id),
      trajectory TEXT NOT NULL,
      policy_version INTEGER NOT NULL,
      boundary INTEGER NOT NULL,
      start INTEGER NOT NULL,
      first INTEGER NOT NULL,
      count INTEGER NOT NULL,
      data BLOB NOT NULL
    );
    CREATE INDEX IF NOT EXISTS rollout_by_trajectory
      ON rollout (trajectory, policy_version, start, first);
    CREATE TRIGGER IF NOT EXISTS rollout_never_changes BEFORE UPDATE ON rollout
      BEGIN SELECT RAISE(ABORT, 'rollouts are never changed'); END;
    CREATE TRIGGER IF NOT EXISTS rollout_never_goes BEFORE DELETE ON rollout
      BEGIN SELECT RAISE(ABORT, 'rollouts are never deleted'); END;
    """

  /// Makes the tables that a run of this version may lack.
  static func complete(_ database: Database) throws {
    guard try !database.tableExists("rollout") else { return }
    try database.execute(sql: later)
  }

  /// Refuses what is not a run, and runs of a newer Crux.
  ///
  /// - Returns: The version it was written in.
  @discardableResult
  static func check(_ database: Database, at path: String) throws -> Int {
    guard try Int.fetchOne(database, sql: "PRAGMA application_id") == application else {
      throw RecordsError("\(path) is a database, but not a run of Crux; give a run's folder.")
    }
    let found = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
    guard found <= version else {
      throw RecordsError(
        "\(path) was written by a newer Crux (schema \(found), this one reads up to \(version)); "
          + "update Crux to open it.")
    }
    return found
  }
}
