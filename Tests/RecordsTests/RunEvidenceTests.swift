import Foundation
import GRDB
import Testing
import Trajectories

@testable import Records

struct RunEvidenceTests {
  let folder: TemporaryFolder
  let run: URL

  init() throws {
    folder = try TemporaryFolder()
    run = folder.url.appendingPathComponent("one")
  }

  private func rollout(_ seed: UInt64, _ tokens: [Int32] = [7, 1]) -> RolloutRecord {
    RolloutRecord(
      tokens: tokens, logProbabilities: tokens.map { -0.1 / Float($0 + 1) },
      reward: Double(seed % 3) / 3, truncated: seed.isMultiple(of: 2), seed: seed)
  }

  private func valued(
    _ parts: [BoundaryRollouts], version: Int = 3, of trajectory: String = "a"
  ) -> RunEvent {
    var valuation = Valuation(
      trajectory: trajectory, policyVersion: version, values: [Samples.value], tokens: 9,
      seconds: 0)
    valuation.evidence = parts
    return .valued(valuation)
  }

  private func part(_ start: Int, _ first: Int, _ seeds: [UInt64]) -> BoundaryRollouts {
    BoundaryRollouts(
      boundary: start, start: start, first: first, rollouts: seeds.map { rollout($0) })
  }

  @Test(arguments: [[7, 255], [256, 65535], [65536], [-1], []] as [[Int32]])
  func `rollouts come back bit for bit`(tokens: [Int32]) throws {
    var odd = rollout(.max, tokens)
    if !tokens.isEmpty { odd.logProbabilities[0] = -.infinity }
    odd.reward = 1.0 / 3
    let all = [rollout(2, tokens), odd, rollout(0, [])]
    #expect(RolloutBlob.rollouts(of: RolloutBlob.bytes(of: all)) == all)
    #expect(RolloutBlob.rollouts(of: RolloutBlob.bytes(of: [])) == [])
  }

  @Test func `bytes that are no rollouts are refused, never a trap`() {
    let good = RolloutBlob.bytes(of: [rollout(5), rollout(6, [300, 2, 1])])
    for length in good.indices { #expect(RolloutBlob.rollouts(of: good.prefix(length)) == nil) }
    var mutations = Mutations(seed: 3, words: [])
    for _ in 0..<500 {
      let bytes = mutations.spoil(Array(good))
      _ = RolloutBlob.rollouts(of: Data(bytes))
    }
    // A count that no file could hold.
    #expect(RolloutBlob.rollouts(of: Data([1, 1, 0, 0, 255, 255, 255, 255])) == nil)
    #expect(RolloutBlob.rollouts(of: (Data([9]) + good).dropFirst()) != nil)
  }

  @Test func `rollouts are kept beside the event they came with`() throws {
    let store = try RunStore(creating: run, recipe: "")
    let answer = Samples.trajectory("a")
    let parts = [part(0, 0, [1, 2]), part(1, 0, [3])]
    try store.append([.sampled(answer), valued(parts), valued([part(0, 2, [4])])])
    try store.append([valued([part(0, 0, [9])], version: 4), valued([part(0, 0, [8])], of: "b")])
    let watcher = try RunStore(opening: run, readOnly: true)
    #expect(
      try watcher.evidence(of: answer, version: 3)
        == [part(0, 0, [1, 2]), part(0, 2, [4]), part(1, 0, [3])])
    #expect(try watcher.evidence(of: answer, version: 4) == [part(0, 0, [9])])
    #expect(try watcher.evidence(of: answer, version: 5).isEmpty)
    let events = try watcher.events().map(\.event)
    guard case .valued(let valuation) = events[1] else { return }
    #expect(valuation.evidence.isEmpty)
    let rows = try store.database.read {
      try Row.fetchAll($0, sql: "SELECT event, policy_version, count FROM rollout ORDER BY id")
    }
    #expect(rows.map { $0["event"] as Int } == [2, 2, 3, 4, 5])
    #expect(rows.map { $0["count"] as Int } == [2, 1, 1, 1, 1])
  }

  @Test func `rollouts can be neither changed nor deleted`() throws {
    let store = try RunStore(creating: run, recipe: "")
    try store.append([valued([part(0, 0, [1])])])
    for sql in ["DELETE FROM rollout", "UPDATE rollout SET count = 0"] {
      #expect(throws: DatabaseError.self) {
        try store.database.write { try $0.execute(sql: sql) }
      }
    }
  }

  @Test func `rollouts under weights that were given up are not told`() throws {
    let store = try RunStore(creating: run, recipe: "")
    let answer = Samples.trajectory("a")
    try store.append([.sampled(answer), valued([part(0, 0, [1])]), .rolledBack(update: 3)])
    #expect(try store.evidence(of: answer, version: 3).count == 1)
    try store.append([.rolledBack(update: 2)])
    #expect(try store.evidence(of: answer, version: 3).isEmpty)
    try store.append([valued([part(0, 0, [2])])])
    #expect(try store.evidence(of: answer, version: 3) == [part(0, 0, [2])])
  }

  @Test func `another answer of the same name begins with nothing`() throws {
    let store = try RunStore(creating: run, recipe: "")
    let answer = Samples.trajectory("a")
    var other = answer
    other.responseTokens = [5, 4]
    try store.append([.sampled(answer), valued([part(0, 0, [1])]), .sampled(answer)])
    #expect(try store.evidence(of: answer, version: 3).count == 1)
    try store.append([.sampled(other)])
    #expect(try store.evidence(of: other, version: 3).isEmpty)
    try store.append([valued([part(0, 0, [2])])])
    #expect(try store.evidence(of: other, version: 3) == [part(0, 0, [2])])
  }

  @Test func `whoever valued at the same time told the same`() throws {
    let store = try RunStore(creating: run, recipe: "")
    try store.append([valued([part(0, 0, [1])]), valued([part(0, 0, [1])])])
    #expect(try store.evidence(of: Samples.trajectory("a"), version: 3) == [part(0, 0, [1])])
  }

  @Test func `a run of the second schema without the table gets it`() throws {
    try RunStore(creating: run, recipe: "").close()
    let queue = try DatabaseQueue(path: run.appendingPathComponent(RunStore.fileName).path)
    try queue.write { try $0.execute(sql: "DROP TABLE rollout") }
    try queue.close()
    let answer = Samples.trajectory("a")
    let watcher = try RunStore(opening: run, readOnly: true)
    #expect(try watcher.evidence(of: answer, version: 3).isEmpty)
    try watcher.close()
    let store = try RunStore(opening: run, readOnly: false)
    try store.append([valued([part(0, 0, [1])])])
    #expect(try store.evidence(of: answer, version: 3).count == 1)
  }
}
