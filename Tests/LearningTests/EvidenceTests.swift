import LanguageModel
import Testing
import Trajectories

@testable import Learning

/// Values that are restored from the rollouts that a record keeps.
struct EvidenceTests {
  let task = RightWrong(chances: [0.5, 1, 0.25, 0.9])
  var base: Trajectory { task.trajectory([true, true, true, true]) }

  private func recipe(reuse: Bool) -> Recipe {
    var recipe = Recipe()
    recipe.values.reuse = reuse
    return recipe
  }

  /// Draws in two calls and writes down after each, as an engine does.
  private func valued(
    _ valuer: StepValuer, _ keeping: RolloutKeeping = .all
  ) throws -> (values: StepValues, valuation: Valuation, evidence: [BoundaryRollouts]) {
    var all = [valuer.nothingKnown(of: base)]
    var evidence: [BoundaryRollouts] = []
    for more in [[5, 5, 5, 5, 5], [0, 3, 3, 0, 2]] {
      try valuer.value(&all, .each([more]))
      evidence += all[0].unrecorded(keeping)
      all[0] = all[0].noted(keeping)
      #expect(all[0].unrecorded(keeping).isEmpty)
    }
    return (all[0], valuer.valuation(of: all[0], seconds: 0), evidence)
  }

  @Test(arguments: [false, true])
  func `values restored from rollouts are the values that were closed`(reuse: Bool) throws {
    let valuer = task.valuer(recipe(reuse: reuse))
    let (values, valuation, evidence) = try valued(valuer)
    #expect(evidence.map(\.first) == [0, 0, 0, 0, 0, 5, 5, 5])
    #expect(evidence.allSatisfy { $0.start == base.steps[$0.boundary].start })
    let restored = try #require(
      StepValues(trajectory: base, recorded: valuation, evidence: evidence, reuses: reuse))
    #expect(restored == values)
    #expect(valuer.valuation(of: restored, seconds: 0) == valuation)
    var (one, other) = ([values], [restored])
    try valuer.value(&one, .each([[4, 0, 4, 0, 1]]))
    try valuer.value(&other, .each([[4, 0, 4, 0, 1]]))
    #expect(one == other)
  }

  @Test func `a sample is the first by seed, and the numbers hold beside it`() throws {
    let valuer = task.valuer(Recipe())
    let (values, valuation, evidence) = try valued(valuer, .sample)
    #expect(evidence.map(\.rollouts.count) == [4, 4, 4, 4, 4])
    #expect(evidence.map(\.rollouts.first?.seed) == values.rollouts.map(\.first?.continuation.seed))
    let restored = try #require(
      StepValues(trajectory: base, recorded: valuation, evidence: evidence))
    #expect(restored.means == values.means && restored.spent == values.spent)
    #expect(restored.tokens == values.tokens)
    #expect((0..<5).map { restored.drawn(from: $0) } == [5, 8, 8, 5, 7])
    #expect(restored.rollouts.allSatisfy { $0.count == 4 })
    let again = valuer.valuation(of: restored, seconds: 0)
    #expect(again == valuation)
    #expect(restored.unrecorded(.sample).isEmpty)
    // Scores count no rollout twice.
    var (one, other) = ([values], [restored])
    try valuer.value(&one, .each([[4, 0, 4, 0, 1]]))
    try valuer.value(&other, .each([[4, 0, 4, 0, 1]]))
    let scores = (
      try #require(valuer.anchors(of: one[0])),
      try #require(valuer.valuation(of: other[0], seconds: 0).anchors)
    )
    #expect(scores.0.map(\.kept) == scores.1.map(\.kept))
    #expect(scores.0.map(\.changed) == scores.1.map(\.changed))
  }

  @Test func `none keeps the numbers alone`() throws {
    let (values, valuation, evidence) = try valued(task.valuer(Recipe()), .none)
    #expect(evidence.isEmpty)
    let restored = try #require(StepValues(trajectory: base, recorded: valuation))
    #expect(restored.means == values.means && restored.rollouts.allSatisfy { $0.isEmpty })
  }

  @Test func `rollouts stay with their prefix when a person cuts otherwise`() throws {
    let valuer = task.valuer(Recipe())
    let (values, valuation, evidence) = try valued(valuer)
    var joined = base
    joined.steps = try #require(base.steps(joiningAfter: 1))
    var cut = valuation
    cut.values.remove(at: 2)
    for place in cut.values.indices { cut.values[place].boundary = place }
    let restored = try #require(
      StepValues(trajectory: joined, recorded: cut, evidence: evidence))
    #expect(restored == values.recut(as: joined))
    #expect(valuer.anchors(of: restored)?.count == 4)
  }

  @Test func `the same rollouts told twice count once`() throws {
    let (values, valuation, evidence) = try valued(task.valuer(Recipe()))
    let twice =
      (evidence + [
        BoundaryRollouts(
          boundary: 0, start: 0, first: 2, rollouts: Array(evidence[0].rollouts[2...]))
      ])
      .sorted { ($0.start, $0.first) < ($1.start, $1.first) }
    #expect(StepValues(trajectory: base, recorded: valuation, evidence: twice) == values)
  }

  @Test func `rollouts that contradict the numbers are left aside`() throws {
    let (_, valuation, evidence) = try valued(task.valuer(Recipe()))
    var other = evidence
    for place in other.indices {
      for rollout in other[place].rollouts.indices {
        other[place].rollouts[rollout].reward = 1 - other[place].rollouts[rollout].reward
      }
    }
    let restored = try #require(
      StepValues(trajectory: base, recorded: valuation, evidence: other))
    #expect(restored.means == valuation.values.map(\.mean))
    #expect(restored.rollouts.allSatisfy { $0.isEmpty })
  }

  @Test func `an update keeps the rollouts behind the values that it records`() throws {
    for (keeping, most) in [(RolloutKeeping.all, 6), (.sample, 4), (.none, 0)] {
      var recipe = Recipe()
      recipe.values.rollouts = 6
      recipe.record.rollouts = keeping
      let valuer = task.valuer(recipe)
      let values = try valuer.values(of: base, rollouts: 6)
      let parts = values.unrecorded(keeping)
      #expect(parts.allSatisfy { $0.rollouts.count == most })
      #expect(parts.count == (most == 0 ? 0 : 5))
    }
  }
}
