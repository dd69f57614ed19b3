import Foundation
import GRDB
public import Trajectories

// What training has to know of a run, which is little of it: answers and values are most of its bytes.
extension RunStore {
  /// Kinds of events that tell answers, and what was found out about them.
  private static let findings = "'sampled', 'valued', 'measured', 'compared', 'proposed'"

  /// Reads the events after number `id` that tell neither an answer nor what was found out about one.
  ///
  /// - Parameter id: Number of the last event that is known; 0 for all.
  /// - Returns: The events, in order, and the number of the newest event of any kind; rows that are
  ///   damaged or made up are told as such.
  /// - Throws: A sentence where the run cannot be read.
  public func progress(after id: Int64) throws -> (events: [RecordedEvent], newest: Int64) {
    let format = EventFormat()
    do {
      return try database.read { database in
        let schema = try Schema.found(in: database)
        let newest = try Int64.fetchOne(database, sql: "SELECT MAX(id) FROM event") ?? 0
        let rows = try Row.fetchCursor(
          database,
          sql: """
            SELECT \(EventFormat.columns) FROM event
            WHERE id > ? AND id <= ? AND kind NOT IN (\(Self.findings)) ORDER BY id
            """,
          arguments: [id, newest])
        var found: [RecordedEvent] = []
        while let row = try rows.next() { found.append(format.recorded(row, schema: schema)) }
        return (found, newest)
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
