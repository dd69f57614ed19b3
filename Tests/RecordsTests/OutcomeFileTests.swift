import Foundation
import Testing
import Trajectories

@testable import Records

struct OutcomeFileTests {
  private let url = FileManager.default.temporaryDirectory
    .appendingPathComponent("outcomes-\(UUID().uuidString).jsonl")

  private func line(_ seed: UInt64) -> OutcomeLine {
    var recipe = Recipe()
    recipe.seed = seed
    var outcome = TrainingOutcome()
    outcome.failure = "seed \(seed)"
    return OutcomeLine(
      key: OutcomeKey(recipe, model: "m", budget: TrainingBudget(), isUntrained: false),
      name: "a", outcome: outcome)
  }

  @Test func `what was added is there again`() throws {
    defer { try? FileManager.default.removeItem(at: url) }
    try OutcomeFile(url, isWritten: true).append(line(1))
    let file = try OutcomeFile(url, isWritten: true)
    try file.append(line(2))
    #expect(file.outcomes.count == 2)
    let read = try OutcomeFile(url, isWritten: false)
    #expect(read.outcomes[line(2).key]?.failure == "seed 2")
  }

  @Test func `a torn line is cut off and the next one stands alone`() throws {
    defer { try? FileManager.default.removeItem(at: url) }
    try OutcomeFile(url, isWritten: true).append(line(1))
    let whole = try Data(contentsOf: url)
    for length in [1, whole.count / 2, whole.count - 1] {
      try (whole + whole.prefix(length)).write(to: url)
      let file = try OutcomeFile(url, isWritten: true)
      #expect(file.outcomes.count == 1)
      try file.append(line(2))
      #expect(try OutcomeFile(url, isWritten: false).outcomes.count == 2)
    }
  }

  @Test func `one process adds at a time`() throws {
    defer { try? FileManager.default.removeItem(at: url) }
    let first = try OutcomeFile(url, isWritten: true)
    #expect(throws: RecordsError.self) { _ = try OutcomeFile(url, isWritten: true) }
    withExtendedLifetime(first) {}
  }

  @Test func `a line that is no outcome is told`() throws {
    defer { try? FileManager.default.removeItem(at: url) }
    try Data("{\"key\": 4}\n".utf8).write(to: url)
    let error = #expect(throws: RecordsError.self) {
      _ = try OutcomeFile(url, isWritten: false)
    }
    #expect(error?.description.contains(":1:") == true)
  }

  @Test func `answers from before the critic was kept are read without it`() throws {
    defer { try? FileManager.default.removeItem(at: url) }
    var metrics = Metrics()
    metrics.explainedVariance = 0.25
    var line = line(1)
    line.outcome.answers = AnswerShape(metrics)
    try OutcomeFile(url, isWritten: true).append(line)
    let kept = try OutcomeFile(url, isWritten: false).outcomes[line.key]?.answers
    #expect(kept?.explainedVariance == 0.25)
    let text = try String(contentsOf: url, encoding: .utf8)
    let old = text.replacing("\"explainedVariance\":0.25,", with: "")
    #expect(old != text)
    try Data(old.utf8).write(to: url)
    let read = try #require(try OutcomeFile(url, isWritten: false).outcomes[line.key]?.answers)
    #expect(read.explainedVariance == nil && read.length == 0)
  }

  @Test func `the same training has the same key wherever its model lies`() {
    var recipe = Recipe()
    recipe.task.hard = 4
    func key(_ change: (inout Recipe) -> Void, isUntrained: Bool = false) -> OutcomeKey {
      var changed = recipe
      change(&changed)
      return OutcomeKey(
        changed, model: "m", budget: TrainingBudget(), isUntrained: isUntrained)
    }
    #expect(key { $0.model = "/elsewhere" } == key { _ in })
    #expect(key { $0.record.trajectories = 0 } == key { _ in })
    #expect(key { $0.seed = 4 } != key { _ in })
    #expect(key({ $0.seed = 4 }, isUntrained: true) == key({ _ in }, isUntrained: true))
    #expect(key { $0.task.hard = 5 } != key { _ in })
  }
}
