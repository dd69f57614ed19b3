import Foundation
import GRDB
import Testing
import Trajectories

@testable import Records

/// Whoever looks at a run changes nothing in its folder.
struct LookingTests {
  let folder: TemporaryFolder
  let run: URL

  init() throws {
    folder = try TemporaryFolder()
    run = folder.url.appendingPathComponent("one ü%?#")
  }

  /// Every name in the folder with its bytes and its time.
  private func state(of folder: URL) throws -> [String: String] {
    let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
    var found: [String: String] = [:]
    for name in names {
      let url = folder.appendingPathComponent(name)
      let mark = try #require(FileMark(of: url))
      let bytes = (try? Data(contentsOf: url)).map { "\($0.base64EncodedString().hashValue)" }
      found[name] = "\(mark) \(bytes ?? "")"
    }
    return found
  }

  private func sealed() throws {
    let store = try RunStore(creating: run, recipe: "")
    try store.append([.sampled(Samples.trajectory("a")), .finished])
    try store.close()
    try RunStore.seal(run)
  }

  @Test(arguments: [false, true])
  func `opening and leaving a run leaves every byte as it was`(isSealed: Bool) throws {
    try sealed()
    if !isSealed { try RunStore(opening: run, readOnly: false).append([.undone]) }
    let before = try state(of: run)
    for readOnly in [true, false] {
      let store = try RunStore(opening: run, readOnly: readOnly)
      #expect(try store.events().count == (isSealed ? 2 : 3))
      #expect(try store.search("17 *3") == ["a"])
      #expect(try store.newest == (isSealed ? 2 : 3))
      #expect(try store.evidence(of: Samples.trajectory("a"), version: 3).isEmpty)
      try store.close()
    }
    #expect(try state(of: run) == before)
  }

  @Test func `a run whose writer was killed is read with its log and stays as it was`() throws {
    let store = try RunStore(creating: run, recipe: "")
    try store.append([.stopped, .finished])
    let copy = folder.url.appendingPathComponent("copy")
    try FileManager.default.copyItem(at: run, to: copy)
    try #require(FileMark(of: copy.appendingPathComponent("run.sqlite-wal"))?.size ?? 0 > 0)
    let before = try state(of: copy)
    let look = try RunStore(opening: copy, readOnly: false)
    #expect(try look.events().map(\.event) == [.stopped, .finished])
    #expect(try state(of: copy) == before)
    #expect(try look.append([.undone]) == 3)
    #expect(try look.events(after: 2).map(\.event) == [.undone])
  }

  @Test func `what another writes is seen by whoever looked before`() throws {
    try sealed()
    let look = try RunStore(opening: run, readOnly: true)
    #expect(try look.events().count == 2)
    let writer = try RunStore(opening: run, readOnly: false)
    for number in 3...40 {
      #expect(try writer.append([.undone]) == number)
      #expect(try look.events(after: Int64(number) - 1).count == 1)
    }
    try writer.close()
    #expect(try look.events().count == 40)
    #expect(try look.events(after: 40).isEmpty)
  }

  @Test func `a run is watched through the life of another process`() throws {
    try sealed()
    let look = try RunStore(opening: run, readOnly: true)
    #expect(try look.events().count == 2)
    let path = run.appendingPathComponent(RunStore.fileName).path
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/sqlite3")
    guard FileManager.default.isExecutableFile(atPath: "/usr/bin/sqlite3") else { return }
    let pipe = Pipe()
    process.arguments = [path]
    process.standardInput = pipe
    process.standardOutput = Pipe()
    try process.run()
    let insert = "INSERT INTO event (time, kind, payload) VALUES (1, 'stopped', '{}');\n"
    pipe.fileHandleForWriting.write(Data(("PRAGMA journal_mode = WAL;\n" + insert).utf8))
    var seen = 2
    let deadline = Date(timeIntervalSinceNow: 20)
    while seen < 6, Date() < deadline {
      let count = try look.events().count
      if count > seen {
        seen = count
        pipe.fileHandleForWriting.write(Data(insert.utf8))
      }
      usleep(5000)
    }
    #expect(seen == 6)
    kill(process.processIdentifier, SIGKILL)
    while process.isRunning { usleep(5000) }
    #expect(try look.events().count >= 6)
  }

