import Foundation
import Testing
import Trajectories

@testable import TerminalTesting

/// Benchmarks, reward commands and grader checks from the command line.
extension CruxProcessTests {
  private static let problems = """
    {"prompt": "26 *7 *8 *3 *6 *9 *4 *3 *2 ?v :", "reference": "18"}
    {"prompt": "7 *4 *9 *2 *3 *6 *3 *7 *2 ?v :", "reference": "3"}

    """

  private func object(_ line: some StringProtocol) throws -> [String: Any] {
    try #require(
      JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], "\(line)")
  }

  @Test func `eval measures a file at several budgets`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let file = try place.file("p.jsonl", Self.problems).path
    let answers = place.runs.appendingPathComponent("answers.jsonl").path
    let words = [
      "eval", file, "--samples", "4", "--k", "1,4", "--limits", "2,32", "--answers", answers,
      "--style", "bare",
    ]
    let outcome = try place.run(words + ["--json"])
    #expect(outcome.code == 0, "\(outcome.errors)")
    let row = try object(outcome.output)
    let results = try #require(row["results"] as? [[String: Any]])
    #expect(results.map { $0["limit"] as? Int } == [2, 32])
    let short = try #require(results[0]["greedy"] as? [String: Any])
    #expect(short["truncated"] as? Double == 1)
    let long = try #require(results[1]["greedy"] as? [String: Any])
    #expect((long["right"] as? [String: Any])?["successes"] as? Int == 2)
    #expect(try String(contentsOfFile: answers, encoding: .utf8).split(separator: "\n").count == 10)
    let text = try place.run(words)
    #expect(text.output.contains("32 tokens, greedy: right 1.000 [0.342 1.000] (2 of 2)"))
    #expect(text.output.contains("pass@4"))
  }

  @Test func `eval without a file asks the task's held-out problems`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let outcome = try place.run(["eval", "--count", "12", "--set", "task.hard=3"])
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output.hasPrefix("chains (own): 12 problems"))
  }

  @Test func `eval says what is wrong with rows and choices`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let odd = try place.file("odd.jsonl", Self.problems + "{\"prompt\": \"x\"}\n").path
    let outcome = try place.run(["eval", odd, "--style", "bare"])
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.errors.contains("odd.jsonl:3: there is no “reference”"))
    #expect(try place.run(["eval", odd, "--limits", "x"]).code == 64)
    #expect(try place.run(["eval", odd, "--style", "long"]).code == 64)
    #expect(try place.run(["eval", "--no-greedy"]).code == 64)
    #expect(try place.run(["eval", "nowhere.jsonl"]).code == 1)
  }

  @Test func `a file of problems is a task to train on`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let lines = (0..<20).map {
      #"{"prompt": "\#($0 % 8 + 1) *2 +1 ?v :", "reference": "\#(($0 % 8 + 1) * 2 + 1)"}"#
    }
    _ = try place.file("own.jsonl", lines.joined(separator: "\n"))
    let recipe = try place.file(
      "own.toml",
      """
      updates = 1
      [task]
      name = "file"
      file = "own.jsonl"
      style = "bare"
      [objective]
      groups = 4
      """)
    let trained = try place.run(["train", recipe.path])
    #expect(trained.code == 0, "\(trained.errors)")
    #expect(trained.output.contains("update 1, 6 held-out problems"))
    let missing = try place.run(["train", recipe.path, "--set", "task.file=nothing.jsonl"])
    #expect(missing.code == 1)
    #expect(missing.errors.contains("nothing.jsonl"))
  }

  @Test func `a reward command judges, and its failures are sentences`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let file = try place.file("p.jsonl", Self.problems).path
    func run(_ command: String, seconds: String = "10") throws -> Workplace.Outcome {
      try place.run([
        "eval", file, "--style", "bare", "--set", "task.reward_command=\(command)", "--set",
        "task.reward_seconds=\(seconds)",
      ])
    }
    let good = try run("while read -r line; do echo 1; done")
    #expect(good.code == 0, "\(good.errors)")
    #expect(good.output.contains("(2 of 2)"))
    let half = try run("while read -r line; do echo .5; done")
    #expect(half.output.contains("(0 of 2), mean 0.500"))
    for (command, seconds, words) in [
      ("read -r line; exit 3", "10", "ended with code 3"),
      ("while read -r line; do echo much; done", "10", "“much”, which is no number from 0 to 1"),
      ("while read -r line; do sleep 9; done", "0.2", "no answer within 0.2 seconds"),
      ("kill -9 $$", "10", "by signal 9"), ("while read -r line; do echo 2; done", "10", "“2”"),
    ] {
      let failed = try run(command, seconds: seconds)
      #expect(failed.code == 1)
      #expect(failed.errors.contains(words), "\(failed.errors)")
      #expect(failed.output.isEmpty)
    }
  }

  @Test func `a failing reward command stops training before the weights move`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let recipe = try place.file(
      "r.toml",
      "updates = 2\n[task]\nreward_command = \"for n in 1 2 3; do read line; echo 0.5; done; exit 4\"\n"
    )
    let outcome = try place.run(["train", recipe.path, "--name", "r"])
    #expect(outcome.code == 1)
    #expect(outcome.errors.contains("ended with code 4"), "\(outcome.errors)")
    let events = try place.events(of: "r")
    #expect(!events.contains { if case .updated(_) = $0 { true } else { false } })
  }

  @Test func `check-grader prints how far verdicts agree`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let file = try place.file(
      "v.jsonl",
      """
      {"gold": "1/2", "pred": "0.5", "verdict": true, "category": "a"}
      {"gold": "1/2", "pred": "0.4", "verdict": true, "category": "a", "by_eye": "ne"}
      {"gold": "3", "pred": "4", "verdict": true, "category": "b", "by_eye": "eq"}
      {"gold": "3", "pred": "4", "verdict": true, "category": "b", "by_eye": "?"}

      """)
    let differing = place.runs.appendingPathComponent("differing.jsonl").path
    let words = ["eval", "--check-grader", file.path, "--answers", differing]
    let outcome = try place.run(words + ["--json"])
    #expect(outcome.code == 0, "\(outcome.errors)")
    let all = try #require(try object(outcome.output)["all"] as? [String: Int])
    #expect(all["rows"] == 4 && all["agreeing"] == 1 && all["missed"] == 1 && all["open"] == 1)
    #expect(all["verdictAcceptedWrongly"] == 1 && all["acceptedWrongly"] == 0)
    let lines = try String(contentsOfFile: differing, encoding: .utf8).split(separator: "\n")
    #expect(lines.count == 3)
    let twice = try place.run(["eval", "--check-grader", file.path, file.path])
    #expect(twice.output.contains("2 files"))
    #expect(try place.run(["eval", "--check-grader"]).code == 1)
  }

  /// Two wrong solutions of a chain and a right one, labelled as BIG-Bench-Mistake does.
  private static let labelled = #"""
    {"id": "a", "input": "26 *7 *8 *3 *6 *9 *4 *3 *2 ?v :", "target": "18", "answer": "7", "mistake_index": 0, "steps": ["*7 26", "*8 22", "*3 4", "*6 24", "*9 30", "*4 27", "*3 19", "*2 7", "# 7 $"]}
    {"id": "b", "input": "26 *7 *8 *3 *6 *9 *4 *3 *2 ?v :", "target": "18", "answer": "5", "mistake_index": 1, "steps": ["*7 27", "*8 29", "*3 25", "*6 26", "*9 17", "*4 6", "*3 18", "*2 5", "# 5 $"]}
    {"id": "c", "input": "26 *7 *8 *3 *6 *9 *4 *3 *2 ?v :", "target": "18", "answer": "18", "mistake_index": null, "steps": ["*7 27", "*8 30", "*3 28", "*6 13", "*9 24", "*4 3", "*3 9", "*2 18", "# 18 $"]}


    """#

  @Test func `step labels are shown, and scored against rollouts and against labels`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let file = try place.file("s.jsonl", Self.labelled).path
    let shown = try place.run(["eval", "--step-labels", file])
    #expect(shown.code == 0, "\(shown.errors)")
    #expect(shown.output.contains("3 solutions, 2 with an error, 9.0 steps each"))
    let words = ["eval", "--step-labels", file, "--json", "--style", "bare"]
    let found = try place.run(
      words + ["--model", "tiny", "--rollouts", "16", "--temperature", "0.05"])
    #expect(found.code == 0, "\(found.errors)")
    let rules = try #require(try object(found.output)["rules"] as? [[String: Any]])
    #expect(rules.first?["rule"] as? String == "largest-drop")
    let score = try #require(rules.first?["byFall"] as? [String: Any])
    #expect((score["wrong"] as? [String: Any])?["successes"] as? Int == 2)
    #expect((score["right"] as? [String: Any])?["successes"] as? Int == 1)
    let labels = try place.file(
      "l.jsonl", "{\"id\": \"a\", \"step\": 0}\n{\"id\": \"b\"}\n{\"id\": \"c\", \"step\": 2}\n")
    let person = try place.run(["eval", "--step-labels", file, "--labels", labels.path])
    #expect(person.output.contains("first error named 0.500"), "\(person.errors)")
    #expect(person.output.contains("right solutions held for right 0.000"))
    #expect(try place.run(["eval", "--step-labels", labels.path]).code == 1)
  }

  @Test func `scored solutions are written as they finish, and the same command goes on`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let file = try place.file("s.jsonl", Self.labelled).path
    let rows = place.runs.appendingPathComponent("rows.jsonl")
    let words = [
      "eval", "--step-labels", file, "--style", "bare", "--model", "tiny", "--rollouts", "4",
      "--answers", rows.path,
    ]
    let first = try place.run(words + ["--count", "2"])
    #expect(first.code == 0, "\(first.errors)")
    // By turns: one with an error and one without.
    #expect(first.output.contains("2 solutions scored, 1 with an error"))
    let written = try Data(contentsOf: rows)
    #expect(written.split(separator: 0x0A).count == 2)
    // A line that was cut off is drawn again; those that are whole are not.
    try (written + Data("{\"id\": \"s.jso".utf8)).write(to: rows)
    let all = try place.run(words)
    #expect(all.output.contains("3 solutions scored, 2 with an error"), "\(all.errors)")
    let grown = try Data(contentsOf: rows)
    #expect(grown.starts(with: written) && grown.split(separator: 0x0A).count == 3)
    let other = try place.run(words + ["--seed", "7"])
    #expect(other.code == 1 && other.errors.contains("name another file"))
  }

  @Test func `a policy's own answers are labelled by its task`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let words = ["eval", "--step-labels", "--count", "8", "--rollouts", "4"]
    let outcome = try place.run(words + ["--rule", "random,largest-drop", "--set", "task.hard=2"])
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("chains (own answers): 8 solutions scored, 4 with an error"))
    let sums = try place.run(words + ["--set", "task.name=countdown"])
    #expect(sums.code == 1)
    #expect(try place.run(words + ["--rule", "best"]).code == 64)
  }

  @Test func `solutions without a right answer are left out before they are counted`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let file = try place.file(
      "pb.jsonl",
      #"""
      {"id": "a", "problem": "7 *4 ?v :", "steps": ["*4 9", "# 9 $"], "final_answer_correct": false, "label": 0}
      {"id": "b", "problem": "26 *7 *8 *3 *6 *9 *4 *3 *2 ?v :", "steps": ["*7 21", "# 21 $"], "final_answer_correct": false, "label": 0}

      """#)
    let gold = try place.file("p.jsonl", Self.problems.split(separator: "\n")[0] + "\n")
    let words = ["eval", "--step-labels", file.path, "--model", "tiny", "--style", "bare"]
    let none = try place.run(words)
    #expect(
      none.output.contains("0 solutions scored, 0 with an error, 2 without"), "\(none.errors)")
    let one = try place.run(words + ["--gold", gold.path, "--count", "1", "--rollouts", "4"])
    #expect(one.output.contains("1 solutions scored, 1 with an error, 1 without"), "\(one.errors)")
  }
}
