public import Foundation
import GRDB
public import Trajectories

/// A run on disk: its events, in order, in `run.sqlite` within the run's folder.
///
/// One process may write while others watch and mark. What `append` was given is on disk when it
/// returns. Any thread may call any method.
public final class RunStore: Sendable {
  /// The run's folder.
  public let folder: URL
  /// Whether appending is refused.
  public let readOnly: Bool
  let database: RunDatabase
  private let clock: @Sendable () -> Double

  /// Name of the database within a run's folder.
  public static let fileName = "run.sqlite"
  /// Name of the recipe within a run's folder.
  public static let recipeName = "recipe.toml"

  /// Begins a run: makes the folder, writes `recipe.toml` and an empty list of events.
  ///
  /// - Parameters:
  ///   - folder: Where; folders above it are made too.
  ///   - recipe: The text of `recipe.toml`.
  ///   - clock: Seconds since 1970.
  /// - Throws: A sentence where the folder holds a run already or cannot be written.
  public init(
    creating folder: URL, recipe: String,
    clock: @escaping @Sendable () -> Double = { Date().timeIntervalSince1970 }
  ) throws {
    self.folder = folder
    self.clock = clock
    readOnly = false
    let path = folder.appendingPathComponent(RunStore.fileName).path
    do {
      try RunStore.create(in: folder, recipe: recipe)
      database = try RunDatabase(folder, mayWrite: true)
      try database.write { _ in }
    } catch { throw RunStore.sentence(error, path: path, doing: "created") }
  }

  /// Opens a run.
  ///
  /// Nothing in the folder is changed until something is appended. A run of the format before this one
  /// is rewritten then, and read as it is until then.
  ///
  /// - Parameters:
  ///   - folder: The run's folder.
  ///   - readOnly: Whether to watch only; nothing in the folder is changed then.
  ///   - clock: Seconds since 1970.
  /// - Throws: A sentence where it is not a run, or one of a newer Crux.
  public init(
    opening folder: URL, readOnly: Bool,
    clock: @escaping @Sendable () -> Double = { Date().timeIntervalSince1970 }
  ) throws {
    self.folder = folder
    self.readOnly = readOnly
    self.clock = clock
    let path = folder.appendingPathComponent(RunStore.fileName).path
    do {
      database = try RunDatabase(folder, mayWrite: !readOnly)
      _ = try database.read { try Schema.check($0, at: path) }
    } catch { throw RunStore.sentence(error, path: path, doing: "opened") }
  }

  /// Writes events at the end of the run, all or none, in order.
  ///
  /// - Returns: The number of the last event of the run; everything up to it is on disk.
  /// - Throws: A sentence where the disk is full or the run is open for watching only.
  @discardableResult
  public func append(_ events: [RunEvent]) throws -> Int64 {
    guard !events.isEmpty else { return try newest }
    let format = EventFormat()
    let now = clock()
    do {
      return try database.write { database in
        for event in events { try RunStore.insert(event, format, time: now, into: database) }
        return try RunStore.newest(in: database)
      }
    } catch { throw RunStore.sentence(error, path: folder.path, doing: "written") }
  }

  /// Reads the events after number `id`; cheap where there are none.
  ///
  /// - Parameters:
  ///   - id: Number of the last event that is known; 0 for all.
  ///   - limit: Most events to read; nil for all.
  /// - Returns: The events, in order; rows that are damaged or made up are told as such.
  /// - Throws: A sentence where the run cannot be read.
  public func events(after id: Int64 = 0, limit: Int? = nil) throws -> [RecordedEvent] {
    guard !database.isQuiet(after: id) else { return [] }
    let format = EventFormat()
    let path = folder.path
    let files = RunFiles(of: folder)
    let isSettled = files.isSettled
    do {
      let found = try database.read { database in
        let schema = try Schema.found(in: database)
        let rows = try Row.fetchCursor(
          database,
          sql: "SELECT \(EventFormat.columns) FROM event WHERE id > ? ORDER BY id LIMIT ?",
          arguments: [id, limit ?? -1])
        var found: [RecordedEvent] = []
        while let row = try rows.next() {
          found.append(format.recorded(row, schema: schema))
        }
        return found
      }
      if isSettled, found.count < limit ?? Int.max {
        database.note(newest: found.last?.id ?? id, with: files)
      }
      return found
    } catch { throw RunStore.sentence(error, path: path, doing: "read") }
  }

  /// Whether the run was killed before it wrote its first checkpoint, so that nothing is in it.
  public var neverBegan: Bool {
    get throws {
      guard CheckpointFolder.list(in: folder).isEmpty else { return false }
      do { return try database.read(RunStore.holdsNothing) } catch {
        throw RunStore.sentence(error, path: folder.path, doing: "read")
      }
    }
  }