  @Test func `a folder that was moved, deleted or replaced is noticed and not written`() throws {
    try sealed()
    let store = try RunStore(opening: run, readOnly: false)
    try store.append([.undone])
    try store.checkPlace()
    let away = folder.url.appendingPathComponent("away")
    try FileManager.default.moveItem(at: run, to: away)
    let before = try state(of: away)
    for _ in 0..<2 {
      let error = #expect(throws: RecordsError.self) { try store.append([.redone]) }
      #expect(error?.description.contains("was moved") == true)
      #expect(throws: RecordsError.self) { try store.checkPlace() }
      // Another run of that name is not this one.
      try? FileManager.default.copyItem(at: away, to: run)
    }
    #expect(try state(of: away) == before)
    try FileManager.default.removeItem(at: run)
    try FileManager.default.moveItem(at: away, to: run)
    #expect(try store.append([.redone]) == 4)
  }

  @Test(arguments: ["run.sqlite", "run.sqlite-wal", "recipe.toml", "training.lock", "checkpoints"])
  func `links and pipes in a run's folder are neither followed nor waited for`(name: String) throws
  {
    try sealed()
    let file = run.appendingPathComponent(name)
    let outside = folder.url.appendingPathComponent("outside")
    try Data("outside".utf8).write(to: outside)
    for kind in 0..<3 {
      try? FileManager.default.removeItem(at: file)
      switch kind {
      case 0: #expect(mkfifo(file.path, 0o600) == 0)
      case 1: try FileManager.default.createSymbolicLink(at: file, withDestinationURL: outside)
      default:
        if name == "checkpoints" {
          try Data().write(to: file)
        } else {
          try FileManager.default.createDirectory(at: file, withIntermediateDirectories: false)
        }
      }
      for readOnly in [true, false] {
        let error = #expect(throws: RecordsError.self) {
          try RunStore(opening: run, readOnly: readOnly)
        }
        #expect(error?.description.contains(name) == true, "\(String(describing: error))")
      }
      _ = TrainingLock.holder(of: run)
    }
    #expect(try Data(contentsOf: outside) == Data("outside".utf8))
  }

  @Test(arguments: [
    "DROP TABLE event; CREATE VIEW event AS SELECT 1 AS id, 1.0 AS time, 'stopped' AS kind, "
      + "NULL AS trajectory, '{}' AS payload",
    "DROP TABLE event; CREATE TABLE event (id INTEGER PRIMARY KEY, time REAL, kind TEXT, "
      + "trajectory TEXT, payload TEXT AS (hex(zeroblob(1000000))))",
    "DROP TABLE event; CREATE TABLE event (id TEXT PRIMARY KEY, time, kind, trajectory, payload)",
    "DROP TABLE event; CREATE VIRTUAL TABLE event USING fts5 (id, time, kind, trajectory, payload)",
    "DROP TABLE rollout; CREATE VIEW rollout AS WITH RECURSIVE r(n) AS (VALUES(1) UNION ALL "
      + "SELECT n + 1 FROM r) SELECT n AS id FROM r",
    "DROP TABLE trajectory_text; CREATE VIEW trajectory_text AS WITH RECURSIVE r(n) AS (VALUES(1) "
      + "UNION ALL SELECT n + 1 FROM r) SELECT n AS trajectory, n AS prompt, n AS response FROM r",
  ])
  func `tables that are something else are refused`(sql: String) throws {
    try sealed()
    let queue = try DatabaseQueue(path: run.appendingPathComponent(RunStore.fileName).path)
    try queue.writeWithoutTransaction { try $0.execute(sql: sql) }
    try queue.close()
    for readOnly in [true, false] {
      let error = #expect(throws: RecordsError.self) {
        try RunStore(opening: run, readOnly: readOnly)
      }
      #expect(error?.description.contains("is not a run") == true, "\(String(describing: error))")
    }
  }

  @Test func `a stranger's trigger is looked at but never set off`() throws {
    try sealed()
    let queue = try DatabaseQueue(path: run.appendingPathComponent(RunStore.fileName).path)
    try queue.write {
      try $0.execute(
        sql: """
          CREATE TRIGGER more AFTER INSERT ON event BEGIN
            INSERT INTO event (time, kind, payload) VALUES (0, 'undone', '{}'); END;
          CREATE VIEW mine AS SELECT * FROM event;
          """)
    }
    try queue.close()
    let store = try RunStore(opening: run, readOnly: false)
    #expect(try store.events().count == 2)
    let error = #expect(throws: RecordsError.self) { try store.append([.undone]) }
    #expect(error?.description.contains("trigger “more”") == true)
    #expect(try store.events().count == 2)
  }
}
