import Learning
import Testing
import Trajectories

@Suite struct LearningRateTests {
  struct File: Decodable {
    var steps: [Step]
    struct Step: Decodable {
      var step: Int
      var learning_rate: Double
    }
  }

  func rate(_ schedule: Schedule, warmUp: Int, updates: Int, final: Double) -> LearningRate {
    var choice = OptimizerChoice()
    choice.learningRate = 1e-2
    choice.warmUp = warmUp
    choice.schedule = schedule
    choice.finalShare = final
    return LearningRate(choice, updates: updates)
  }

  @Test func `counted from 0 the rates are those of transformers`() throws {
    let steps = try Golden.read("training/expected", as: File.self).steps
    let rate = rate(.cosine, warmUp: 2, updates: 10, final: 0)
    #expect(steps.count == 10)
    for step in steps { #expect(abs(rate(step.step) - step.learning_rate) < 1e-15) }
  }

  @Test func `counted from 1 the first update moves and the last one has the final rate`() {
    let rate = rate(.linear, warmUp: 10, updates: 60, final: 0.1)
    #expect(rate(1) == 1e-3)
    #expect(rate(10) == 1e-2)
    #expect(abs(rate(35) - 5.5e-3) < 1e-12)
    #expect(abs(rate(60) - 1e-3) < 1e-12)
    #expect(rate(61) == rate(60))
  }

  @Test func `a constant rate stays after the warm-up`() {
    let rate = rate(.constant, warmUp: 0, updates: 5, final: 0.1)
    #expect((0...9).map { rate($0) } == Array(repeating: 1e-2, count: 10))
  }

  @Test func `a warm-up longer than the run only rises`() {
    let rate = rate(.cosine, warmUp: 10, updates: 4, final: 0)
    #expect((1...4).map { rate($0) } == [1e-3, 2e-3, 3e-3, 4e-3])
    #expect(rate(10).isFinite)
  }
}
