import Comparing
import Foundation
import GRDB
import Testing
import Trajectories

@testable import Records

struct RunStoreTests {
  let folder: TemporaryFolder
  let run: URL

  init() throws {
    folder = try TemporaryFolder()
    run = folder.url.appendingPathComponent("runs/one")
  }

  @Test func `every kind of event comes back as it was written`() throws {
    let store = try RunStore(creating: run, recipe: "seed = 1\n", clock: { 12.5 })
    let last = try store.append(Samples.events)
    let found = try store.events()
    expectEqual(found.map(\.event), Samples.events)
    #expect(found.map(\.id) == Array(1...Int64(Samples.events.count)))
    #expect(found.allSatisfy { $0.time == 12.5 })
    #expect(try last == store.newest)
    let recipe = run.appendingPathComponent(RunStore.recipeName)
    #expect(try String(contentsOf: recipe, encoding: .utf8) == "seed = 1\n")
  }

  @Test
  func `what a process left that was killed while it made a run is no run, and is cleared away`()
    throws
  {
    let ended = Process()
    ended.executableURL = URL(fileURLWithPath: "/bin/true")
    try ended.run()
    ended.waitUntilExit()
    let runs = run.deletingLastPathComponent()
    let left = runs.appendingPathComponent(".one-\(ended.processIdentifier)")
    _ = try RunStore(creating: left, recipe: "")
    #expect(RunFolders.list(in: runs).isEmpty)
    _ = try RunStore(creating: run, recipe: "")
    #expect(RunFolders.list(in: runs).map(\.lastPathComponent) == ["one"])
    #expect(try FileManager.default.contentsOfDirectory(atPath: runs.path) == ["one"])
  }

  @Test func `a watcher sees an event as soon as append returns`() throws {
    let store = try RunStore(creating: run, recipe: "")
    let watcher = try RunStore(opening: run, readOnly: true)
    #expect(try watcher.events().isEmpty)
    let first = try store.append([.stopped])
    #expect(try watcher.events().map(\.event) == [.stopped])
    try store.append([.finished, .undone])
    #expect(try watcher.events(after: first).map(\.event) == [.finished, .undone])
    #expect(try watcher.events(after: first, limit: 1).map(\.event) == [.finished])
  }

  @Test func `a second writer marks while the first has the run open`() throws {
    let trainer = try RunStore(creating: run, recipe: "")
    let person = try RunStore(opening: run, readOnly: false)
    try trainer.append([.sampled(Samples.trajectory("a"))])
    let mark = RunEvent.marked(Mark(trajectory: "a", step: 1, kind: .marked))
    #expect(try person.append([mark]) == 2)
    try trainer.append([.finished])
    #expect(try trainer.events(after: 1).map(\.event) == [mark, .finished])
  }

  @Test func `a copy of the files taken after append holds the event`() throws {
    let store = try RunStore(creating: run, recipe: "")
    let mark = RunEvent.marked(Mark(trajectory: "a", step: 2, kind: .rejected))
    try store.append([mark])
    let copy = folder.url.appendingPathComponent("copy")
    try FileManager.default.copyItem(at: run, to: copy)
    try store.append([.finished])
    #expect(try RunStore(opening: copy, readOnly: false).events().map(\.event) == [mark])
  }

  @Test func `a log cut anywhere loses whole commits from the end only`() throws {
    let store = try RunStore(creating: run, recipe: "")
    for update in 1...6 { try store.append([.checkpointed(update: update), .undone]) }
    let copy = folder.url.appendingPathComponent("copy")
    try FileManager.default.copyItem(at: run, to: copy)
    let log = copy.appendingPathComponent("run.sqlite-wal")
    let bytes = try Data(contentsOf: log)
    for keep in stride(from: bytes.count, through: bytes.count / 2, by: -1777) {
      try? FileManager.default.removeItem(at: copy.appendingPathComponent("run.sqlite-shm"))
      try FileManager.default.copyReplacing(run, to: copy, log: bytes.prefix(keep))
      let cut = try RunStore(opening: copy, readOnly: false)
      let found = try cut.events().map(\.event)
      #expect(found.count.isMultiple(of: 2))
      #expect(found == (0..<found.count / 2).flatMap { [.checkpointed(update: $0 + 1), .undone] })
      try cut.close()
    }
  }

  @Test func `commits wait for the disk`() throws {
    let store = try RunStore(creating: run, recipe: "")
    let mode = try store.database.writeWithoutTransaction { database in
      [
        try String.fetchOne(database, sql: "PRAGMA synchronous"),
        try String.fetchOne(database, sql: "PRAGMA journal_mode"),
      ]
    }
    #expect(mode == ["2", "wal"])
  }

  @Test func `events can be neither changed nor deleted`() throws {
    let store = try RunStore(creating: run, recipe: "")
    try store.append([.stopped])
    for sql in ["DELETE FROM event", "UPDATE event SET kind = 'finished'"] {
      #expect(throws: DatabaseError.self) {
        try store.database.write { try $0.execute(sql: sql) }
      }
    }
    #expect(try store.events().map(\.event) == [.stopped])
  }

  @Test func `a watcher may not write`() throws {
    _ = try RunStore(creating: run, recipe: "")
    let watcher = try RunStore(opening: run, readOnly: true)
    #expect(throws: RecordsError.self) { try watcher.append([.stopped]) }
  }
}

extension FileManager {
  fileprivate func copyReplacing(_ run: URL, to copy: URL, log: Data) throws {
    let name = RunStore.fileName
    try? removeItem(at: copy.appendingPathComponent(name))
    try copyItem(at: run.appendingPathComponent(name), to: copy.appendingPathComponent(name))
    try log.write(to: copy.appendingPathComponent(name + "-wal"))
  }
}
