import LanguageModel
import Testing
import Trajectories

@testable import Learning

@Suite struct ReplacementTests {
  let task = RightWrong(chances: [0.5, 0.9, 0.9])

  func recipe(_ rule: Rule, rollouts: Int = 8) -> Recipe {
    var recipe = Recipe()
    recipe.values.rule = rule
    recipe.values.rollouts = rollouts
    recipe.resets.replaceFailed = true
    return recipe
  }

  func group() -> RolloutGroup {
    let answers = [[true, true, true], [true, false, true], [false, true, true]].enumerated().map {
      task.trajectory($1, id: "update-1/\($0)", seed: UInt64($0))
    }
    var prefix = answers[0].state(before: 0)
    prefix.fork = nil
    return RolloutGroup(prefix: prefix, trajectories: answers)
  }

  @Test(arguments: [Rule.prefixArgmax, .largestDrop, .random, .restart])
  func `failed answers are replaced by the best rollout, right ones stay`(rule: Rule) throws {
    let valuer = task.valuer(recipe(rule, rollouts: 30))
    let group = group()
    let found = try FailedAnswerReplacement(by: valuer)(in: [group], progress: .unheard)
    let answers = found.groups[0].trajectories
    #expect(answers[0] == group.trajectories[0])
    #expect(answers.map(\.id) == group.trajectories.map(\.id))
    // The control may go on from a state that is lost.
    #expect(found.tokens > 0)
    if rule != .random { #expect(answers.allSatisfy { $0.reward == 1 } && found.replaced == 2) }
  }

  @Test func `the best prefix is kept as far as it is sound`() throws {
    let valuer = task.valuer(recipe(.prefixArgmax, rollouts: 60))
    let found = try FailedAnswerReplacement(by: valuer)(in: [group()], progress: .unheard)
    // The second line slipped: the state before it is worth more than the start.
    #expect(found.groups[0].trajectories[1].responseTokens.starts(with: [3, 2]))
    #expect(
      found.groups[0].trajectories[1].forkedFrom == group().trajectories[1].forkedFrom)
  }

  @Test func `the reward that is told is of what the policy drew itself`() throws {
    let rewards = try [false, true].map { replaces -> Metrics in
      var recipe = LoopFixture.recipe
      recipe.resets.replaceFailed = replaces
      recipe.resets.start = .none
      return try #require(try LoopFixture(recipe).update())
    }
    #expect(rewards[0].reward == rewards[1].reward && rewards[0].reward < 0.5)
    #expect(rewards[0].responseLength == rewards[1].responseLength)
    #expect(rewards[0].gradientNorm != rewards[1].gradientNorm)
  }

  @Test func `nothing is drawn where the recipe does not ask for it`() throws {
    let valuer = task.valuer(Recipe())
    let group = group()
    let found = try FailedAnswerReplacement(by: valuer)(in: [group], progress: .until { true })
    #expect(found.groups == [group] && found.tokens == 0)
  }
}
