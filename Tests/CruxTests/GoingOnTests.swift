import Comparing
import Foundation
import Records
import Testing
import Trajectories
import Workbench

@testable import TerminalTesting

/// A run whose last update was made goes on.
extension CruxProcessTests {
  private static let quick = [
    "updates=2", "evaluation.problems=2", "evaluation.every=0", "objective.groups=4",
    "objective.group_size=4", "record.checkpoint_every=0", "record.trajectories=8",
  ].flatMap { ["--set", $0] }

  private func finished(_ name: String, _ place: Workplace) throws -> String {
    let recipe = Workplace.root.appendingPathComponent("samples/chains-4.toml").path
    let made = try place.run(["train", recipe, "--name", name] + Self.quick)
    #expect(made.code == 0, "\(made.errors)")
    let checkpoint = place.runs.appendingPathComponent("\(name)/checkpoints/2/config.json")
    #expect(
      try String(contentsOf: checkpoint, encoding: .utf8).contains("\"crux_task\": \"chains\""))
    return place.runs.appendingPathComponent(name).path
  }

  @Test func `train resumes a finished run with more updates and is believed when reopened`() throws
  {
    let place = try Workplace()
    defer { place.remove() }
    let folder = try finished("more", place)
    let idle = try place.run(["train", "--resume", folder])
    #expect(idle.code == 0 && idle.errors.contains("--set updates=N makes more"))
    let more = try place.run(["train", "--resume", folder, "--set", "updates=4"])
    #expect(more.code == 0, "\(more.errors)")
    let history = RunHistory(try place.events(of: "more"))
    #expect(history.policyVersion == 4 && history.status == .finished)
    #expect(history.start?.recipe.updates == 4)
    #expect(history.changes.map(\.value) == [4])
    let shown = try place.run(["show", "training", folder])
    #expect(shown.output.contains("DONE  update 4 of 4"), "\(shown.output)")
    for (change, sentence) in [
      ("updates=3", "has made 4 updates already"), ("task.hard=2", "--set updates=N"),
    ] {
      let outcome = try place.run(["train", "--resume", folder, "--set", change])
      #expect(outcome.code != 0 && outcome.errors.contains(sentence), "\(outcome.errors)")
    }
  }

  @Test func `marks made after the end are trained on`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let folder = try finished("marked", place)
    let (terminal, _) = try place.open(["open", folder])
    defer { terminal.close() }
    try terminal.expect("idle")
    terminal.type("gg\rjm")
    try terminal.expect("training resets there from the next batch on")
    terminal.type("t")
    try terminal.expect("more to make [20]:")
    terminal.type("3\r")
    try place.wait(for: "three updates", in: "marked") { events in
      let history = RunHistory(events)
      return history.policyVersion == 5 && history.status == .finished
    }
    terminal.type("4")
    try terminal.expect("DONE  update 5 of 5")
    terminal.type(":train 1\r")
    try terminal.expect("DONE  update 6 of 6")
    terminal.type(":quit\r")
    #expect(terminal.waitForExit() == 0)
    let events = try place.events(of: "marked")
    #expect(events.contains { if case .followed(1, 3) = $0 { true } else { false } })
    #expect(RunHistory(events).metrics.last?.bufferMarked == 1)
  }

  @Test func `so many updates end in a pause where the recipe has more`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let recipe = Workplace.root.appendingPathComponent("samples/chains-4.toml").path
    let (terminal, _) = try place.open(
      ["open", recipe]
        + Self.quick.map {
          $0 == "updates=2" ? "updates=9" : $0
        })
    defer { terminal.close() }
    try terminal.expect("idle")
    terminal.type("4:train 2\r")
    try terminal.expect("PAUSED  update 2 of 9")
    terminal.type(":quit\r")
    _ = terminal.waitForExit()
  }

  @Test func `a run that was killed after it went on ends with the same bits`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let (first, second) = (try finished("whole", place), try finished("torn", place))
    let change = ["--set", "updates=5"]
    #expect(try place.run(["train", "--resume", first] + change).code == 0)
    #expect(try place.run(["train", "--resume", second, "--until", "3"] + change).code == 0)
    #expect(try place.run(["train", "--resume", second]).code == 0)
    try expectEqual(place.weights(of: "torn"), place.weights(of: "whole"))
  }

  @Test func `answers that are cut off may be longer unless the limit was chosen`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let folder = place.runs.deletingLastPathComponent().appendingPathComponent("endless")
    try ByteModel.write(to: folder, endLogit: -20)
    let (terminal, _) = try place.open(["open", folder.path])
    defer { terminal.close() }
    try terminal.expect("idle")
    terminal.type("d2\r")
    try terminal.expect("Answers may have 1024 tokens from here on")
    terminal.type(":limit 30\r")
    try terminal.expect("Answers may have 30 tokens from here on")
    terminal.type(":quit\r")
    #expect(terminal.waitForExit() == 0)
    let history = RunHistory(try place.events(of: "endless"))
    #expect(history.changes.map(\.value) == [1024, 30])
    let (chosen, _) = try place.open(["open", folder.path, "--set", "sampling.limit=20"])
    defer { chosen.close() }
    try chosen.expect("idle")
    chosen.type("d2\r")
    try chosen.expect("2 of 2 answers were cut off at 20 tokens; :limit 40")
    chosen.type("q")
    _ = chosen.waitForExit()
  }
}
