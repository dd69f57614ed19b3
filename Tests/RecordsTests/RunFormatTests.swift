import Comparing
import Foundation
import GRDB
import Testing
import Trajectories

@testable import Records

struct RunFormatTests {
  let folder: TemporaryFolder
  let run: URL

  init() throws {
    folder = try TemporaryFolder()
    run = folder.url.appendingPathComponent("one")
  }

  private func payloads(_ store: RunStore) throws -> [(kind: String, object: [String: Any])] {
    try store.database.read { database in
      try Row.fetchAll(database, sql: "SELECT kind, payload FROM event ORDER BY id").map { row in
        let text: String = row["payload"]
        let object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
        return (row["kind"], try #require(object))
      }
    }
  }

  private func insert(_ kind: String, _ payload: String, into store: RunStore) throws {
    try store.database.write {
      try $0.execute(
        sql: "INSERT INTO event (time, kind, payload) VALUES (0, ?, ?)", arguments: [kind, payload])
    }
  }

  @Test func `a payload is the object of its own fields`() throws {
    let store = try RunStore(creating: run, recipe: "")
    try store.append(Samples.events)
    let written = try payloads(store)
    #expect(Set(written.map(\.kind)).count == Samples.events.count)
    for (kind, object) in written {
      #expect(object["_0"] == nil && object[kind] as? [String: Any] == nil, "\(kind)")
    }
    let recut = try #require(written.first { $0.kind == "recut" })
    #expect(Set(recut.object.keys) == ["trajectory", "kind", "token", "starts", "steps"])
    let sampled = try #require(written.first { $0.kind == "sampled" })
    #expect(sampled.object["seed"] as? String == "\(UInt64.max)")
  }

  @Test func `every field of every noun has its key`() {
    func check<Noun: StoredNoun>(_ noun: Noun.Type, but left: Set<String> = []) {
      let properties = Mirror(reflecting: Noun.blank).children.compactMap(\.label)
      #expect(
        Set(properties).subtracting(left) == Set(Noun.fields.map(\.name)), "\(noun)")
    }
    check(RunStart.self)
    // What another program wrote is shown, not kept.
    check(Trajectory.self, but: ["origin"])
    check(Problem.self)
    check(AnswerGrading.self)
    check(Step.self)
    check(Fork.self)
    check(Valuation.self, but: ["evidence"])
    check(StepMeasurement.self, but: ["evidence"])
    check(StepComparison.self, but: ["evidence"])
    check(Cost.self)
    check(StepValue.self)
    check(StepAnchor.self)
    check(CriticalStep.self)
    check(FreshEffect.self)
    check(Mark.self)
    check(StepCut.self)
    check(StepLabel.self)
    check(Metrics.self)
    check(EvaluationResult.self)
  }

