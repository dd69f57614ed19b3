import Testing
import Trajectories

@testable import Learning

@Suite struct StepLabelScoreTests {
  @Test func `F1 is the harmonic mean of both shares`() throws {
    var score = StepLabelScore()
    #expect(score.f1 == nil)
    for (named, label) in [(2, 2), (1, 2), (nil, 0), (3, 0)] as [(Int?, Int)] {
      score.add(named, label: label, steps: 4)
    }
    #expect(score.wrong == Proportion(1, of: 4))
    #expect(score.near == Proportion(2, of: 4))
    #expect(score.overlooked == Proportion(1, of: 4))
    #expect(score.chance == 0.25 && score.nearChance == 0.625)
    #expect(score.f1 == nil)
    score.add(nil, label: nil, steps: 3)
    score.add(1, label: nil, steps: 3)
    #expect(score.right == Proportion(1, of: 2))
    #expect(abs(try #require(score.f1) - 1 / 3) < 1e-12)
  }

  @Test func `a rule's step is an error where the value falls, or where the answer is wrong`()
    throws
  {
    var score = RuleStepScore(rule: .largestDrop, fall: 0.3)
    score.add(NamedStep(step: 1, advantage: -0.5), label: 1, steps: 4, isRight: false)
    score.add(NamedStep(step: 2, advantage: -0.2), label: 2, steps: 4, isRight: false)
    // The answer is right by luck; the label says it is wrong all the same.
    score.add(NamedStep(step: 3, advantage: -0.3), label: 3, steps: 4, isRight: true)
    score.add(NamedStep(step: 0, advantage: -0.25), label: nil, steps: 4, isRight: true)
    score.add(NamedStep(step: 0, advantage: 0), label: nil, steps: 4, isRight: false)
    #expect(score.always.wrong == Proportion(3, of: 3) && score.always.right.trials == 0)
    #expect(score.byFall.wrong == Proportion(2, of: 3))
    #expect(score.byFall.right == Proportion(2, of: 2))
    #expect(score.byAnswer.wrong == Proportion(2, of: 3))
    #expect(score.byAnswer.right == Proportion(1, of: 2))
    let best = try #require(score.best)
    #expect(best.fall == 0.3 && abs(best.f1 - 0.8) < 1e-12)
  }

  @Test func `a uniform guess is made only where the final answer is wrong`() throws {
    let score = GuessedStepScore([(2, 4, false), (0, 2, true), (nil, 3, true), (nil, 3, false)])
    #expect(score.wrong == 0.125 && score.right == 0.5)
    #expect(abs(try #require(score.f1) - 0.2) < 1e-12)
    #expect(GuessedStepScore([(nil, 3, true)]) == GuessedStepScore([(nil, 2, true)]))
    #expect(GuessedStepScore([(1, 4, false)]).f1 == nil)
  }
}
