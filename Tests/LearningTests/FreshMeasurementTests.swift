import LanguageModel
import Testing
import Trajectories

@testable import Learning

@Suite struct FreshMeasurementTests {
  let task = RightWrong(chances: [1, 0.4, 1, 0.5])

  @Test func `the interval of a fresh effect holds the exact one about 95 times in 100`() throws {
    var held = 0
    for seed in 0..<100 {
      let base = task.trajectory([true, true, true, true], seed: UInt64(seed))
      let fresh = try EffectEstimator(task.valuer(Recipe())).fresh(of: base, step: 1, rollouts: 40)
      // .2 before, .5 after.
      held += fresh.effect.low <= 0.3 && fresh.effect.high >= 0.3 ? 1 : 0
      #expect(fresh.effect.before.rollouts == 40 && fresh.effect.after.rollouts == 40)
    }
    // Outside this range once in a thousand if the share is 95 %.
    #expect((87...100).contains(held), "\(held) of 100")
  }

  @Test func `fresh rollouts are not those that chose the step`() throws {
    let valuer = task.valuer(Recipe())
    let base = task.trajectory([true, true, true, true])
    let chosen = try valuer.values(of: base, rollouts: 32)
    var fresh = [StepValues(trajectory: base, policyVersion: 0)]
    try valuer.value(&fresh, .each([[32, 32, 0, 0, 0]], for: .fresh))
    let old = Set(chosen.rollouts.joined().map(\.continuation.seed))
    #expect(fresh[0].rollouts.joined().allSatisfy { !old.contains($0.continuation.seed) })
  }

  @Test func `the last step is measured against the reward it got`() throws {
    let base = task.trajectory([true, true, true, true])
    let fresh = try EffectEstimator(task.valuer(Recipe())).fresh(of: base, step: 4, rollouts: 8)
    #expect(fresh.effect.after.rollouts == 0 && fresh.effect.after.mean == 1)
  }

  @Test func `controls take another step and start over`() throws {
    let base = task.trajectory([true, true, true, true])
    let valuer = task.valuer(Recipe())
    let controls = try EffectEstimator(valuer).controls(
      of: base, step: 1, rollouts: 16, tokens: 180)
    #expect(controls.randomStep.effect.step != 1)
    let restart = controls.restart.effect.before
    #expect(restart.boundary == 0 && restart.rollouts == 20 && controls.restart.rollouts == 20)
    #expect(controls.restart.evidence.map(\.rollouts.count) == [20])
    #expect(controls.tokens == controls.randomStep.tokens + controls.restart.tokens)
  }
}
