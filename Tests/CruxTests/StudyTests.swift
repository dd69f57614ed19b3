import Foundation
import Glibc
import Testing

@testable import TerminalTesting

/// A study from its file to its tables.
extension CruxProcessTests {
  private static let study = """
    model = "\(Workplace.root.path)/samples/tiny"
    seeds = [0, 1]
    baseline = "plain"
    updates = 2
    [objective]
    groups = 4
    group_size = 4
    [evaluation]
    every = 1
    problems = 12
    [tasks.four]
    task.hard = 4
    [tasks.strict]
    task.hard = 4
    task.reward = "strict"
    [methods.plain]
    resets.start = "none"
    [methods.gpo]
    values.rollouts = 2
    values.floor = 0
    [methods.fair]
    resets.start = "none"
    tokens_of = "gpo"
    [methods.cool]
    untrained = true
    sampling.temperature = 0.3
    """

  /// The lines of a study's file without what a clock says, in an order of their own.
  private func results(_ place: Workplace, _ name: String) throws -> [String] {
    try String(
      contentsOf: place.runs.deletingLastPathComponent().appendingPathComponent(name),
      encoding: .utf8
    ).split(separator: "\n").map {
      String($0).replacing(/"seconds":[0-9.e-]+/, with: "")
    }.sorted()
  }

  @Test func `two trainings at once give the numbers of one at a time, and none is made twice`()
    throws
  {
    let place = try Workplace()
    defer { place.remove() }
    let one = try place.file("one.toml", Self.study)
    let two = try place.file("two.toml", Self.study)
    let first = try place.run(["compare", one.path, "--jobs", "1"])
    #expect(first.code == 0, "\(first.errors)")
    #expect(try place.run(["compare", two.path, "--jobs", "2"]).code == 0)
    let lines = try results(place, "one.jsonl")
    // Three methods with two seeds and one untrained policy, on two tasks.
    #expect(lines.count == 14)
    #expect(try results(place, "two.jsonl") == lines)
    #expect(first.output.contains("four\n"))
    #expect(first.output.contains("strict\n"))
    let again = try place.run(["compare", one.path, "--csv", "--svg", one.path + ".svg"])
    #expect(again.errors.isEmpty)
    #expect(again.output.split(separator: "\n").count == 9)
    #expect(try results(place, "one.jsonl") == lines)
    #expect(try String(contentsOfFile: one.path + ".svg", encoding: .utf8).hasPrefix("<svg"))
  }

  @Test func `a study is trained from the workbench as from the command line`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let one = try place.file("one.toml", Self.study)
    let two = try place.file("two.toml", Self.study)
    let longer = ["--set", "updates=6"]
    let (terminal, _) = try place.open(["open", one.path] + longer)
    defer { terminal.close() }
    try terminal.expect("0 of 14 trainings")
    try terminal.expect("idle")
    terminal.type("tp")
    try terminal.expect("PAUSED")
    terminal.type("p")
    try terminal.expect("14 of 14 trainings")
    try terminal.expect("Every training of this study is finished.")
    terminal.type("jd")
    try terminal.expect("minus plain, sampled accuracy:")
    terminal.type("1")
    try terminal.expect("A study keeps no trajectories")
    terminal.type("q")
    #expect(terminal.waitForExit() == 0)
    terminal.expectRestored("after q")
    #expect(try place.run(["compare", two.path] + longer).code == 0)
    #expect(try results(place, "one.jsonl") == results(place, "two.jsonl"))
    // Its recipes as the file says them are others.
    let shown = try place.run(["show", "study", one.path])
    #expect(shown.output.contains("2 of 14 trainings"))
  }

  @Test func `a study that another process trains is watched, and what it drops is trained here`()
    throws
  {
    let place = try Workplace()
    defer { place.remove() }
    let file = try place.file("one.toml", Self.study)
    let other = try place.start(["compare", file.path, "--set", "updates=4000"])
    defer { if other.isRunning { kill(other.processIdentifier, SIGKILL) } }
    let (terminal, _) = try place.open(["open", file.path])
    defer { terminal.close() }
    try terminal.expect("WATCHING")
    terminal.type("t")
    try terminal.expect("Another Crux trains this study")
    kill(other.processIdentifier, SIGTERM)
    other.waitUntilExit()
    #expect(other.terminationStatus == 128 + SIGTERM)
    try terminal.expect("idle")
    terminal.type("t")
    try terminal.expect("Every training of this study is finished.")
    terminal.type("q")
    #expect(terminal.waitForExit() == 0)
  }

  @Test func `leaving drops what is under way and keeps what is finished`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let file = try place.file("one.toml", Self.study)
    let (terminal, _) = try place.open(["open", file.path, "--set", "updates=30"])
    defer { terminal.close() }
    try terminal.expect("idle")
    terminal.type("t")
    try terminal.expect("a finished training") { !$0.text.contains(" 0 of 14 trainings") }
    terminal.type("q")
    try terminal.expect("y drops them and leaves")
    terminal.type("y")
    #expect(terminal.waitForExit() == 0)
    #expect((1..<14).contains(try results(place, "one.jsonl").count))
  }

  @Test func `what a critic explains is told, and only where there is one`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let common = """
      model = "\(Workplace.root.path)/samples/tiny"
      updates = 1
      seeds = [0]
      task.hard = 4
      [objective]
      groups = 4
      group_size = 4
      [evaluation]
      every = 0
      problems = 4
      [methods.grpo]
      resets.start = "none"

      """
    let plain = try place.file("plain.toml", common)
    let both = try place.file(
      "both.toml", common + "[methods.ppo]\nobjective.method = \"ppo\"\nresets.start = \"none\"\n")
    let without = try place.run(["compare", plain.path])
    #expect(without.code == 0, "\(without.errors)")
    #expect(!without.output.contains("xplained"))
    #expect(!(try place.run(["compare", plain.path, "--csv"])).output.contains("explained"))
    #expect(try place.run(["compare", both.path]).output.contains("cut off  explained variance"))
    let csv = try place.run(["compare", both.path, "--csv"]).output.split(separator: "\n")
    #expect(csv.first?.hasSuffix("cut-off,explained-variance") == true)
    #expect(csv.first { $0.contains(",grpo,") }?.hasSuffix(",") == true)
    #expect(csv.first { $0.contains(",ppo,") }?.hasSuffix(",") == false)
    #expect(try place.run(["compare", both.path, "--json"]).output.contains("explainedVariance"))
  }

  @Test func `what is finished is told without training`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let file = try place.file("one.toml", Self.study)
    let outcome = try place.run(["compare", file.path, "--finished"])
    #expect(outcome.code == 0)
    #expect(outcome.output.contains("No training is finished"))
    #expect(!FileManager.default.fileExists(atPath: file.path.replacing(".toml", with: ".jsonl")))
  }

  @Test func `the study that ships is finished under the recipes that ship`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let shown = try place.run(["show", "study", "--size", "120x40"])
    let counts = try #require(shown.output.firstMatch(of: /([0-9]+) of ([0-9]+) trainings/))
    #expect(counts.1 == counts.2 && Int(counts.1) ?? 0 > 400)
  }

  @Test func `a fault of a study is told with its line`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let file = try place.file("one.toml", "[methods.a]\ntask.hrad = 4\n")
    let outcome = try place.run(["compare", file.path])
    #expect(outcome.code == 1)
    #expect(outcome.errors.contains("one.toml:2"))
    let trained = try place.run(["train", file.path])
    #expect(trained.code == 1 && trained.errors.contains("is a study, not a recipe"))
  }
}
