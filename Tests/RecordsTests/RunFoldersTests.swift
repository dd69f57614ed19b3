import Foundation
import Testing

@testable import Records

struct RunFoldersTests {
  @Test func `runs are listed and new ones get a name of their own`() throws {
    let folder = try TemporaryFolder()
    let runs = folder.url.appendingPathComponent("runs")
    #expect(RunFolders.list(in: runs).isEmpty)
    for expected in ["gpo", "gpo-2", "gpo-3"] {
      let run = RunFolders.fresh(in: runs, named: "gpo")
      #expect(run.lastPathComponent == expected)
      try RunStore(creating: run, recipe: "").close()
    }
    try FileManager.default.createDirectory(
      at: runs.appendingPathComponent("stranger"), withIntermediateDirectories: true)
    let old = runs.appendingPathComponent("gpo-2/\(RunStore.fileName)").path
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSince1970: 0)], ofItemAtPath: old)
    let names = RunFolders.list(in: runs).map(\.lastPathComponent)
    #expect(Set(names) == ["gpo", "gpo-2", "gpo-3"] && names.last == "gpo-2")
  }
}
