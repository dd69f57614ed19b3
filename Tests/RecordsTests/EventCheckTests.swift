import Foundation
import GRDB
import Testing
import Trajectories

@testable import Records

/// What cannot be true is passed over, told with its row, and stops nothing else.
struct EventCheckTests {
  /// The faults of rows, each the payload of an event with one place changed.
  private func faults(_ rows: [(kind: String, payload: String)]) throws -> [String] {
    let folder = try TemporaryFolder()
    let store = try RunStore(creating: folder.url.appendingPathComponent("one"), recipe: "")
    try store.database.write { database in
      for row in rows {
        try database.execute(
          sql: "INSERT INTO event (time, kind, payload) VALUES (1, ?, ?)",
          arguments: [row.kind, row.payload])
      }
    }
    return try store.events().map { recorded in
      guard case .damaged(let row) = recorded.event else { return "read" }
      #expect(row.id == recorded.id)
      return row.fault
    }
  }

  private func row(of event: RunEvent) throws -> (kind: String, payload: String) {
    try #require(try EventFormat().row(of: event))
  }

  @Test func `every kind that is written as it should be is read`() throws {
    let rows = try Samples.events.map(row)
    #expect(try faults(rows).allSatisfy { $0 == "read" })
  }

  @Test(arguments: [
    ("\"start\":0", "\"start\":-5", "step 1 starts at -5, not 0"),
    ("\"start\":0", "\"start\":1", "step 1 starts at 1, not 0"),
    ("\"end\":2", "\"end\":0", "step 1 ends at 0"),
    ("\"end\":2", "\"end\":3", "step 1 ends at 3, after the last of 2 tokens"),
    ("\"end\":2", "\"end\":1", "the steps end at 1 of 2 tokens"),
    ("\"end\":2", "\"end\":9223372036854775807", "step 1 ends at 9223372036854775807, after"),
    ("[4,5]", "[-1,5]", "responseTokens[0] is -1"),
    ("[4,5]", "[4]", "2 logProbabilities stand beside 1 tokens"),
    ("[4,5]", "[4,99999999999]", "its payload is not JSON, or holds a number beyond all bounds"),
    ("\"promptTokens\":[1,2,3]", "\"promptTokens\":[1,-2147483648]", "promptTokens[1] is"),
    ("\"reward\":1", "\"reward\":\"nan\"", "reward is nan"),
    ("\"reward\":1", "\"reward\":-0.5", "reward is -0.5"),
    ("\"policyVersion\":3", "\"policyVersion\":9223372036854775807", "policyVersion is"),
    ("\"keptTokens\":2", "\"keptTokens\":3", "forkedFrom.keptTokens is 3"),
    ("\"keptTokens\":2", "\"keptTokens\":-3", "forkedFrom.keptTokens is -3"),
    ("\"trajectory\":\"other\"", "\"trajectory\":\"a\"", "it is forked from itself"),
    ("\"id\":\"a\"", "\"id\":\"\"", "id is empty"),
    ("\"id\":\"a\"", "\"ids\":\"a\"", "id is missing"),
    ("\"seed\":\"18446744073709551615\"", "\"seed\":\"-1\"", "seed is"),
  ])
  func `an answer that cannot be is named by what is wrong`(
    sound: String, spoilt: String, fault: String
  ) throws {
    var (kind, payload) = try row(of: .sampled(Samples.trajectory("a")))
    try #require(payload.contains(sound), "\(payload)")
    let range = try #require(payload.range(of: sound))
    payload.replaceSubrange(range, with: spoilt)
    let found = try faults([(kind, payload)])
    #expect(found[0].hasPrefix(fault), "\(found)")
  }

