import LanguageModel
import Learning
import Testing
import Trajectories

@Suite struct CriticStudyTests {
  /// An answer of three steps of two tokens, whose boundaries have these values.
  private func known(_ values: [Double], reward: Double, id: String) -> StepValues {
    let problem = Problem(id: "p", task: "t", prompt: "q", reference: "r", guessChance: 0)
    let steps = (0..<3).map { Step(start: 2 * $0, end: 2 * $0 + 2, text: "s") }
    let trajectory = Trajectory(
      id: id, problem: problem, promptTokens: [1], responseTokens: [1, 2, 3, 4, 5, 6],
      logProbabilities: [0, 0, 0, 0, 0, 0], steps: steps, reward: reward, chainCorrect: nil,
      seed: 0, policyVersion: 0, truncated: false)
    var all = StepValues(trajectory: trajectory, policyVersion: 0)
    for (boundary, value) in values.enumerated() {
      for number in 0..<4 {
        all.add(
          JudgedRollout(
            continuation: Continuation(
              tokens: [1], logProbabilities: [0], truncated: false, seed: 0),
            reward: Double(number) < value * 4 ? 1 : 0), at: boundary)
      }
    }
    return all
  }

  private func scores(_ values: [Float]) -> TokenScores {
    TokenScores(
      logProbabilities: values.map { _ in 0 }, entropies: values.map { _ in 0 }, values: values)
  }

  @Test func `a critic that knows the values names the same steps and explains everything`() {
    let right = known([0.25, 0.75, 1], reward: 1, id: "right")
    let wrong = known([0.25, 0.5, 0], reward: 0, id: "wrong")
    let study = CriticStudy(
      reference: [right, wrong], cheap: [right, wrong],
      scores: [scores([0.25, 0, 0.75, 0, 1, 0]), scores([0.25, 0, 0.5, 0, 0, 0])])
    #expect(study.answers == 2 && study.rollouts == 4)
    #expect(study.valuesExplained == 1)
    #expect(study.agreements.map(\.name) == ["critic", "rollouts, K = 4", "chance"])
    for one in study.agreements.prefix(2) {
      #expect(one.all == 1 && one.withoutLast == 1 && one.regret == 0)
    }
    #expect(abs(study.agreements[2].all - 1.0 / 3) < 1e-12)
    #expect(study.agreements[2].regret > 0.2)
  }

  @Test func `a critic that knows a mean names the last step, and its regret says what that costs`()
  {
    let right = known([0.25, 1, 1], reward: 1, id: "right")
    let study = CriticStudy(
      reference: [right], cheap: [right], scores: [scores([0.5, 0.5, 0.5, 0.5, 0.5, 0.5])])
    #expect(study.valuesExplained == 0)
    #expect(study.agreements[0].all == 0)
    #expect(study.agreements[0].last == 1 && study.agreements[1].last == 0)
    #expect(study.agreements[0].regret == 0.75)
    #expect(study.rewardsExplained == nil)
  }
}
