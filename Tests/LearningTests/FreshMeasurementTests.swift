import LanguageModel
import Testing
import Trajectories

@testable import Learning

@Suite struct FreshMeasurementTests {
  let task = RightWrong(chances: [1, 0.4, 1, 0.5])

  @Test func `a fresh effect is near the exact one and its interval holds it`() throws {
    let base = task.trajectory([true, true, true, true])
    let fresh = try #require(
      task.explorer(Recipe()).freshEffect(of: base, step: 1, rollouts: 400))
    // .2 before, .5 after.
    #expect(fresh.effect.low < 0.3 && fresh.effect.high > 0.3)
    #expect(abs(fresh.effect.advantage - 0.3) < 0.13)
    #expect(fresh.effect.before.rollouts == 400 && fresh.effect.after.rollouts == 400)
  }

  @Test func `fresh rollouts are not those that chose the step`() throws {
    let explorer = task.explorer(Recipe())
    let base = task.trajectory([true, true, true, true])
    let chosen = try #require(explorer.values(of: base, rollouts: 32))
    var fresh = [StepValues(trajectory: base, policyVersion: 0)]
    #expect(explorer.topUp(&fresh, by: [[32, 32, 0, 0, 0]], purpose: .fresh))
    let old = Set(chosen.rollouts.joined().map(\.continuation.seed))
    #expect(fresh[0].rollouts.joined().allSatisfy { !old.contains($0.continuation.seed) })
  }

  @Test func `the last step is measured against the reward it got`() throws {
    let base = task.trajectory([true, true, true, true])
    let fresh = try #require(task.explorer(Recipe()).freshEffect(of: base, step: 4, rollouts: 8))
    #expect(fresh.effect.after.rollouts == 0 && fresh.effect.after.mean == 1)
  }

  @Test func `controls take another step and start over`() throws {
    let base = task.trajectory([true, true, true, true])
    let explorer = task.explorer(Recipe())
    let controls = try #require(
      explorer.controls(of: base, step: 1, rollouts: 16, tokens: 180))
    #expect(controls.randomStep.step != 1)
    #expect(controls.restart.boundary == 0 && controls.restart.rollouts == 20)
  }
}
