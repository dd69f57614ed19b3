import Comparing
import Foundation
import GRDB
import Testing
import Trajectories

@testable import Records

struct RunOpeningTests {
  let folder: TemporaryFolder
  let run: URL

  init() throws {
    folder = try TemporaryFolder()
    run = folder.url.appendingPathComponent("one")
  }

  private func refusal(_ action: () throws -> RunStore) -> String {
    do { _ = try action() } catch { return "\(error)" }
    return ""
  }

  @Test func `a folder that holds a run is not begun a second time`() throws {
    try RunStore(creating: run, recipe: "first").append([.stopped])
    #expect(refusal { try RunStore(creating: run, recipe: "second") }.contains("already"))
    let recipe = run.appendingPathComponent(RunStore.recipeName)
    #expect(try String(contentsOf: recipe, encoding: .utf8) == "first")
  }

  @Test func `a beginning that was killed can be begun again`() throws {
    try FileManager.default.createDirectory(at: run, withIntermediateDirectories: true)
    try Data().write(to: run.appendingPathComponent(RunStore.fileName))
    #expect(try RunStore(creating: run, recipe: "").newest == 0)
  }

  @Test func `a run that was killed before its first checkpoint can be begun again`() throws {
    for events: [RunEvent] in [[], [.warned(message: "slow")]] {
      let store = try RunStore(creating: run, recipe: "first")
      try store.append(events)
      #expect(try store.neverBegan)
      try store.close()
    }
    let store = try RunStore(creating: run, recipe: "second")
    #expect(try store.newest == 0)
    let recipe = run.appendingPathComponent(RunStore.recipeName)
    #expect(try String(contentsOf: recipe, encoding: .utf8) == "second")
    // Somebody is about to write its first checkpoint.
    let lock = try TrainingLock(run: run)
    #expect(refusal { try RunStore(creating: run, recipe: "third") }.contains("already"))
    withExtendedLifetime(lock) {}
    try CheckpointFolder.write(update: 0, in: run) {
      try Data().write(to: $0.appendingPathComponent("a"))
    }
    #expect(try !store.neverBegan)
    #expect(refusal { try RunStore(creating: run, recipe: "third") }.contains("already"))
  }

  @Test func `whoever opens a run that is being begun finds none or a whole one`() async throws {
    let folder = run
    for place in 0..<12 {
      let run = folder.appendingPathComponent("\(place)")
      async let opened: Void = {
        while true {
          do {
            let store = try RunStore(opening: run, readOnly: false)
            try store.append([.undone])
            return try store.close()
          } catch let error as RecordsError {
            guard "\(error)".contains("it has no") else { throw error }
            await Task.yield()
          }
        }
      }()
      let store = try RunStore(creating: run, recipe: "")
      try store.append([.finished])
      try await opened
      #expect(try store.events().count == 2)
      try store.close()
    }
  }

  @Test(arguments: [true, false])
  func `a folder without a run is refused in a sentence`(readOnly: Bool) {
    let sentence = refusal { try RunStore(opening: run, readOnly: readOnly) }
    #expect(sentence.contains("is not a run"))
  }

  @Test(arguments: [true, false])
  func `a file that is no database is refused in a sentence`(readOnly: Bool) throws {
    try FileManager.default.createDirectory(at: run, withIntermediateDirectories: true)
    let text = Data(String(repeating: "no database ", count: 200).utf8)
    try text.write(to: run.appendingPathComponent(RunStore.fileName))
    let sentence = refusal { try RunStore(opening: run, readOnly: readOnly) }
    #expect(sentence.contains("is not a run"))
    try expectEqual(Data(contentsOf: run.appendingPathComponent(RunStore.fileName)), text)
  }

  @Test func `another program's database is refused and left alone`() throws {
    try FileManager.default.createDirectory(at: run, withIntermediateDirectories: true)
    let path = run.appendingPathComponent(RunStore.fileName).path
    try DatabaseQueue(path: path).write { try $0.execute(sql: "CREATE TABLE stranger (id)") }
    let sentence = refusal { try RunStore(opening: run, readOnly: false) }
    #expect(sentence.contains("not a run of Crux"))
    #expect(refusal { try RunStore(creating: run, recipe: "") }.contains("holds a run already"))
  }

  @Test func `a run of a newer Crux is refused in a sentence`() throws {
    let store = try RunStore(creating: run, recipe: "")
    try store.database.write { try $0.execute(sql: "PRAGMA user_version = 99") }
    try store.close()
    let sentence = refusal { try RunStore(opening: run, readOnly: true) }
    #expect(sentence.contains("newer Crux (schema 99"))
  }

  @Test func `a sealed run is one file and watching adds none`() throws {
    let store = try RunStore(creating: run, recipe: "")
    try store.append([.sampled(Samples.trajectory("a")), .finished])
    try store.close()
    try RunStore.seal(run)
    let watcher = try RunStore(opening: run, readOnly: true)
    #expect(try watcher.events().count == 2)
    #expect(try watcher.search("17 *3") == ["a"])
    let names = try FileManager.default.contentsOfDirectory(atPath: run.path)
    #expect(Set(names) == [RunStore.fileName, RunStore.recipeName])
    try watcher.close()
    #expect(try RunStore(opening: run, readOnly: false).append([.undone]) == 3)
  }

  @Test func `a run that is open is not sealed`() throws {
    let store = try RunStore(creating: run, recipe: "")
    try store.append([.finished])
    #expect(throws: RecordsError.self) { try RunStore.seal(run) }
    #expect(try store.append([.undone]) == 2)
  }
}
