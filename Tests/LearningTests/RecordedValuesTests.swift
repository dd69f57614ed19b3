import LanguageModel
import Testing
import Trajectories

@testable import Learning

/// Values go on from what a run's record says of them.
struct RecordedValuesTests {
  let task = RightWrong(chances: [0.5, 1, 0.25, 0.9])
  var base: Trajectory { task.trajectory([true, true, true, true]) }

  /// What a record keeps of that many rollouts from each boundary, and the values themselves.
  private func recorded(
    _ rollouts: Int, _ valuer: StepValuer
  ) throws -> (values: StepValues, valuation: Valuation) {
    let values = try valuer.values(of: base, rollouts: rollouts)
    return (values, valuer.valuation(of: values, seconds: 0))
  }

  @Test func `a record is valued on as if all had been drawn at once`() throws {
    let valuer = task.valuer(Recipe())
    let (few, record) = try recorded(6, valuer)
    let known = try #require(StepValues(trajectory: base, recorded: record))
    #expect(known.means == few.means && known.spent == few.spent && known.tokens == few.tokens)
    // Four lines and the end.
    #expect((0..<5).map { known.drawn(from: $0) } == [6, 6, 6, 6, 6])
    var all = [known]
    try valuer.value(&all, .each([[6, 6, 6, 6, 6]]))
    let (many, whole) = try recorded(12, valuer)
    #expect(all[0].means == many.means && all[0].spent == 60 && all[0].tokens == many.tokens)
    let (found, wanted) = (all[0].criticalStep(Recipe()), many.criticalStep(Recipe()))
    #expect(found == wanted)
    let scores = try #require(valuer.valuation(of: all[0], seconds: 0).anchors)
    for (score, expected) in zip(scores, try #require(whole.anchors)) {
      #expect(score.kept == expected.kept && score.changed == expected.changed)
      #expect(abs(score.keptMean - expected.keptMean) < 1e-12)
      #expect(abs(score.changedMean - expected.changedMean) < 1e-12)
    }
  }

  @Test func `a recorded value stays with its prefix when a person cuts otherwise`() throws {
    let valuer = task.valuer(Recipe())
    let record = try recorded(6, valuer).valuation
    let known = try #require(StepValues(trajectory: base, recorded: record))
    var joined = base
    joined.steps = try #require(base.steps(joiningAfter: 1))
    let kept = known.recut(as: joined)
    #expect((0..<4).map { kept.mean($0) } == [0, 1, 3, 4].map { known.mean($0) })
    #expect((0..<4).map { kept.drawn(from: $0) } == [6, 6, 6, 6] && kept.spent == 24)
    let back = kept.recut(as: base)
    #expect((0..<5).map { back.drawn(from: $0) } == [6, 6, 0, 6, 6])
    #expect(!back.isKnown(2))
    // Scores are of the steps as they were.
    #expect(valuer.valuation(of: kept, seconds: 0).anchors == nil)
  }

  @Test func `a record of other steps or of another answer is refused`() throws {
    let record = try recorded(2, task.valuer(Recipe())).valuation
    var joined = base
    joined.steps = try #require(base.steps(joiningAfter: 1))
    #expect(StepValues(trajectory: joined, recorded: record) == nil)
    var other = base
    other.id = "other"
    #expect(StepValues(trajectory: other, recorded: record) == nil)
  }

  @Test func `enumerated values are kept and a critic's give way to rollouts`() throws {
    var record = try recorded(2, task.valuer(Recipe())).valuation
    for (boundary, basis) in [(0, ValueBasis.exact), (1, .critic)] {
      record.values[boundary] = StepValue(
        boundary: boundary, rewardSum: 0, rollouts: 0, truncated: 0, mean: 0.75, low: 0.7,
        high: 0.8, basis: basis)
    }
    let known = try #require(StepValues(trajectory: base, recorded: record))
    #expect(known.value(0).basis == .exact && known.mean(0) == 0.75 && known.value(0).high == 0.8)
    #expect(known.isExact(0) && !known.isExact(1))
    #expect(known.value(1).basis == .critic && known.mean(1) == 0.75 && known.drawn(from: 1) == 0)
    var all = [known]
    try task.valuer(Recipe()).value(&all, .each([[0, 4, 0, 0, 0]]))
    #expect(all[0].value(1).basis == nil && all[0].value(1).rollouts == 4)
    var joined = base
    joined.steps = try #require(base.steps(joiningAfter: 2))
    let recut = known.recut(as: joined)
    #expect(recut.value(0) == known.value(0) && recut.value(1) == known.value(1))
    #expect(recut.tokens == known.tokens)
  }
}
