import Testing
import Trajectories

@testable import Learning

struct StudyRowsTests {
  private let study = Study(
    methods: [
      StudyMethod(name: "plain"), StudyMethod(name: "gpo", against: "plain"),
      StudyMethod(name: "cool", isUntrained: true),
    ], tasks: ["four", "six"],
    recipes: (0..<3).map { _ in [Recipe(), Recipe()] }, seeds: [0, 1, 2])

  private func outcome(_ end: Double, failure: String? = nil) -> TrainingOutcome {
    var result = EvaluationResult()
    result.policyVersion = 10
    result.sampled = end
    result.sampledError = 0.05
    var outcome = TrainingOutcome()
    outcome.curve = [
      MeasuredUpdate(result, trainingTokens: 1, estimationTokens: 2, seconds: 3)
    ]
    outcome.failure = failure
    return outcome
  }

  @Test func `trainings come seed by seed, so that there is something to compare early`() {
    #expect(study.cells.count == 14)
    #expect(study.cells.prefix(6).allSatisfy { $0.seed == 0 })
    #expect(study.name(of: study.cells[1]) == "gpo, four, seed 0")
    #expect(study.families.map { $0.map(\.name) } == [["plain", "gpo"], ["cool"]])
  }

  @Test func `differences are taken seed by seed with the interval of Student's t`() throws {
    let ends: [[Double]] = [[0.1, 0.3, 0.2], [0.3, 0.4, 0.5], [0.9, 0.9, 0.9]]
    let rows = study.rows { cell in
      cell.task == 0 ? outcome(ends[cell.method][Int(cell.seed)]) : nil
    }
    #expect(rows.map(\.method.name) == ["plain", "gpo", "cool"])
    let difference = try #require(rows[1].differences[.sampled])
    #expect(abs(difference.spread.mean - 0.2) < 1e-12)
    // 4.30265 of two degrees of freedom; .2, .1, .3 have the standard error .1 / √3.
    let half = 4.30265 * 0.1 / 3.0.squareRoot()
    #expect(abs(try #require(difference.interval).upperBound - 0.2 - half) < 1e-5)
    #expect(rows[0].differences.isEmpty)
    #expect(rows[2].outcomes.count == 1)
    #expect(rows[2].spread(.sampled)?.standardError == 0.05)
  }

  @Test func `a failed training is told and compared with nothing`() {
    let rows = study.rows { cell in
      guard cell.task == 1, cell.method < 2 else { return nil }
      return outcome(0.5, failure: cell.method == 1 && cell.seed == 0 ? "It fell." : nil)
    }
    #expect(rows[1].failures == ["It fell."])
    #expect(rows[1].outcomes.count == 2)
    #expect(rows[1].differences[.sampled]?.spread.count == 2)
  }

  @Test func `a seed that only one of two has finished is left out of their difference`() {
    let rows = study.rows { cell in
      cell.task == 0 && (cell.method == 0 ? cell.seed < 2 : cell.seed > 0) && cell.method < 2
        ? outcome(0.5) : nil
    }
    #expect(rows[1].differences[.sampled]?.spread.count == 1)
    #expect(rows[1].differences[.sampled]?.interval == nil)
  }
}
