import Testing
import Trajectories

@testable import Learning

struct ExampleCollectionTests {
  /// An answer of four steps of two tokens each.
  private func answer(
    _ id: String, _ tokens: [Int32] = [1, 2, 3, 4, 5, 6, 7, 8], reward: Double,
    truncated: Bool = false, fork: Fork? = nil, task: String = "chains"
  ) -> Trajectory {
    let problem = Problem(id: "p", task: task, prompt: "?", reference: "8", guessChance: 0)
    let steps = stride(from: 0, to: tokens.count, by: 2).map {
      Step(start: $0, end: $0 + 2, text: "\($0)\n")
    }
    return Trajectory(
      id: id, problem: problem, promptTokens: [90, 91], responseTokens: tokens,
      logProbabilities: tokens.map { _ in 0 }, steps: steps, reward: reward, chainCorrect: nil,
      seed: 1, policyVersion: 0, truncated: truncated, forkedFrom: fork)
  }

  private func source(
    _ answer: Trajectory, resets: [Int] = [], mark: Mark? = nil,
    rollouts: [BoundaryRollouts] = []
  ) -> ExampleSource {
    let choice = CriticalStep(
      trajectory: answer.id, policyVersion: 0, rule: .paperAbsolute, step: resets.first,
      leader: resets.first ?? 0, advantage: 0.5, low: 0.2, high: 0.7, confidence: 0.9,
      rollouts: 32,
      candidates: resets.map {
        StepCandidate(step: $0, score: 1, probability: 0.9, isClear: true, verdict: .reset)
      })
    return ExampleSource(
      answer: answer, choice: choice, mark: mark, valuation: nil, rollouts: rollouts)
  }

  private func rollout(_ tokens: [Int32], _ reward: Double) -> RolloutRecord {
    RolloutRecord(
      tokens: tokens, logProbabilities: tokens.map { _ in 0 }, reward: reward, truncated: false,
      seed: 1)
  }

  @Test func `states are a person's first, then the rule's, and hold the tokens that were drawn`() {
    let mark = Mark(trajectory: "b", step: 1, kind: .marked)
    let examples = ExampleCollection.examples(
      of: [
        source(answer("a", reward: 1), resets: [2]),
        source(answer("b", reward: 1), resets: [3], mark: mark),
      ], recipe: Recipe())
    #expect(examples.states.map(\.trajectory) == ["b", "a"])
    #expect(examples.states.map(\.isByPerson) == [true, false])
    #expect(examples.states[0].tokens == [90, 91, 1, 2])
    #expect(examples.states[1].tokens == [90, 91, 1, 2, 3, 4])
  }

  @Test func `a rejected answer gives no state`() {
    let mark = Mark(trajectory: "a", step: 2, kind: .rejected)
    let examples = ExampleCollection.examples(
      of: [source(answer("a", reward: 1), resets: [2], mark: mark)], recipe: Recipe())
    #expect(examples.states.isEmpty)
    #expect(examples.leftOut["a person rejected the step"] == 1)
  }

  @Test func `the recorded rollouts of a state's boundary pair with each other`() {
    let kept = BoundaryRollouts(
      boundary: 1, start: 2, first: 0,
      rollouts: [rollout([30, 31], 0), rollout([40, 41], 1), rollout([30, 31], 0)])
    let other = BoundaryRollouts(
      boundary: 3, start: 6, first: 0, rollouts: [rollout([50], 0)])
    let examples = ExampleCollection.examples(
      of: [source(answer("a", reward: 1), resets: [1], rollouts: [kept, other])],
      recipe: Recipe())
    let state: [Int32] = [90, 91, 1, 2]
    let atState = examples.continuations.filter { $0.prefix == state }
    #expect(atState.map(\.tokens) == [[3, 4, 5, 6, 7, 8], [30, 31], [40, 41]])
    #expect(abs(atState.map(\.advantage).reduce(0, +)) < 1e-12)
    #expect(examples.pairs.count == 1)
    #expect(examples.pairs.first?.preference.prefix == state)
    #expect(examples.pairs.first?.preference.rejected == [30, 31])
    #expect(examples.leftOut["the same was written before"] == 1)
  }

  @Test func `a branch continues the state that it was reset to`() {
    let fork = Fork(trajectory: "a", step: 1, keptTokens: 2)
    let branch = answer("b", [1, 2, 9, 9], reward: 0, fork: fork)
    let examples = ExampleCollection.examples(
      of: [source(answer("a", reward: 1), resets: [1]), source(branch)], recipe: Recipe())
    #expect(examples.pairs.map(\.preference.rejected) == [[9, 9]])
    #expect(examples.pairs.map(\.preference.chosen) == [[3, 4, 5, 6, 7, 8]])
  }

  @Test func `what was cut off and what nobody can judge is left out, and counted`() {
    let examples = ExampleCollection.examples(
      of: [
        source(answer("a", reward: 0, truncated: true)),
        source(answer("b", reward: 1, task: Problem.agreementTask)),
      ], recipe: Recipe())
    #expect(examples.continuations.isEmpty && examples.pairs.isEmpty)
    #expect(examples.leftOut["the length limit ended it"] == 1)
    #expect(examples.leftOut["the right answer is not known"] == 1)
  }
}
