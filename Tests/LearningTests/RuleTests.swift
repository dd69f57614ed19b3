import LanguageModel
import Testing
import Trajectories

@testable import Learning

@Suite struct RuleTests {
  let task = RightWrong(chances: [1, 1, 1, 1], guessChance: 0.1)

  func recipe(_ rule: Rule) -> Recipe {
    var recipe = Recipe()
    recipe.values.rule = rule
    return recipe
  }

  func values(_ rewards: [Double], right: [Bool] = [true, true, true, false]) -> StepValues {
    task.values(rewards.map { ($0, 100) }, of: task.trajectory(right))
  }

  @Test func `the best prefix is sought on failed answers alone, the earliest on ties`() throws {
    let failed = values([40, 90, 90, 10, 0])
    let critical = try #require(failed.criticalStep(recipe(.prefixArgmax)))
    #expect(critical.leader == 1)
    #expect(failed.resets(recipe(.prefixArgmax)).first == 1)
    let right = values([40, 90, 90, 10, 100], right: [true, true, true, true])
    #expect(try #require(right.criticalStep(recipe(.prefixArgmax))).step == nil)
    #expect(right.resets(recipe(.prefixArgmax)).first == nil)
    let lost = values([0, 0, 0, 0, 0])
    var noFloor = recipe(.prefixArgmax)
    noFloor.values.floor = 0
    #expect(lost.resets(noFloor).first == nil)
  }

  @Test func `binary search follows the larger half, which need not hold the largest step`() throws
  {
    // The change of the first half is spread over its steps; the largest step lies in the second.
    let spread = values([0, 30, 60, 20, 60], right: [true, true, true, true])
    #expect(try #require(spread.criticalStep(recipe(.binarySearch))).leader == 0)
    #expect(try #require(spread.criticalStep(recipe(.paperAbsolute))).leader != 0)
    #expect(Rule.bisect([0, 0, 0, 0, 0, 1]) == 4)
    #expect(Rule.bisect([0, 1]) == 0)
  }

  @Test func `the entropy rule takes the step of most uncertain tokens`() throws {
    let task = RightWrong(chances: [0.9, 0.5, 1, 0.99])
    let valuer = task.valuer(recipe(.entropy))
    let found = try valuer.values(of: task.trajectory([true, true, true, true]))
    #expect(try #require(found.criticalStep(recipe(.entropy))).step == 1)
    #expect(found.resets(recipe(.entropy)).first == 1)
  }

  @Test func `several critical steps are none beside another`() throws {
    var recipe = recipe(.paperAbsolute)
    recipe.values.steps = 3
    recipe.values.floor = 0
    // A: .5, −.4, .3, −.1, .7
    let found = values([0, 50, 10, 40, 30], right: [true, true, true, true])
    #expect(found.resets(recipe) == [4, 0, 2])
    let critical = try #require(found.criticalStep(recipe))
    #expect(critical.candidates?.map(\.step) == [4, 0, 1, 2, 3])
    recipe.values.minimumAdvantage = 0.4
    #expect(found.resets(recipe) == [4, 0])
  }

  @Test func `nothing is stored outside the band where the band holds`() {
    let easy = values([90, 100, 10, 20, 100], right: [true, true, true, true])
    var recipe = recipe(.largestDrop)
    // The task is one of Crux's own.
    #expect(easy.resets(recipe).first == 1)
    recipe.values.band = .always
    #expect(easy.resets(recipe).first == nil)
    recipe.values.bandHigh = 0.95
    #expect(easy.resets(recipe).first == 1)
    recipe.values.band = .never
    recipe.values.bandHigh = 0.8
    #expect(easy.resets(recipe).first == 1)
  }

  @Test func `a policy's word on a step is its last number that is a step`() {
    #expect(StepLocalizer.step(namedBy: "Step 2 of 40.", of: 5) == 1)
    #expect(StepLocalizer.step(namedBy: "1 or 3", of: 5) == 2)
    #expect(StepLocalizer.step(namedBy: "none", of: 5) == nil)
    #expect(StepLocalizer.step(namedBy: "0", of: 5) == nil)
  }
}
