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
  let database: any DatabaseWriter
  /// The version of the schema that the rows are in.
  let schema: Int
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
      database = try RunStore.pool(at: path)
      schema = Schema.version
    } catch { throw RunStore.sentence(error, path: path, doing: "created") }
  }

  /// Opens a run.
  ///
  /// A run of the format before this one is rewritten first where it may be, and read as it is where
  /// it may not.
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
    guard FileManager.default.fileExists(atPath: path) else {
      throw RecordsError("\(folder.path) is not a run: it has no \(RunStore.fileName).")
    }
    do {
      if !readOnly { try RunMigration(folder: folder).perform() }
      database = readOnly ? try RunStore.watcher(at: path) : try RunStore.pool(at: path)
      schema = try database.read { try Schema.check($0, at: path) }
      if !readOnly { try database.write { try Schema.complete($0) } }
    } catch { throw RunStore.sentence(error, path: path, doing: "opened") }
  }

  /// Writes events at the end of the run, all or none, in order.
  ///
  /// - Returns: The number of the last event of the run; everything up to it is on disk.
  /// - Throws: A sentence where the disk is full or the run is open for watching only.
  @discardableResult
  public func append(_ events: [RunEvent]) throws -> Int64 {
    guard !readOnly else {
      throw RecordsError("\(folder.path) is open for watching only; open it for writing to mark.")
    }
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
  /// - Returns: The events, in order.
  /// - Throws: A sentence that names the row that cannot be read.
  public func events(after id: Int64 = 0, limit: Int? = nil) throws -> [RecordedEvent] {
    let format = EventFormat()
    let path = folder.path
    do {
      return try database.read { database in
        let rows = try Row.fetchCursor(
          database,
          sql: "SELECT \(EventFormat.columns) FROM event WHERE id > ? ORDER BY id LIMIT ?",
          arguments: [id, limit ?? -1])
        var found: [RecordedEvent] = []
        while let row = try rows.next() {
          found.append(try format.recorded(row, of: path, schema: schema))
        }
        return found
      }
    } catch { throw RunStore.sentence(error, path: path, doing: "read") }
  }

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
