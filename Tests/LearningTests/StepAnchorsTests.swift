import LanguageModel
import Testing
import Trajectories

@testable import Learning

@Suite struct StepAnchorsTests {
  func rollout(_ text: String, _ reward: Double) -> TextRollout {
    TextRollout(text: text, reward: reward)
  }

  @Test func `rollouts that keep a step are told from those that say something else`() throws {
    let anchors = StepAnchor.all(
      steps: ["a\n", "b 1"],
      rollouts: [
        [rollout("a\nb 1", 1), rollout("a\nb 2", 0), rollout("c\nb 2", 0), rollout("c\nb 1", 1)],
        [rollout("b 1", 1), rollout("b 12", 0)],
      ], answer: "1")
    // Two of four keep the first step, and both from after it do.
    #expect(anchors[0].kept == 4 && anchors[0].keptMean == 0.5)
    #expect(anchors[0].changed == 2 && anchors[0].changedMean == 0.5)
    #expect(anchors[0].counterfactual == 0)
    // "b 12" begins like the last step but says something else.
    #expect(anchors[1].kept == 1 && anchors[1].changed == 1)
    #expect(anchors[1].counterfactual == 1)
  }

  @Test func `the divergence of the answers is that of smoothed counts`() throws {
    // After: 1 1 1; before: 1 2. Smoothed: 4/5, 1/5 against 2/4, 2/4.
    let expected = 0.8 * 0.470_003_629_245_735_5 + 0.2 * -0.916_290_731_874_155_1
    let found = try #require(StepAnchor.divergence(["1", "1", "1"], from: ["1", "2"]))
    #expect(abs(found - expected) < 1e-12)
    #expect(StepAnchor.divergence([], from: ["1"]) == nil)
    #expect(StepAnchor.divergence(["1"], from: ["1"]) == 0)
  }

  @Test func `the rollouts that valued an answer are enough`() throws {
    let task = RightWrong(chances: [0.5, 1])
    let valuer = task.valuer(Recipe())
    let values = try valuer.values(of: task.trajectory([true, true]), rollouts: 40)
    let anchors = try #require(valuer.anchors(of: values))
    let first = anchors[0]
    #expect(first.keptMean == 1 && first.changedMean == 0 && first.counterfactual == 1)
    #expect(first.kept + first.changed == 80)
    #expect(
      valuer.anchors(of: StepValues(trajectory: values.trajectory, policyVersion: 0)) == nil)
  }
}