  /// Whether a list of events tells of a beginning at most.
  static func holdsNothing(_ database: Database) throws -> Bool {
    try Bool.fetchOne(
      database,
      sql: """
        SELECT NOT EXISTS (
          SELECT 1 FROM event WHERE kind NOT IN ('started', 'warned'))
        """) == true
  }

  /// Refuses where the run's folder was moved or deleted, or another was put in its place, since it
  /// was opened; cheap enough to be asked often.
  public func checkPlace() throws { try database.checkPlace() }

  /// Number of the last event; 0 where there is none.
  public var newest: Int64 {
    get throws {
      do { return try database.read { try RunStore.newest(in: $0) } } catch {
        throw RunStore.sentence(error, path: folder.path, doing: "read")
      }
    }
  }

  /// Closes the files; the store is of no use afterwards.
  public func close() throws {
    do { try database.close() } catch {
      throw RunStore.sentence(error, path: folder.path, doing: "closed")
    }
  }

  private static func newest(in database: Database) throws -> Int64 {
    try Int64.fetchOne(database, sql: "SELECT MAX(id) FROM event") ?? 0
  }

  private static func insert(
    _ event: RunEvent, _ format: EventFormat, time: Double, into database: Database
  ) throws {
    // What is not known cannot be written anew; nobody asks for it.
    guard let (kind, payload) = try format.row(of: event) else { return }
    try database.cachedStatement(
      sql: "INSERT INTO event (time, kind, trajectory, payload) VALUES (?, ?, ?, ?)"
    ).execute(arguments: [time, kind, event.trajectoryID, payload])
    switch event {
    case .sampled(let trajectory): try index(trajectory, in: database)
    default: try insert(event.evidence, event: database.lastInsertedRowID, into: database)
    }
  }
}

// What training has to know of a run, which is little of it: answers and values are most of its bytes.
extension RunStore {
  /// Kinds of events that tell answers, and what was found out about them.
  private static let findings = "'sampled', 'valued', 'measured', 'compared', 'proposed'"

  /// Reads events after number `id` that tell neither an answer nor what was found out about one.
  ///
  /// - Parameters:
  ///   - id: Number of the last event that is known; 0 for all.
  ///   - limit: Most events to read at once.
  /// - Returns: The events, in order, and up to which number of any kind they tell all; rows that are
  ///   damaged or made up are told as such. Nothing is left where that number is `id`.
  /// - Throws: A sentence where the run cannot be read.
  public func progress(
    after id: Int64, limit: Int = 4096
  ) throws -> (events: [RecordedEvent], known: Int64) {
    let format = EventFormat()
    do {
      return try database.read { database in
        let schema = try Schema.found(in: database)
        let newest = try Int64.fetchOne(database, sql: "SELECT MAX(id) FROM event") ?? 0
        let rows = try Row.fetchCursor(
          database,
          sql: """
            SELECT \(EventFormat.columns) FROM event
            WHERE id > ? AND id <= ? AND kind NOT IN (\(Self.findings)) ORDER BY id LIMIT ?
            """,
          arguments: [id, newest, limit])
        var found: [RecordedEvent] = []
        while let row = try rows.next() { found.append(format.recorded(row, schema: schema)) }
        return (found, found.count < limit ? newest : found.last?.id ?? newest)
      }
    } catch { throw RunStore.sentence(error, path: folder.path, doing: "read") }
  }

  /// The event in which the answer of a name was drawn last; nil where there is none.
  ///
  /// - Throws: A sentence where the run cannot be read.
  public func sampled(_ name: String) throws -> RunEvent? {
    let format = EventFormat()
    do {
      return try database.read { database in
        let schema = try Schema.found(in: database)
        return try Row.fetchOne(
          database,
          sql: """
            SELECT \(EventFormat.columns) FROM event
            WHERE trajectory = ? AND kind = 'sampled' ORDER BY id DESC LIMIT 1
            """,
          arguments: [name]
        ).map { format.recorded($0, schema: schema).event }
      }
    } catch { throw RunStore.sentence(error, path: folder.path, doing: "read") }
  }
}

extension RunStore {
  /// The recipe that a run goes by, and what its `recipe.toml` says otherwise.
  ///
  /// A run goes by the recipe that its record tells, with the edits that a person accepted. A key of
  /// which an older Crux recorded nothing is as the file has it.
  ///
  /// - Parameter written: What `recipe.toml` says now.
  /// - Returns: The recipe in force, and a line for each key that the file has otherwise.
  /// - Throws: A sentence where the run cannot be read.
  public func recipe(_ written: Recipe) throws -> (inForce: Recipe, edits: [RecipeEdit]) {
    guard let (began, told) = try recordedRecipe() else { return (written, []) }
    var inForce = written
    for key in Recipe.keys where told.contains(key.name) {
      _ = key.put(key.value(in: began), into: &inForce)
    }
    try accept(acceptedEdits(), into: &inForce)
    let edits: [RecipeEdit] = Recipe.keys.compactMap { key in
      let (before, now) = (key.value(in: inForce), key.value(in: written))
      return before == now
        ? nil : RecipeEdit(update: 0, key: key.name, before: before.toml, value: now.toml)
    }
    return (inForce, edits)
  }

