import Foundation
import Testing

@testable import Records

struct CheckpointFolderTests {
  let folder: TemporaryFolder
  var run: URL { folder.url }

  init() throws { folder = try TemporaryFolder() }

  private struct Interrupted: Error {}

  private func write(_ update: Int, _ text: String) throws {
    try CheckpointFolder.write(update: update, in: run) { aside in
      let inner = aside.appendingPathComponent("policy")
      try FileManager.default.createDirectory(at: inner, withIntermediateDirectories: true)
      try Data(text.utf8).write(to: inner.appendingPathComponent("weights"))
    }
  }

  private func text(of checkpoint: CheckpointFolder?) throws -> String {
    let url = try #require(checkpoint).url
    return try String(contentsOf: url.appendingPathComponent("policy/weights"), encoding: .utf8)
  }

  private var names: [String] {
    let parent = run.appendingPathComponent("checkpoints").path
    return ((try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? []).sorted()
  }

  @Test func `checkpoints are listed by number, not by spelling`() throws {
    #expect(CheckpointFolder.newest(in: run) == nil)
    for update in [0, 15, 100, 30] { try write(update, "of \(update)") }
    #expect(CheckpointFolder.list(in: run).map(\.update) == [0, 15, 30, 100])
    #expect(try text(of: CheckpointFolder.newest(in: run)) == "of 100")
  }

  @Test func `a failed checkpoint leaves those from before`() throws {
    try write(15, "whole")
    for update in [15, 30] {
      #expect(throws: Interrupted.self) {
        try CheckpointFolder.write(update: update, in: run) { aside in
          try Data("half".utf8).write(to: aside.appendingPathComponent("weights"))
          throw Interrupted()
        }
      }
    }
    #expect(names == ["15"])
    #expect(try text(of: CheckpointFolder.newest(in: run)) == "whole")
  }

  @Test func `a checkpoint of the same update is replaced`() throws {
    try write(15, "old")
    try write(15, "new")
    #expect(names == ["15"])
    #expect(try text(of: CheckpointFolder.newest(in: run)) == "new")
  }

  @Test func `a kill while writing leaves only what is cleared away`() throws {
    try write(15, "whole")
    let half = run.appendingPathComponent("checkpoints/.writing-30")
    try FileManager.default.createDirectory(at: half, withIntermediateDirectories: true)
    try Data("half".utf8).write(to: half.appendingPathComponent("weights"))
    #expect(try text(of: CheckpointFolder.newest(in: run)) == "whole")
    try CheckpointFolder.removeLeftovers(in: run)
    #expect(names == ["15"])
  }

  @Test(arguments: [true, false])
  func `a kill while replacing leaves one whole checkpoint`(renamed: Bool) throws {
    try write(15, "old")
    let parent = run.appendingPathComponent("checkpoints")
    let old = parent.appendingPathComponent(".replaced-15")
    try FileManager.default.moveItem(at: parent.appendingPathComponent("15"), to: old)
    if renamed { try write(15, "new") }
    try CheckpointFolder.removeLeftovers(in: run)
    #expect(names == ["15"])
    #expect(try text(of: CheckpointFolder.newest(in: run)) == (renamed ? "new" : "old"))
  }

  @Test func `going back discards what came later`() throws {
    for update in [0, 15, 30] { try write(update, "of \(update)") }
    try CheckpointFolder.discard(after: 15, in: run)
    #expect(names == ["0", "15"])
  }

  @Test func `thinning keeps the first and the newest`() throws {
    for update in [0, 5, 10, 15] { try write(update, "of \(update)") }
    try CheckpointFolder.keepNewest(2, in: run)
    #expect(names == ["0", "10", "15"])
    try CheckpointFolder.keepNewest(2, in: run)
    #expect(names == ["0", "10", "15"])
  }

  @Test func `clearing where there is nothing does nothing`() throws {
    try CheckpointFolder.removeLeftovers(in: run)
    #expect(names.isEmpty)
  }
}
