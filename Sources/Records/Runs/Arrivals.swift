import Foundation
import GRDB
public import Trajectories

extension RunStore {
  /// What came from a server and is in no event yet.
  public var arrivals: Arrivals { Arrivals(store: self) }
}

/// Rollouts that came from a server and that no event tells of yet: what was paid for is in a run's
/// record before it is used, and is not asked for again after a crash.
public struct Arrivals {
  let store: RunStore

  /// Writes a rollout down as it arrives; a process that is killed after this has not lost it.
  ///
  /// The disk is not waited for, as it is for events: hundreds may arrive in a second. A power cut
  /// may take back what no event has told of since.
  ///
  /// - Parameters:
  ///   - rollout: What came; its reward says nothing.
  ///   - state: The name of the state that it was drawn from, and of how.
  /// - Throws: A sentence where the disk is full or the run is open for watching only.
  public func keep(_ rollout: RolloutRecord, from state: String) throws {
    do {
      try store.database.writeWithoutTransaction { database in
        if try !database.tableExists("arrival") { try database.execute(sql: Schema.arrivals) }
        try database.execute(sql: "PRAGMA synchronous = NORMAL")
        defer { try? database.execute(sql: "PRAGMA synchronous = FULL") }
        try database.cachedStatement(
          sql: "INSERT OR IGNORE INTO arrival (state, seed, data) VALUES (?, ?, ?)"
        ).execute(
          arguments: [
            state, Int64(bitPattern: rollout.seed), RolloutBlob.bytes(of: [rollout]),
          ])
      }
    } catch { throw RunStore.sentence(error, path: store.folder.path, doing: "written") }
  }

  /// The rollouts from a state that came and that no event tells of yet, by their seeds.
  ///
  /// - Throws: A sentence where the run cannot be read; a damaged row is left out.
  public func rollouts(from state: String) throws -> [UInt64: RolloutRecord] {
    do {
      return try store.database.read { database in
        guard try database.tableExists("arrival") else { return [:] }
        let rows = try Row.fetchAll(
          database, sql: "SELECT seed, data FROM arrival WHERE state = ?", arguments: [state])
        return Dictionary(
          rows.compactMap(Self.rollout).map { ($0.seed, $0) }, uniquingKeysWith: { $1 })
      }
    } catch { throw RunStore.sentence(error, path: store.folder.path, doing: "read") }
  }

  /// How many rollouts came that no event tells of yet.
  ///
  /// - Throws: A sentence where the run cannot be read.
  public var count: Int {
    get throws {
      do {
        return try store.database.read { database in
          guard try database.tableExists("arrival") else { return 0 }
          return try Int.fetchOne(database, sql: "SELECT COUNT(*) FROM arrival") ?? 0
        }
      } catch { throw RunStore.sentence(error, path: store.folder.path, doing: "read") }
    }
  }

  /// The rollout of a row; nil where it cannot be such.
  private static func rollout(_ row: Row) -> RolloutRecord? {
    guard let seed = Int64.fromDatabaseValue(row["seed"]),
      let data = Data.fromDatabaseValue(row["data"]), data.count <= EventFormat.largestPayload,
      let found = RolloutBlob.rollouts(of: data), found.count == 1,
      found[0].seed == UInt64(bitPattern: seed), found[0].tokens.allSatisfy({ $0 >= 0 })
    else { return nil }
    return found[0]
  }

  /// Lets go of rollouts that an event tells of by now.
  ///
  /// - Parameter seeds: For each state the seeds of its rollouts.
  /// - Throws: A sentence where the run cannot be written.
  public func settle(_ seeds: [String: [UInt64]]) throws {
    guard !seeds.isEmpty else { return }
    do {
      try store.database.write { database in
        guard try database.tableExists("arrival") else { return }
        let row = try database.cachedStatement(
          sql: "DELETE FROM arrival WHERE state = ? AND seed = ?")
        for (state, seeds) in seeds {
          for seed in seeds { try row.execute(arguments: [state, Int64(bitPattern: seed)]) }
        }
      }
    } catch { throw RunStore.sentence(error, path: store.folder.path, doing: "written") }
  }
}