  /// The recipe of the first event, and which keys it has; nil where there is none that can be read.
  private func recordedRecipe() throws -> (recipe: Recipe, told: Set<String>)? {
    do {
      return try database.read { database in
        let schema = try Schema.found(in: database)
        let row = try Row.fetchOne(
          database,
          sql: "SELECT \(EventFormat.columns) FROM event WHERE kind = 'started' ORDER BY id LIMIT 1"
        )
        guard let row, case .started(let start) = EventFormat().recorded(row, schema: schema).event,
          let payload = String.fromDatabaseValue(row["payload"]),
          let object = try? JSONSerialization.jsonObject(with: Data(payload.utf8)),
          let recipe = RunStore.member(["recipe"], of: object)
            ?? RunStore.member(["started", "_0", "recipe"], of: object)
        else { return nil }
        let told = Recipe.keys.filter { key in
          ([key.name] + key.formerNames).contains {
            RunStore.member(StoredRecipe.path($0), of: recipe) != nil
          }
        }
        return (start.recipe, Set(told.map(\.name)))
      }
    } catch { throw RunStore.sentence(error, path: folder.path, doing: "read") }
  }

  private static func member(_ path: [String], of object: Any) -> Any? {
    path.reduce(object as Any?) { ($0 as? [String: Any])?[$1] }
  }

  private func acceptedEdits() throws -> [RecipeEdit] {
    do {
      return try database.read { database in
        let schema = try Schema.found(in: database)
        let rows = try Row.fetchAll(
          database,
          sql: "SELECT \(EventFormat.columns) FROM event WHERE kind = 'edited' ORDER BY id")
        let format = EventFormat()
        return rows.compactMap { row in
          if case .edited(let edit) = format.recorded(row, schema: schema).event {
            edit
          } else {
            nil
          }
        }
      }
    } catch { throw RunStore.sentence(error, path: folder.path, doing: "read") }
  }

  /// Lays accepted edits over a recipe, each key by itself.
  private func accept(_ edits: [RecipeEdit], into recipe: inout Recipe) throws {
    for edit in edits {
      guard let key = Recipe.key(named: edit.key),
        let document = try? TOMLDocument("\(edit.key) = \(edit.value)", name: "the record")
      else { continue }
      var reading = RecipeReading(document: document, base: recipe)
      reading.take(document.root)
      guard reading.faults.isEmpty else { continue }
      _ = key.put(key.value(in: reading.recipe), into: &recipe)
    }
  }
}

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

extension RunStore {
  static func index(_ trajectory: Trajectory, in database: Database) throws {
    try database.cachedStatement(
      sql: "INSERT INTO trajectory_text (trajectory, prompt, response) VALUES (?, ?, ?)"
    ).execute(arguments: [trajectory.id, trajectory.problem.prompt, trajectory.text])
  }

  /// Finds the trajectories whose problem or response contains a text.
  ///
  /// Capitals do not matter. Every character is taken as it stands; there is no query language.
  ///
  /// - Parameters:
  ///   - text: What to look for; blanks at the ends are dropped. Empty text finds nothing.
  ///   - limit: Most ids to return.
  /// - Returns: Their ids, in the order drawn.
  /// - Throws: A sentence where the run cannot be read.
  public func search(_ text: String, limit: Int = 1000) throws -> [String] {
    let wanted = text.trimmingCharacters(in: .whitespacesAndNewlines)
      .replacingOccurrences(of: "\0", with: "")
    guard !wanted.isEmpty else { return [] }
    do {
      return try database.read { database in
        // A trigram index knows nothing shorter than three characters.
        guard wanted.unicodeScalars.count >= 3 else {
          return try String.fetchAll(
            database,
            sql: """
              SELECT trajectory FROM trajectory_text
              WHERE instr(lower(prompt), lower(?1)) OR instr(lower(response), lower(?1))
              ORDER BY rowid LIMIT ?2
              """,
            arguments: [wanted, limit])
        }
        let phrase = "\"" + wanted.replacingOccurrences(of: "\"", with: "\"\"") + "\""
        return try String.fetchAll(
          database,
          sql: """
            SELECT trajectory FROM trajectory_text
            WHERE trajectory_text MATCH ? ORDER BY rowid LIMIT ?
            """,
          arguments: [phrase, limit])
      }
    } catch { throw RunStore.sentence(error, path: folder.path, doing: "searched") }
  }
}
