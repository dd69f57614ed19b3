import LanguageModel
import Testing
import Trajectories

@testable import Learning

@Suite struct CriticalStepChoiceTests {
  let task = RightWrong(chances: [1, 1, 1, 1], guessChance: 0.1)

  func recipe(_ rule: Rule) -> Recipe {
    var recipe = Recipe()
    recipe.values.rule = rule
    return recipe
  }

  /// Success with a drop of .6 at step 1 and a jump of .5 at step 3.
  var success: StepValues {
    task.values(
      [(50, 100), (90, 100), (30, 100), (50, 100), (100, 100)],
      of: task.trajectory([true, true, true, true]))
  }

  @Test func `each rule finds its own step`() throws {
    #expect(try #require(success.criticalStep(recipe(.paperAbsolute))).step == 1)
    #expect(try #require(success.criticalStep(recipe(.largestDrop))).step == 1)
    #expect(try #require(success.criticalStep(recipe(.paperSigned))).step == 3)
    #expect(try #require(success.criticalStep(recipe(.restart))).step == 0)
    let random = try #require(success.criticalStep(recipe(.random)))
    #expect(random.step != nil && random.rollouts == 500)
  }

  @Test func `the advantage comes with an interval that holds it and with its confidence`() throws {
    let critical = try #require(success.criticalStep(recipe(.largestDrop)))
    #expect(abs(critical.advantage + 0.6) < 1e-12)
    #expect(critical.low < -0.6 && critical.high > -0.6)
    // Normal approximation, four candidates: 2.49 · √(.9·.1/100 + .3·.7/100) = .136.
    #expect(abs(critical.high - critical.low - 0.273) < 0.03)
    #expect(critical.confidence > 0.99)
  }

  @Test func `none is clear where the evidence does not separate`() throws {
    let flat = task.values(
      [(2, 4), (1, 4), (2, 4), (3, 4), (2, 4)], of: task.trajectory([true, true, false, true]))
    let critical = try #require(flat.criticalStep(recipe(.paperAbsolute)))
    #expect(critical.step == nil)
    #expect(critical.confidence < 0.8)
  }

  @Test func `ties fall at random, each tied step some of the time`() throws {
    let task = RightWrong(chances: [0.5, 0.5])
    var found: Set<Int> = []
    for seed in 0..<40 {
      let base = task.trajectory([true, true], seed: UInt64(seed))
      let tied = task.values([(0, 8), (4, 8), (8, 8)], of: base)
      var recipe = recipe(.paperSigned)
      recipe.values.floor = 0
      found.insert(try #require(tied.resets(recipe).first))
    }
    #expect(found == [0, 1])
  }

  @Test func `a jump from below the floor is not reset to`() throws {
    let lucky = task.values(
      [(1, 32), (1, 32), (1, 32), (1, 32), (32, 32)],
      of: task.trajectory([true, true, true, true]))
    let choice = try #require(lucky.criticalStep(recipe(.paperAbsolute)))
    #expect(choice.resets.isEmpty && choice.candidate(3)?.verdict == .belowFloor)
  }

  @Test func `only steps above floor and minimum advantage are stored`() {
    #expect(success.resets(recipe(.paperSigned)).first == 3)
    #expect(success.resets(recipe(.largestDrop)).first == 1)
    var strict = recipe(.paperSigned)
    strict.values.minimumAdvantage = 0.51
    #expect(success.resets(strict).first == nil)
    strict = recipe(.largestDrop)
    strict.values.floor = 0.81
    #expect(success.resets(strict).first == nil)
  }

  @Test func `the same values give the same word`() {
    #expect(
      success.criticalStep(recipe(.paperAbsolute)) == success.criticalStep(recipe(.paperAbsolute)))
  }
}
