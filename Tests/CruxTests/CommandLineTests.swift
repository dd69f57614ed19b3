import Foundation
import LanguageModel
import ModelFiles
import Testing

@testable import TerminalTesting

/// Every subcommand with no terminal: exit codes, sentences, and output that programs can read.
extension CruxProcessTests {
  private static let models = Workplace.root
    .appendingPathComponent("Tests/LanguageModelTests/Golden/models")

  /// A command that must fail, its exit code, and what its sentence must say.
  struct Failure: Sendable, CustomTestStringConvertible {
    var words: [String]
    var code: Int32
    var says: [String]
    var testDescription: String { words.joined(separator: " ") }
  }

  private static let failures = [
    Failure(words: ["open", "nowhere"], code: 1, says: ["nowhere does not exist"]),
    Failure(words: ["train", "nowhere.toml"], code: 1, says: ["nowhere.toml"]),
    Failure(words: ["train", "--resume", "."], code: 1, says: ["is not a run"]),
    Failure(words: ["train", "wrong.toml"], code: 1, says: ["wrong.toml", "3", "hrad"]),
    Failure(words: ["sample", "--model", "nowhere"], code: 1, says: ["nowhere", "not found"]),
    Failure(words: ["sample", "--set", "task.hard"], code: 64, says: ["key=value"]),
    Failure(words: ["sample", "--set", "task.hard=99"], code: 1, says: ["hard"]),
    Failure(words: ["sample", "--set", "task.hrad=4"], code: 1, says: ["hrad"]),
    Failure(words: ["show", "nothing"], code: 64, says: ["There is no screen", "inspect"]),
    Failure(words: ["show", "inspect", "--size", "big"], code: 64, says: ["120x40"]),
    Failure(words: ["inspect", "--rule", "luck"], code: 64, says: ["luck", "paper-absolute"]),
    Failure(words: ["inspect", "--problem", "what"], code: 1, says: ["is no problem"]),
    Failure(words: ["score", "--model", "tiny"], code: 64, says: ["--input"]),
    Failure(
      words: ["study", "critic", "--set", "objective.method=grpo"], code: 1,
      says: ["no critic", "ppo"]),
    Failure(words: ["frobnicate", "--now"], code: 64, says: ["--now"]),
    Failure(words: [], code: 1, says: ["must be a terminal", "crux show"]),
  ]

  @Test(arguments: failures)
  func `a mistake is answered by a sentence and an exit code`(failure: Failure) throws {
    let place = try Workplace()
    defer { place.remove() }
    _ = try place.file("wrong.toml", "seed = 1\n[task]\nhrad = 4\n")
    let outcome = try place.run(failure.words)
    #expect(outcome.code == failure.code, "\(outcome.errors)")
    for word in failure.says { #expect(outcome.errors.contains(word), "\(outcome.errors)") }
    #expect(!outcome.errors.contains("Fatal"))
  }

  @Test(arguments: ["llama-tiny", "qwen2-tiny", "qwen3-tiny"])
  func `score agrees with the reference`(name: String) throws {
    struct Inputs: Decodable { var sequences: [[Token]] }
    struct Row: Decodable {
      var ids: [Token]
      var logprobs: [Float]
      var entropies: [Float]
      var logits: [[Float]]
    }
    let place = try Workplace()
    defer { place.remove() }
    let folder = Self.models.appendingPathComponent(name)
    let inputs = try JSONDecoder().decode(
      Inputs.self, from: Data(contentsOf: folder.appendingPathComponent("inputs.json")))
    let lines = inputs.sequences.map { "{\"ids\": \($0)}\n" }.joined()
    let outcome = try place.run([
      "score", "--model", folder.path, "--input", place.file("ids.jsonl", lines).path, "--logits",
      "--json",
    ])
    #expect(outcome.code == 0, "\(outcome.errors)")
    let rows = try outcome.output.split(separator: "\n").map {
      try JSONDecoder().decode(Row.self, from: Data($0.utf8))
    }
    #expect(rows.map(\.ids) == inputs.sequences)
    let expected = try SafeTensors(
      contentsOf: folder.appendingPathComponent("expected.safetensors"))
    for (number, row) in rows.enumerated() where row.ids.count > 1 {
      #expect(distance(row.logprobs, try expected.floats(of: "logprob.\(number)")) < 5e-5)
      #expect(distance(row.entropies, try expected.floats(of: "entropy.\(number)")) < 5e-5)
      #expect(
        distance(row.logits.flatMap { $0 }, try expected.floats(of: "logits.\(number)")) < 1e-4)
    }
  }

