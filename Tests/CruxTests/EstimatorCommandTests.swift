import Foundation
import Testing

@testable import TerminalTesting

extension CruxProcessTests {
  @Test func `crux study estimators tells rollouts, agreement and regret`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let options = [
      "study", "estimators", "--trajectories", "3", "--reference", "16", "--repeats", "1",
      "--rules",
      "paper-signed", "--set", "task.hard=1",
    ]
    let json = try place.run(options + ["--json", "--only", "uniform K=8,binary K=8"])
    #expect(json.code == 0, "\(json.errors)")
    let rows = try json.output.split(separator: "\n").map { line in
      try #require(
        try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }
    // The first and the one that reuses rollouts both begin so.
    try #require(rows.count == 3)
    #expect(rows[0]["rollouts"] as? Double == 72)
    #expect((rows[1]["rollouts"] as? Double ?? 99) < 72)
    #expect(rows[2]["caution"] as? String == "assumes monotone values")
    let csv = try place.run(options + ["--csv", "--only", "uniform K=2"])
    #expect(csv.output.hasPrefix("rule,estimator,") && csv.output.contains("paper-signed,"))
    let wrong = try place.run(["study", "estimators", "--rules", "random"])
    #expect(wrong.code == 64 && wrong.errors.contains("no rule that looks at values"))
  }

  @Test func `crux inspect takes an estimator and shows what keeping a step is worth`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let found = try place.run([
      "inspect", "--set", "task.hard=1", "--only", "right", "--estimator", "binary", "--rollouts",
      "8",
    ])
    #expect(found.code == 0, "\(found.errors)")
    #expect(found.output.contains("kept-else"))
    #expect(found.output.contains("estimator binary (assumes monotone values)"))
    let exact = try place.run([
      "inspect", "--set", "task.hard=1", "--set", "task.reward=strict", "--estimator", "exact",
      "--json",
    ])
    #expect(exact.code == 0 && exact.output.contains("\"basis\":\"exact\""), "\(exact.errors)")
  }

  @Test func `crux values names the steps of a dump and refuses what is none`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let dump = try place.file(
      "dump.jsonl",
      """
      {"base_is_correct": true, "problem": "p", "chunks": [\
      {"i": 0, "accuracy": 0.5, "n_resamples": 100}, {"i": 1, "accuracy": 0.1, "n_resamples": 100}, \
      {"i": 2, "accuracy": 0.95, "n_resamples": 100}]}
      """)
    let drop = try place.run(["values", dump.path, "--rule", "largest-drop"])
    #expect(drop.output.contains("rule largest-drop: step 1 is critical, A -0.40"))
    let jump = try place.run(["values", dump.path, "--rule", "paper-signed"])
    #expect(jump.output.contains("step 2 is critical, A +0.85"))
    let none = try place.run(["values", try place.file("x.jsonl", "{}").path])
    #expect(none.code == 1 && none.errors.contains("x.jsonl:1"))
  }
}
