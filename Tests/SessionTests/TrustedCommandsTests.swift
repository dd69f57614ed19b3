import Foundation
import Glibc
import Testing

@testable import Session
@testable import TerminalTesting

struct TrustedCommandsTests {
  @Test func `what was allowed is remembered for one command in one directory, for the user alone`()
    throws
  {
    let place = try Workplace()
    defer { place.remove() }
    let file = place.runs.appendingPathComponent("state/crux/trusted.jsonl")
    let trusted = TrustedCommands(file)
    #expect(trusted.entries.isEmpty && !trusted.contains("true"))
    try trusted.add("true")
    try trusted.add("echo \u{E9}\n")
    #expect(trusted.contains("true") && !trusted.contains("true "))
    #expect(!trusted.contains("echo e\u{301}\n"), "looks the same and is another")
    var found = stat()
    #expect(stat(file.path, &found) == 0 && found.st_mode & 0o777 == 0o600)
    #expect(stat(file.deletingLastPathComponent().path, &found) == 0)
    #expect(found.st_mode & 0o777 == 0o700)
    let here = FileManager.default.currentDirectoryPath
    #expect(
      TrustedCommands.hash(of: "true", in: here)
        != TrustedCommands.hash(of: "true", in: here + "/a"))
    #expect(try trusted.remove { $0.command == "true" } == 1)
    #expect(!trusted.contains("true") && trusted.entries.count == 1)
    #expect(chmod(file.path, 0o666) == 0)
    #expect(trusted.entries.isEmpty, "others could have written it")
  }

  @Test func `a recipe is its user's own where nobody else could have written it and no run did`()
    throws
  {
    let place = try Workplace()
    defer { place.remove() }
    let recipe = try place.file("own.toml", "updates = 1\n").path
    #expect(RewardConsent.isOwn(recipe))
    #expect(chmod(recipe, 0o646) == 0)
    #expect(!RewardConsent.isOwn(recipe))
    #expect(!RewardConsent.isOwn(recipe + "x") && !RewardConsent.isOwn("/dev/null"))
    let run = place.runs.appendingPathComponent("r/checkpoints/2")
    try FileManager.default.createDirectory(at: run, withIntermediateDirectories: true)
    _ = try place.file("runs/r/run.sqlite")
    for name in ["runs/r/recipe.toml", "runs/r/checkpoints/2/recipe.toml"] {
      #expect(!RewardConsent.isOwn(try place.file(name, "updates = 1\n").path))
    }
    let link = place.runs.appendingPathComponent("link.toml").path
    #expect(symlink(place.runs.appendingPathComponent("r/recipe.toml").path, link) == 0)
    #expect(!RewardConsent.isOwn(link))
  }
}
