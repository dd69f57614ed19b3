import Foundation
import Glibc
import Records
import Testing
import Trajectories

@testable import TerminalTesting

extension CruxProcessTests {
  /// A run of somebody else's whose recipe names a command that leaves a mark.
  private func strange(_ place: Workplace) throws -> (run: String, mark: String) {
    let mark = place.runs.appendingPathComponent("PWNED").path
    let command = "touch \(mark); while read -r l; do echo 0.5; done"
    let made = try place.run(["train", try place.recipe(judgedBy: command), "--name", "r"])
    try #require(made.code == 0, "\(made.errors)")
    // Whoever made it knew of the command; here nobody does.
    try FileManager.default.removeItem(atPath: mark)
    try FileManager.default.removeItem(
      at: place.runs.deletingLastPathComponent().appendingPathComponent("state"))
    return (place.runs.appendingPathComponent("r").path, mark)
  }

  @Test func `no command of a run runs where nobody can be asked`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let (run, mark) = try strange(place)
    let recipe = run + "/recipe.toml"
    for arguments in [
      ["train", "--resume", run, "--set", "updates=2"], ["train", recipe], ["compare", recipe],
      ["sample", "--recipe", recipe], ["inspect", "--recipe", recipe],
      ["eval", "--recipe", recipe],
      ["evaluate", "--recipe", recipe],
    ] {
      let outcome = try place.run(arguments)
      #expect(outcome.code == 1, "\(arguments)")
      #expect(outcome.errors.contains("--trust-command lets it run"), "\(outcome.errors)")
      #expect(outcome.errors.contains("touch \(mark); while"), "it is shown whole")
    }
    #expect(try place.run(["show", "inspect", run]).code == 0)
    #expect(!FileManager.default.fileExists(atPath: mark))
    let allowed = try place.run(
      ["train", "--resume", run, "--set", "updates=2", "--trust-command"])
    #expect(allowed.code == 0, "\(allowed.errors)")
    #expect(FileManager.default.fileExists(atPath: mark))
  }

  @Test func `the workbench asks about a run's command before it runs, and once`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let (run, mark) = try strange(place)
    let (reader, _) = try place.openBeside(["open", "--read-only", run])
    try reader.expect("read-only")
    reader.type("G\re")
    _ = reader.wait(seconds: 1) { _ in false }
    reader.type(":quit\r")
    #expect(reader.waitForExit() == 0)
    reader.close()
    let (terminal, _) = try place.openBeside(["open", run])
    defer { terminal.close() }
    try terminal.expect("idle")
    terminal.type("\r")
    try terminal.insist(on: "e", until: "A command of this recipe")
    try terminal.expect("touch ")
    terminal.type("n")
    try terminal.expect("Let be.")
    #expect(!FileManager.default.fileExists(atPath: mark))
    try terminal.insist(on: "e", until: "Let it run, now and from now on?")
    terminal.type("Y")
    try terminal.expect("may run")
    try terminal.insist(on: "e", until: "idle")
    let deadline = Date(timeIntervalSinceNow: 10)
    while !FileManager.default.fileExists(atPath: mark), Date() < deadline { usleep(20_000) }
    #expect(FileManager.default.fileExists(atPath: mark))
    terminal.type(":quit\r")
    #expect(terminal.waitForExit() == 0)
    let again = try place.run(["train", "--resume", run, "--set", "updates=2"])
    #expect(again.code == 0, "allowed before: \(again.errors)")
  }

  @Test func `a recipe is asked about at a terminal, remembered, listed and forgotten`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let recipe = try place.recipe(judgedBy: "while read -r l; do echo 0.5; done # mine")
    for (answer, code) in [("no", Int32(1)), ("", 1), ("yes", 0)] {
      let (terminal, _) = try place.openBeside(["train", recipe])
      try terminal.expect("Type yes or no")
      #expect(terminal.screen.text.contains("# mine"))
      terminal.type(answer + "\r")
      #expect(try #require(terminal.waitForExit(seconds: 60)) >> 8 == code, "“\(answer)”")
      terminal.close()
    }
    let (terminal, _) = try place.openBeside(["train", recipe])
    defer { terminal.close() }
    #expect(terminal.waitForExit(seconds: 60) == 0)
    #expect(!terminal.screen.text.contains("Type yes"))
    let list = try place.run(["trust"])
    #expect(list.output.contains("# mine"))
    #expect(try place.run(["trust", recipe, "--remove"]).code == 0)
    #expect(try place.run(["trust"]).output.contains("No reward command"))
    #expect(try place.run(["trust", recipe]).code == 1, "there is nobody to ask")
    #expect(try place.run(["trust", recipe, "--yes"]).code == 0)
    #expect(try place.run(["trust", "--remove", "no-hash"]).code == 1)
  }
}
