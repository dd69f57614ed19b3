import Foundation
import GRDB
import Testing
import Trajectories

@testable import Records

/// What came from a server and stands in no event yet.
struct ArrivalTests {
  let folder: TemporaryFolder
  let run: URL

  init() throws {
    folder = try TemporaryFolder()
    run = folder.url.appendingPathComponent("one")
  }

  private func rollout(_ seed: UInt64) -> RolloutRecord {
    RolloutRecord(
      tokens: [7, 70_000], logProbabilities: [-0.5, .nan], reward: 0, truncated: seed > 1,
      seed: seed)
  }

  @Test func `a rollout is there for whoever opens the run next, until an event tells of it`()
    throws
  {
    let store = try RunStore(creating: run, recipe: "")
    #expect(try store.arrivals.rollouts(from: "a").isEmpty && store.arrivals.count == 0)
    for seed in [1, 2, UInt64.max] { try store.arrivals.keep(rollout(seed), from: "a") }
    try store.arrivals.keep(rollout(1), from: "b")
    // Whoever drew it twice has it once.
    try store.arrivals.keep(rollout(1), from: "a")
    let other = try RunStore(opening: run, readOnly: false)
    let found = try other.arrivals.rollouts(from: "a")
    #expect(Set(found.keys) == [1, 2, .max])
    let last = try #require(found[.max])
    #expect(last.tokens == [7, 70_000] && last.truncated)
    #expect(last.logProbabilities[0] == -0.5 && last.logProbabilities[1].isNaN)
    try other.arrivals.settle(["a": [1, .max]])
    #expect(try Set(store.arrivals.rollouts(from: "a").keys) == [2])
    #expect(try store.arrivals.rollouts(from: "b").count == 1)
    #expect(try store.arrivals.rollouts(from: "c").isEmpty)
    try other.close()
    try store.close()
  }

  @Test func `rows that cannot be such are left out`() throws {
    let store = try RunStore(creating: run, recipe: "")
    try store.arrivals.keep(rollout(4), from: "a")
    try store.database.write { database in
      try database.execute(sql: "UPDATE arrival SET seed = 5")
      try database.execute(
        sql: "INSERT INTO arrival (state, seed, data) VALUES ('a', 'x', 'y'), ('a', 9, x'01')")
    }
    #expect(try store.arrivals.rollouts(from: "a").isEmpty)
    try store.close()
  }

  @Test func `a run that is only watched takes none`() throws {
    try RunStore(creating: run, recipe: "").close()
    let store = try RunStore(opening: run, readOnly: true)
    #expect(throws: RecordsError.self) { try store.arrivals.keep(rollout(1), from: "a") }
    #expect(try store.arrivals.count == 0)
    try store.close()
  }
}
