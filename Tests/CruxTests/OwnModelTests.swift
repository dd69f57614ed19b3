import Foundation
import LanguageModel
import Records
import Testing
import Trajectories
import Workbench

@testable import TerminalTesting

/// A model and problems that the user brings.
extension CruxProcessTests {
  private func model(in place: Workplace, endLogit: Float = 2) throws -> String {
    let folder = place.runs.deletingLastPathComponent().appendingPathComponent("mine")
    try ByteModel.write(to: folder, endLogit: endLogit)
    return folder.path
  }

  @Test func `a token of the chains does not make a model one of theirs`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let model = try model(in: place)
    let sampled = try place.run(["sample", "--model", model, "--count", "1"])
    #expect(sampled.code == 0, "\(sampled.errors)")
    #expect(sampled.output.contains("State the final answer"), "\(sampled.output)")
    let (terminal, _) = try place.open(["open", model])
    defer { terminal.close() }
    try terminal.expect("idle")
    terminal.type("d2\r")
    try terminal.expect("2 in all")
    try terminal.expect("rest") { $0.line(0).hasSuffix("idle") }
    terminal.type("q")
    #expect(terminal.waitForExit() == 0)
    let recipe = try #require(RunHistory(try place.events(of: "mine")).start).recipe
    #expect(recipe.task.name == .sums)
    #expect(recipe.adapter.rank == 16)
  }

  @Test func `a policy of the chains is known by its config or by its exact vocabulary`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let samples = Workplace.root.appendingPathComponent("samples")
    func sampled(_ model: URL) throws -> Workplace.Outcome {
      try place.run(["sample", "--count", "1", "--model", model.path])
    }
    let config = { (model: URL) in
      try String(contentsOf: model.appendingPathComponent("config.json"), encoding: .utf8)
    }
    // An older Crux wrote no such key.
    let old = place.runs.deletingLastPathComponent().appendingPathComponent("old")
    try FileManager.default.copyItem(
      at: samples.appendingPathComponent("run/checkpoints/20"), to: old)
    #expect(try config(old).contains("crux_task"))
    #expect(try config(samples.appendingPathComponent("tiny")).contains("crux_task"))
    try config(old).replacing(/,\s*"crux_task":\s*"\w+"/, with: "")
      .write(to: old.appendingPathComponent("config.json"), atomically: true, encoding: .utf8)
    #expect(try !config(old).contains("crux_task"))
    #expect(try sampled(old).output.contains("?v :"))
    let other = place.runs.deletingLastPathComponent().appendingPathComponent("other")
    try FileManager.default.copyItem(at: old, to: other)
    for extra in ["optimiser.safetensors", "state.json"] {
      try? FileManager.default.removeItem(at: other.appendingPathComponent(extra))
    }
    let tokenizer = other.appendingPathComponent("tokenizer.json")
    let text = try String(contentsOf: tokenizer, encoding: .utf8)
    try text.replacingOccurrences(of: "\"yes\"", with: "\"yea\"")
      .write(to: tokenizer, atomically: true, encoding: .utf8)
    let refused = try sampled(other)
    #expect(refused.code == 1 && refused.errors.contains("task sums"), "\(refused.errors)")
  }

  @Test(arguments: [
    ("what is 2+2? => 4", "reward", "answer 4"), ("what is 2+2?", "right answer not known", "ends"),
  ])
  func `a typed problem is asked as it stands`(
    problem: String, judgement: String, more: String
  ) throws {
    let place = try Workplace()
    defer { place.remove() }
    let model = try model(in: place)
    let sampled = try place.run([
      "sample", "--model", model, "--count", "2", "--problem", problem,
    ])
    #expect(sampled.code == 0, "\(sampled.errors)")
    #expect(sampled.output.hasPrefix("what is 2+2?\n"))
    #expect(sampled.output.contains(judgement) && sampled.output.contains(more))
    let inspected = try place.run([
      "inspect", "--model", model, "--rollouts", "2", "--set", "steps.maximum=3", "--problem",
      problem, "--json",
    ])
    #expect(inspected.code == 0, "\(inspected.errors)")
    #expect(inspected.output.contains("what is 2+2?"))
  }

  @Test func `problems of a file are drawn, valued and trained on`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let rows = (1...10).map { "{\"question\": \"Say the number \($0).\", \"answer\": \"\($0)\"}" }
    let file = try place.file("ten.jsonl", rows.joined(separator: "\n"))
    let (terminal, _) = try place.open([
      "open", file.path, "--model", try model(in: place), "--set", "objective.groups=2", "--set",
      "objective.group_size=2", "--set", "sampling.limit=24", "--set", "evaluation.problems=2",
    ])
    defer { terminal.close() }
    try terminal.expect("10 in all")
    try terminal.expect("rest") { $0.line(0).hasSuffix("idle") }
    terminal.type("d3\r")
    try terminal.expect("13 in all")
    try terminal.expect("rest") { $0.line(0).hasSuffix("idle") }
    terminal.type(".")
    try place.wait(for: "an update", in: "ten") { RunHistory($0).policyVersion == 1 }
    terminal.type(":quit\r")
    #expect(terminal.waitForExit() == 0)
    let history = RunHistory(try place.events(of: "ten"))
    #expect(history.start?.recipe.task.name == .file)
    #expect(history.trajectories.prefix(10).map(\.id) == (1...10).map { "ten/\($0)" })
    #expect(history.trajectories.count > 13)
    for answer in history.trajectories {
      #expect(answer.problem.prompt.hasPrefix("Say the number "))
    }
  }

  @Test func `chains of a file are drawn from it and read line by line`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let rows = (1...4).map {
      "{\"prompt\": \"\($0) *3 +2 ?v :\", \"reference\": \"\(3 * $0 + 2)\"}"
    }
    let file = try place.file("four.jsonl", rows.joined(separator: "\n"))
    let (terminal, _) = try place.open(["open", file.path])
    defer { terminal.close() }
    try terminal.expect("4 in all")
    try terminal.expect("rest") { $0.line(0).hasSuffix("idle") }
    terminal.type("d5\r")
    try terminal.expect("9 in all")
    try terminal.expect("rest") { $0.line(0).hasSuffix("idle") }
    terminal.type("q")
    #expect(terminal.waitForExit() == 0)
    let answers = RunHistory(try place.events(of: "four")).trajectories
    #expect(answers.count == 9)
    for answer in answers {
      #expect(answer.problem.prompt.hasSuffix(" *3 +2 ?v :"))
      #expect(answer.steps.allSatisfy { $0.verdict != nil })
    }
  }

  @Test func `a text arrives in the recipe as it was typed`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let words =
      "while read -r line; do echo 1; done # \"hi\\there\", \n# it's $5 = `x` \t\u{1F600} "
    let outcome = try place.run([
      "train", Workplace.root.appendingPathComponent("samples/chains-4.toml").path, "--name",
      "quoted", "--until", "1", "--set", "task.reward_command=\(words)", "--set",
      "evaluation.problems=2", "--set", "objective.groups=2", "--set", "objective.group_size=2",
    ])
    #expect(outcome.code == 0, "\(outcome.errors)")
    let folder = place.runs.appendingPathComponent("quoted")
    let recipe = try RecipeFile.read(folder.appendingPathComponent("recipe.toml"))
    #expect(recipe.task.rewardCommand == words)
  }

  @Test func `a command that is printed can be pasted into a shell`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let outcome = try place.run([
      "train", Workplace.root.appendingPathComponent("samples/chains-4.toml").path, "--name",
      "it's $(mine)", "--until", "1", "--set", "evaluation.problems=2", "--set",
      "objective.groups=2", "--set", "objective.group_size=2",
    ])
    #expect(outcome.code == 0, "\(outcome.errors)")
    let printed = try #require(outcome.errors.split(separator: "\n").first)
    let start = try #require(printed.range(of: "crux open ")?.upperBound)
    let end = try #require(printed.range(of: " watches it.")?.lowerBound)
    let echo = Process()
    echo.executableURL = URL(fileURLWithPath: "/bin/sh")
    echo.arguments = ["-c", "printf %s \(printed[start..<end])"]
    let pipe = Pipe()
    echo.standardOutput = pipe
    try echo.run()
    let heard = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    echo.waitUntilExit()
    #expect(heard == place.runs.appendingPathComponent("it's $(mine)").path)
  }
}
