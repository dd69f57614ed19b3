import Foundation
import Testing

@testable import TerminalTesting

/// Options that a command would not look at are refused, with what to do instead.
extension CruxProcessTests {
  /// What is asked, and what the refusal must say.
  struct Refusal: Sendable, CustomTestStringConvertible {
    var words: String
    var says: [String]
    var testDescription: String { words }
    init(_ words: String, _ says: String...) { (self.words, self.says) = (words, says) }
  }

  private static let refusals = [
    // A study has seeds of its own.
    Refusal("compare study.toml --seed 3", "--seed", "--seeds"),
    Refusal("compare study.toml --set seed=3", "--set seed", "--seeds"),
    Refusal("compare r.toml --seed 3", "--seed", "--seeds"),
    Refusal("open study.toml --seed 3", "--seed", "seeds = [0, 1]", "--seeds"),
    Refusal("open study.toml --style bare", "--style", "a study keeps no answers"),
    Refusal("open study.toml --gold g.jsonl --blind", "--gold, --blind", "run's folder"),
    Refusal("compare study.toml --json --csv", "Take one"),
    Refusal("compare study.toml --csv --measure greedy", "--measure", "--svg"),
    Refusal("compare study.toml --finished --jobs 2", "--jobs", "nothing is trained"),
    Refusal("compare r.toml --finished", "--log"),
    Refusal("compare study.toml --measure luck", "luck", "sampled-chain"),
    // A run has a recipe of its own.
    Refusal("open run --style bare", "--style", "file of problems"),
    Refusal("open run --gold g.jsonl", "--gold", "file of problems"),
    Refusal("open run --set updates=4", "--set", "recipe it began with"),
    Refusal("open --seed 3", "--seed", "recipe it began with"),
    Refusal("open r.toml --style bare", "--style", "task.style"),
    Refusal("open r.toml --read-only", "--read-only", "name one that is there"),
    Refusal("open tiny --model tiny", "--model", "name one of them"),
    Refusal("open p.jsonl --style bare", "--style", "as they stand"),
    Refusal("open p.jsonl --gold p.jsonl", "--gold", "no labelled solutions"),
    Refusal("open --blind --blind-seed 2", "--problems"),
    Refusal("train --resume run --seed 3", "--seed", "without --resume"),
    Refusal("train --resume run --name other", "--name", "without --resume"),
    Refusal("study critic --run run --set updates=2", "--set", "leave out --run"),
    Refusal("study critic r.toml --run run", "the recipe", "leave out --run"),
    Refusal("export run out --only-adapter --adapter a", "--adapter", "--only-adapter"),
    // Ways of one command.
    Refusal("eval --check-grader v.jsonl --model tiny", "--model", "--check-grader"),
    Refusal("eval --check-grader v.jsonl --step-labels", "--step-labels"),
    Refusal("eval --step-labels s.jsonl --count 2", "--count", "--model"),
    Refusal("eval --step-labels s.jsonl --labels l.jsonl --rollouts 2", "--rollouts", "--labels"),
    Refusal("eval --step-labels --model tiny --samples 2", "--samples", "--rollouts"),
    Refusal("eval --step-labels --gold g.jsonl", "--gold", "knows the answers"),
    Refusal("eval --step-labels --limits 2,4", "one number"),
    Refusal("eval p.jsonl --rule random", "--rule", "--step-labels"),
    Refusal("eval --style bare", "--style", "name a file"),
    Refusal("eval p.jsonl --temperature 0.5", "--temperature", "--samples"),
    Refusal("inspect p.jsonl --problem x", "--problem", "the file"),
    Refusal("inspect --adaptive --estimator binary", "--adaptive", "--estimator"),
    Refusal("inspect --summary --json", "--json", "--summary"),
    Refusal("inspect --count=-1", "1 or more"),
    Refusal("sample --count=-1", "1 or more"),
    Refusal("labels import l.jsonl run --limit=-1", "1 or more"),
    Refusal("values v.jsonl --json --most 2", "--most", "every step"),
    Refusal("show study --step 2", "--step", "no answers"),
    Refusal("show inspect --step 99", "There is no step 99"),
    Refusal("study estimators --only magic", "magic", "binary K=8"),
    Refusal("study estimators --json --csv", "Take one"),
  ]

  @Test(arguments: refusals)
  func `an option that would change nothing is refused`(refusal: Refusal) throws {
    let place = try Workplace()
    defer { place.remove() }
    _ = try place.file("study.toml", "[methods.a]\ntask.hard = 4\n")
    _ = try place.file("r.toml", "updates = 1\n")
    _ = try place.file("p.jsonl", "{\"prompt\": \"3 *8 +2 ?v :\", \"reference\": \"26\"}\n")
    let samples = Workplace.root.appendingPathComponent("samples")
    let words = refusal.words.split(separator: " ").map { word in
      ["run", "tiny"].contains(word)
        ? samples.appendingPathComponent(String(word)).path : String(word)
    }
    let outcome = try place.run(words)
    #expect(outcome.code == 64, "\(outcome.errors)\(outcome.output)")
    for part in refusal.says { #expect(outcome.errors.contains(part), "\(outcome.errors)") }
    let left = try FileManager.default.contentsOfDirectory(atPath: place.runs.path)
    #expect(left.isEmpty)
  }

  @Test func `another seed asks other problems of an evaluation`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let words = ["evaluate", "--temperatures", "1", "--set", "evaluation.problems=50", "--json"]
    let first = try place.run(words + ["--seed", "1"])
    #expect(first.code == 0, "\(first.errors)")
    #expect(try place.run(words + ["--seed", "1"]).output == first.output)
    #expect(try place.run(words + ["--seed", "2"]).output != first.output)
  }
}
