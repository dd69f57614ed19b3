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

  /// The table of what came from a server and is in no event yet.
  ///
  /// A run whose policy is embedded has none. Its rows go once an event tells of them.
  static let arrivals = """
    CREATE TABLE IF NOT EXISTS arrival (
      id INTEGER PRIMARY KEY,
      state TEXT NOT NULL,
      seed INTEGER NOT NULL,
      data BLOB NOT NULL
    );
    CREATE UNIQUE INDEX IF NOT EXISTS arrival_by_state ON arrival (state, seed);
    """

  /// Makes the tables that a run of this version may lack.
  static func complete(_ database: Database) throws {
    guard try !database.tableExists("rollout") else { return }
    try database.execute(sql: later)
  }

  /// Refuses what is not a run, runs of a newer Crux, and files whose tables are not what their names
  /// say; where it is about to be written, also a stranger's triggers, which that would set off.
  ///
  /// - Returns: The version it was written in.
  @discardableResult
  static func check(_ database: Database, at path: String, writing: Bool = false) throws -> Int {
    guard try Int.fetchOne(database, sql: "PRAGMA application_id") == application else {
      throw RecordsError("\(path) is a database, but not a run of Crux; give a run's folder.")
    }
    let found = try self.found(in: database)
    guard found <= version else {
      throw RecordsError(
        "\(path) was written by a newer Crux (schema \(found), this one reads up to \(version)); "
          + "update Crux to open it.")
    }
    try SchemaObject.check(database, at: path, writing: writing)
    return found
  }

  /// The version of the schema that the rows are in.
  static func found(in database: Database) throws -> Int {
    try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
  }
}

/// One entry of a database's list of tables, views, indices and triggers.
private struct SchemaObject {
  var type: String
  var name: String
  var table: String
  var sql: String

  /// The triggers that Crux makes.
  private static let triggers: Set = [
    "event_never_changes", "event_never_goes", "rollout_never_changes", "rollout_never_goes",
  ]

  /// Refuses tables that are views or compute what they say, and, where the run is to be written,
  /// triggers that Crux did not make.
  static func check(_ database: Database, at path: String, writing: Bool) throws {
    let rows = try Row.fetchCursor(
      database,
      sql: """
        SELECT type, name, tbl_name, sql FROM sqlite_master
        WHERE tbl_name IN ('arrival', 'event', 'rollout', 'trajectory_text')
          OR type = 'trigger' LIMIT 1000
        """)
    var found: [String: SchemaObject] = [:]
    while let row = try rows.next() {
      let object = SchemaObject(
        type: text(row[0]), name: text(row[1]), table: text(row[2]), sql: text(row[3]))
      if writing { try object.refuseTrigger(of: path) }
      if object.type == "table" || object.type == "view" { found[object.name] = object }
    }
    guard found["event"] != nil else {
      throw RecordsError("\(path) is not a run: it has no table event.")
    }
    for object in found.values { try object.refuseDisguise(in: database, of: path) }
  }

  private static func text(_ value: DatabaseValue) -> String {
    String.fromDatabaseValue(value) ?? ""
  }

  private func refuseTrigger(of path: String) throws {
    let refuses = sql.uppercased().contains("BEGIN SELECT RAISE(ABORT,") && sql.count < 200
    guard type == "trigger", !(SchemaObject.triggers.contains(name) && refuses) else { return }
    throw RecordsError(
      "\(path) has a trigger \(Words.quoted(name)), which Crux did not make and which would act on "
        + "what is written; drop it, or look at the run with --read-only.")
  }

  private func refuseDisguise(in database: Database, of path: String) throws {
    let isVirtual = sql.uppercased().hasPrefix("CREATE VIRTUAL")
    let isIndex = name == "trajectory_text"
    let isSound =
      type == "table" && isVirtual == isIndex
      && (!isIndex || sql.lowercased().contains("using fts5"))
    guard isSound else {
      throw RecordsError(
        "\(path) is not a run: its \(name) is no table such as Crux makes; restore it from a copy.")
    }
    guard !isIndex else { return }
    // Columns that are computed may compute for ever.
    let columns = try Row.fetchAll(database, sql: "PRAGMA table_xinfo(\(name))")
    let isPlain = columns.allSatisfy { Int.fromDatabaseValue($0["hidden"]) == 0 }
    let key = columns.first { Int.fromDatabaseValue($0["pk"]) == 1 }
    let isNumbered =
      key.map { SchemaObject.text($0["name"]) == "id" } == true
      && key.map { SchemaObject.text($0["type"]).uppercased() == "INTEGER" } == true
    guard isPlain, isNumbered else {
      throw RecordsError(
        "\(path) is not a run: the columns of \(name) are not such as Crux makes; restore it from a "
          + "copy.")
    }
  }
}
