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