  @Test(arguments: [
    ("valued", "\"rollouts\":4", "\"rollouts\":9223372036854775807"),
    ("valued", "\"boundary\":0", "\"boundary\":1"), ("valued", "\"mean\":0.75", "\"mean\":\"inf\""),
    ("valued", "\"tokens\":90", "\"tokens\":-1"), ("valued", "\"low\":0.3", "\"low\":1e300"),
    ("measured", "\"end\":2", "\"end\":-2"), ("measured", "\"start\":0", "\"start\":7"),
    ("compared", "\"firstVersion\":1", "\"firstVersion\":-1"),
    ("proposed", "\"leader\":2", "\"leader\":-2"),
    ("proposed", "\"confidence\":0.9", "\"confidence\":\"nan\""),
    ("marked", "\"step\":1", "\"step\":-1"), ("recut", "\"start\":1", "\"start\":2"),
    ("recut", "\"token\":1", "\"token\":-1"), ("labelled", "[1,null,-1]", "[7]"),
    ("labelled", "\"starts\":[0,1]", "\"starts\":[0,0]"),
    ("followed", "\"marks\":1", "\"marks\":-9223372036854775808"),
    ("updated", "\"update\":7", "\"update\":9223372036854775807"),
    ("evaluated", "\"problems\":0", "\"problems\":-1"),
    ("checkpointed", "7", "-7"), ("rolledBack", "3", "9223372036854775807"),
    ("started", "\"updates\":", "\"updates\":-1,\"was\":"),
    ("started", "\"parameters\":12", "\"parameters\":-12"),
  ])
  func `numbers out of range are passed over in every kind`(
    kind: String, sound: String, spoilt: String
  ) throws {
    let rows = try Samples.events.map(row)
    var row = try #require(rows.first { $0.kind == kind })
    let range = try #require(row.payload.range(of: sound), "\(row.payload)")
    row.payload.replaceSubrange(range, with: spoilt)
    let found = try faults([row, ("finished", "{}")])
    #expect(found[0] != "read" && found[1] == "read", "\(found)")
  }

  @Test func `rows with the keys of the former format are told, not taken`() throws {
    let (_, payload) = try row(of: .sampled(Samples.trajectory("a")))
    let found = try faults([("sampled", "{\"sampled\":{\"_0\":\(payload)}}"), ("warned", "[]")])
    #expect(found == ["id is missing", "its payload is of the wrong kind"])
  }

  @Test func `a stranger's words for a kind are shown plain and short`() throws {
    let kind = "hi \u{1B}[31m\u{202E}" + String(repeating: "long", count: 30)
    let folder = try TemporaryFolder()
    let store = try RunStore(creating: folder.url.appendingPathComponent("one"), recipe: "")
    try store.database.write {
      try $0.execute(
        sql: "INSERT INTO event (time, kind, payload) VALUES (9e999, ?, ?), (1, ?, x'00ff')",
        arguments: ["stopped", "{}", kind])
    }
    let found = try store.events().map(\.event)
    guard case .damaged(let first) = found[0], case .damaged(let second) = found[1] else {
      Issue.record("\(found)")
      return
    }
    #expect(first.fault == "its time is no number")
    #expect(second.kind.count == 40 && second.kind.hasPrefix("hi??[31m?long"))
  }

  @Test func `whatever a payload holds, it is read or passed over`() throws {
    let rows = try Samples.events.map(row)
    let inputs = ProcessInfo.processInfo.environment["CRUX_FUZZ"].flatMap { Int($0) } ?? 20_000
    let words = [
      "-1", "9223372036854775807", "1e308", "\"nan\"", "\"inf\"", "[]", "{}", "null", "0",
    ]
    var mutations = Mutations(seed: 17, words: words)
    let format = EventFormat()
    var counts = (read: 0, passed: 0)
    for number in 0..<inputs {
      let row = rows[number % rows.count]
      let bytes = mutations.spoil(Array(row.payload.utf8))
      let payload = String(decoding: bytes, as: UTF8.self)
      let recorded = format.recorded(
        Row(["id": number, "time": 1, "kind": row.kind, "trajectory": nil, "payload": payload]),
        schema: 1 + number / rows.count % 2)
      if case .damaged = recorded.event { counts.passed += 1 } else { counts.read += 1 }
    }
    #expect(counts.read > inputs / 100 && counts.passed > inputs / 10, "\(counts)")
  }
}