  private func distance(_ one: [Float], _ other: [Float]) -> Float {
    guard one.count == other.count else { return .infinity }
    return zip(one, other).reduce(0) { max($0, ($1.0 - $1.1).magnitude) }
  }

  @Test func `inspect and sample print text and JSON that holds the same`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let words = ["inspect", "--only", "wrong", "--rollouts", "8", "--set", "task.hard=4"]
    let json = try place.run(words + ["--json"])
    let row = try #require(
      JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
    let advantages = try #require(row["advantages"] as? [Double])
    #expect((row["values"] as? [Any])?.count == advantages.count + 1)
    #expect(row["critical"] != nil)
    let text = try place.run(words)
    #expect(text.output.split(separator: "\n").count >= advantages.count + 3)
    #expect(text.output.contains("rule paper-absolute"))
    let sampled = try place.run(["sample", "--count", "3", "--json"])
    #expect(sampled.code == 0)
    #expect(sampled.output.split(separator: "\n").count == 3)
    #expect(try place.run(["sample", "--count", "1"]).output.contains("reward"))
  }

  @Test(arguments: ["trajectories", "inspect", "branches", "training", "compare", "recipe", "help"])
  func `show prints every screen in the size asked for`(screen: String) throws {
    let place = try Workplace()
    defer { place.remove() }
    let outcome = try place.run([
      "show", screen, "--once", "--size", "100x30", "--trajectory", "5", "--ascii",
    ])
    #expect(outcome.code == 0, "\(outcome.errors)")
    let lines = outcome.output.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    #expect(lines.count == 30)
    #expect(lines.allSatisfy { $0.count <= 100 && $0.allSatisfy(\.isASCII) })
    #expect(lines.first?.contains("crux") == true)
    #expect(lines.last?.contains("help") == true)
  }

  @Test func `evaluate takes problems from a file and refuses what is none of the task`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let line = #"{"question": "17 *3 +2 ?v :", "answer": "22"}"#
    let right = try place.file("right.jsonl", line + "\n" + line + "\n").path
    let measured = try place.run(["evaluate", right, "--temperatures", "0", "--json"])
    #expect(measured.code == 0, "\(measured.errors)")
    #expect(measured.output.contains("\"problems\":2"))
    let wrong = try place.file("wrong.jsonl", line.replacing("22", with: "23") + "\n").path
    let refused = try place.run(["evaluate", wrong])
    #expect(refused.code == 1)
    #expect(refused.errors.contains("wrong.jsonl/1") && refused.errors.contains("22"))
  }

  @Test func `compare resumes from its log`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let recipe = Workplace.root.appendingPathComponent("samples/gpo.toml").path
    let log = place.runs.appendingPathComponent("log.jsonl")
    let words = [
      "compare", recipe, "--log", log.path, "--set", "updates=1", "--set", "objective.groups=4",
      "--set", "evaluation.problems=10", "--seeds",
    ]
    let first = try place.run(words + ["0"])
    #expect(first.code == 0, "\(first.errors)")
    let line = try String(contentsOf: log, encoding: .utf8)
    let second = try place.run(words + ["0,1"])
    #expect(second.code == 0, "\(second.errors)")
    let lines = try String(contentsOf: log, encoding: .utf8)
    #expect(lines.hasPrefix(line))
    #expect(lines.split(separator: "\n").count == 2)
    #expect(second.output.contains("gpo"))
  }

  @Test func `doctor, version and help answer`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let doctor = try place.run(["doctor"])
    #expect(doctor.code == 0)
    for word in ["processor", "kernels", "OpenBLAS", "samples", "widths", "locale"] {
      #expect(doctor.output.contains(word))
    }
    #expect(try place.run(["--version"]).output.first?.isNumber == true)
    let help = try place.run(["--help"])
    #expect(help.code == 0)
    #expect(help.output.contains("Exit codes"))
  }

  @Test(arguments: ["bash", "zsh", "fish"])
  func `completion scripts name the subcommands`(shell: String) throws {
    let place = try Workplace()
    defer { place.remove() }
    let outcome = try place.run(["--generate-completion-script", shell])
    #expect(outcome.code == 0)
    for word in ["inspect", "train", "score"] { #expect(outcome.output.contains(word)) }
  }

  @Test func `a terminal that cannot place its cursor is refused with a sentence`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let (terminal, _) = try place.open(with: ["TERM": "dumb"])
    defer { terminal.close() }
    #expect(try #require(terminal.waitForExit()) >> 8 == 1)
    #expect(terminal.settled().text.contains("cannot place its cursor"))
  }
}