  @Test func `the page on the format names every kind and every key`() throws {
    let url = Samples.package.appendingPathComponent("Sources/Records/README.md")
    let page = try String(contentsOf: url, encoding: .utf8)
    let store = try RunStore(creating: run, recipe: "")
    try store.append(Samples.events)
    for (kind, object) in try payloads(store) {
      #expect(page.contains("`\(kind)`"), "\(kind)")
      for key in keys(of: object) { #expect(page.contains("`\(key)`"), "\(kind): \(key)") }
    }
  }

  @Test func `the page's line for sqlite3 reads the run that ships`() throws {
    let url = Samples.package.appendingPathComponent("Sources/Records/README.md")
    let page = try String(contentsOf: url, encoding: .utf8)
    let line = try #require(page.split(separator: "\n").first { $0.hasPrefix("sqlite3 ") })
    let quoted = line.split(separator: "\"")
    let path = String(try #require(line.split(separator: " ").first { $0.hasSuffix(".sqlite") }))
    let run = try RunStore(
      opening: Samples.package.appendingPathComponent(path).deletingLastPathComponent(),
      readOnly: true)
    #expect(try run.database.read(Schema.found) == Schema.version)
    let rows = try run.database.read { try Row.fetchAll($0, sql: String(quoted[1])) }
    #expect(rows.contains { $0["kind"] == "sampled" })
    let program = "/usr/bin/sqlite3"
    guard FileManager.default.isExecutableFile(atPath: program) else { return }
    let (process, pipe) = (Process(), Pipe())
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", String(line)]
    process.currentDirectoryURL = Samples.package
    process.standardOutput = pipe
    try process.run()
    let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    let lines = rows.map { "\($0[0] as String)|\($0[1] as Int)\n" }
    #expect(output == lines.joined())
  }

  /// The keys of an object and of those within it; a recipe's are told as those of its file.
  private func keys(of value: Any) -> Set<String> {
    if let list = value as? [Any] { return list.reduce(into: []) { $0.formUnion(keys(of: $1)) } }
    guard let object = value as? [String: Any] else { return [] }
    return object.reduce(into: []) { all, member in
      all.insert(member.key)
      if member.key != "recipe" { all.formUnion(keys(of: member.value)) }
    }
  }

  @Test func `a kind from a newer Crux is kept, skipped and told`() throws {
    let store = try RunStore(creating: run, recipe: "")
    try store.append([.stopped])
    try insert("dreamt", #"{"of": ["sheep"]}"#, into: store)
    try store.append([.finished])
    #expect(try store.events().map(\.event) == [.stopped, .unknown(kind: "dreamt"), .finished])
    try store.close()
    let again = try RunStore(opening: run, readOnly: false)
    try again.append([.undone])
    #expect(try payloads(again)[1].object["of"] as? [String] == ["sheep"])
  }

  @Test func `a word or a key from a newer Crux does not stop the reading`() throws {
    let store = try RunStore(creating: run, recipe: "")
    try insert("marked", #"{"trajectory":"a","step":1,"kind":"dreamt"}"#, into: store)
    try insert("marked", #"{"trajectory":"a","step":1,"kind":"marked","why":{}}"#, into: store)
    try insert("marked", #"{"trajectory":"a"}"#, into: store)
    let mark = RunEvent.marked(Mark(trajectory: "a", step: 1, kind: .marked))
    let found = try store.events().map(\.event)
    let faults = found.map { event in
      if case .damaged(let row) = event { "\(row.id) \(row.kind) \(row.fault)" } else { "" }
    }
    let unknown = "1 marked kind is nothing that this Crux knows"
    #expect(faults == [unknown, "", "3 marked step is missing"])
    #expect(found[1] == mark)
  }

  @Test func `a payload that is not JSON is damage, named by its row, and stops no other`() throws {
    let store = try RunStore(creating: run, recipe: "")
    try store.append([.stopped])
    try insert("marked", #"{"trajectory":"#, into: store)
    try store.append([.finished])
    let found = try store.events().map(\.event)
    guard case .damaged(let row) = found[1] else {
      Issue.record("\(found[1])")
      return
    }
    #expect(row.words.hasPrefix("Event 2 (marked) of run.sqlite: its payload is not JSON"))
    #expect(row.bearsTraining && [found[0], found[2]] == [.stopped, .finished])
  }

  @Test func `any payload is read, skipped or refused, never a trap`() throws {
    let format = EventFormat()
    var random = Mutations(seed: 11, words: ["null", "1e400", "\"_0\""])
    for event in Samples.events {
      let row = try #require(try format.row(of: event))
      for _ in 0..<60 {
        let bytes = random.spoil(Array(row.payload.utf8))
        for schema in [1, 2] {
          _ = try? format.event(row.kind, Data(bytes), schema: schema)
        }
      }
    }
  }

  @Test func `fields that an older Crux did not write have their defaults`() throws {
    let store = try RunStore(creating: run, recipe: "")
    var recipe = Recipe()
    recipe.seed = .max
    recipe.optimizer.learningRate = 1.0 / 3
    recipe.values.estimator = .topTwo
    let start = RunStart(recipe: recipe, machine: "m", parameters: 3, version: "0")
    try store.append([.started(start), .updated(Samples.metrics)])
    let path = "json_remove(payload, '$.recipe.task', '$.recipe.values.floor', '$.loss')"
    try store.database.write {
      try $0.execute(
        sql: "INSERT INTO event (time, kind, payload) SELECT time, kind, \(path) FROM event")
    }
    var metrics = Samples.metrics
    metrics.loss = 0
    #expect(try store.events(after: 2).map(\.event) == [.started(start), .updated(metrics)])
  }
}

// Runs of the format before this one.
struct RunMigrationTests {
  let folder: TemporaryFolder
  let run: URL

  init() throws {
    folder = try TemporaryFolder()
    run = folder.url.appendingPathComponent("one")
  }

  private func file(_ suffix: String = "") -> URL {
    run.appendingPathComponent(RunStore.fileName + suffix)
  }

  /// What the rows of `FirstSchema` say.
  private func check(_ events: [RecordedEvent], at place: SourceLocation = #_sourceLocation) throws
  {
    let id = "update-20/34"
    #expect(events.map(\.id) == Array(1...Int64(FirstSchema.rows.count)), sourceLocation: place)
    #expect(events.first?.time == 100.5, sourceLocation: place)
    guard case .started(let start) = try #require(events.first?.event),
      case .sampled(let answer) = events[1].event, case .valued(let valuation) = events[2].event,
      case .proposed(let proposal) = events[3].event, case .recut(let cut) = events[5].event,
      case .labelled(let label) = events[9].event, case .updated(let metrics) = events[11].event
    else {
      Issue.record("other events came: \(events)", sourceLocation: place)
      return
    }
    #expect(start.parameters == 109_376 && start.recipe.task.hard == 4)
    #expect(start.recipe.values.estimator == .uniform && start.recipe.record.trajectories == 8)
    #expect(start.recipe.objective.scaleRewards == .group)
    #expect(answer.id == id && answer.seed == 11_545_070_942_267_767_656)
    #expect(answer.logProbabilities.first == -1.1444026e-05 && answer.steps.count == 3)
    #expect(valuation.values.count == 4 && proposal.leader == 1)
    #expect(events[4].event == .marked(Mark(trajectory: id, step: 2, kind: .marked)))
    #expect(cut.steps.map(\.end) == [3, 9])
    #expect(events[6].event == .undone && events[7].event == .redone)
    #expect(events[8].event == .marked(Mark(trajectory: id, step: 1, kind: .confirmed)))
    #expect(label.ratings == [1, nil, -1] && label.blind)
    #expect(events[10].event == .followed(marks: 4, update: 10))
    #expect(metrics.update > 0)
    #expect(
      events[13...15].map(\.event) == [
        .checkpointed(update: 10), .resumed(update: 10), .rolledBack(update: 9),
      ])
    #expect(events[16].event == .warned(message: "a \"word\""))
    #expect(events[17].event == .failed(message: "no more"))
    #expect(events[18...].map(\.event) == [.stopped, .finished, .unknown(kind: "dreamt")])
  }

  @Test(arguments: [false, true])
  func `a run of the first schema is rewritten at the first word, and the old file kept`(wal: Bool)
    throws
  {
    try FirstSchema.write(to: run, wal: wal)
    let before = try Data(contentsOf: file())
    let store = try RunStore(opening: run, readOnly: false)
    try check(try store.events())
    #expect(try store.database.read(Schema.found) == 1)
    try store.database.write { _ in }
    try check(try store.events())
    #expect(try store.database.read(Schema.found) == Schema.version)
    #expect(try store.search("-5 29") == ["update-20/34"])
    #expect(try store.append([.redone]) == Int64(FirstSchema.rows.count) + 1)
    try store.close()
    if !wal { #expect(try Data(contentsOf: file(".v1")) == before) }
    #expect(!FileManager.default.fileExists(atPath: file(".new").path))
    let kept = try DatabaseQueue(path: file(".v1").path)
    let rows = try kept.read { try String.fetchAll($0, sql: "SELECT payload FROM event") }
    #expect(rows == FirstSchema.rows.map(\.payload))
    #expect(try RunStore(opening: run, readOnly: true).events().count == rows.count + 1)
  }

  @Test func `a row that nobody knows keeps its payload`() throws {
    try FirstSchema.write(to: run)
    let store = try RunStore(opening: run, readOnly: false)
    try store.database.write { _ in }
    let payload = try store.database.read {
      try String.fetchOne($0, sql: "SELECT payload FROM event WHERE kind = 'dreamt'")
    }
    #expect(payload == FirstSchema.rows.last?.payload)
  }

  @Test func `a watcher reads the first schema and changes nothing`() throws {
    try FirstSchema.write(to: run)
    let before = try Data(contentsOf: file())
    let watcher = try RunStore(opening: run, readOnly: true)
    try check(try watcher.events())
    #expect(try watcher.search("-5 29") == ["update-20/34"])
    try watcher.close()
    try expectEqual(Data(contentsOf: file()), before)
    #expect(try FileManager.default.contentsOfDirectory(atPath: run.path) == ["run.sqlite"])
  }

  @Test func `a run that searched adaptively before there were estimators still does`() throws {
    var rows = FirstSchema.rows
    rows[0].payload = rows[0].payload.replacing("\"adaptive\":false", with: "\"adaptive\":true")
    try FirstSchema.write(to: run, rows: rows)
    let store = try RunStore(opening: run, readOnly: false)
    guard case .started(let start) = try #require(store.events().first?.event) else { return }
    #expect(start.recipe.values.estimator == .topTwo)
  }

  @Test func `a rewriting that was killed at any moment is made again`() throws {
    try FirstSchema.write(to: run)
    // Killed while it wrote, then between the two names.
    try Data("half".utf8).write(to: file(".new"))
    #expect(link(file().path, file(".v1").path) == 0)
    let store = try RunStore(opening: run, readOnly: false)
    try store.database.write { _ in }
    try check(try store.events())
    #expect(!FileManager.default.fileExists(atPath: file(".v1-2").path))
  }

  @Test func `another old file under that name stays`() throws {
    try FirstSchema.write(to: run)
    try Data("older".utf8).write(to: file(".v1"))
    let store = try RunStore(opening: run, readOnly: false)
    try store.database.write { _ in }
    try check(try store.events())
    #expect(try Data(contentsOf: file(".v1")) == Data("older".utf8))
    #expect(FileManager.default.fileExists(atPath: file(".v1-2").path))
  }

  @Test func `several processes that open an old run find it rewritten once`() async throws {
    try FirstSchema.write(to: run)
    let folder = run
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<4 {
        group.addTask {
          let store = try RunStore(opening: folder, readOnly: false)
          try store.append([.undone])
          try store.close()
        }
      }
      try await group.waitForAll()
    }
    let events = try RunStore(opening: run, readOnly: true).events()
    #expect(events.count == FirstSchema.rows.count + 4)
    #expect(!FileManager.default.fileExists(atPath: file(".v1-2").path))
  }

  @Test func `a run that is open elsewhere is left as it is`() throws {
    try FirstSchema.write(to: run, wal: true)
    let other = try DatabaseQueue(path: file().path)
    _ = try other.read { try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM event") }
    let error = #expect(throws: RecordsError.self) {
      try RunStore(opening: run, readOnly: false).append([.undone])
    }
    #expect(error?.description.contains("open elsewhere") == true)
    #expect(!FileManager.default.fileExists(atPath: file(".new").path))
    try check(try RunStore(opening: run, readOnly: true).events())
  }
}
