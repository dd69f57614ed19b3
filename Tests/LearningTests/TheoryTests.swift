import Foundation
import LanguageModel
import Testing
import Trajectories

@testable import Learning

/// The method's theory in numbers.
struct TheoryTests {
  private let sparse = TabularProcess(chances: Array(repeating: 0.5, count: 8))

  @Test func `exact values are products of chances`() {
    let values = TabularProcess(chances: [0.5, 0.25], luck: 0.1).values(
      TabularProcess(chances: [0.5, 0.25]).start)
    #expect(abs(values[2] - (0.25 + 0.75 * 0.1)) < 1e-15)
    #expect(abs(values[0] - (0.5 * values[2] + 0.5 * 0.1)) < 1e-15)
    #expect(values[1] == 0.1)
  }

  @Test func `values by rollouts come to the exact ones as n to the minus one half`() {
    let found = ValueConvergence(
      TabularProcess(chances: [0.5, 0.8, 0.6, 0.9]), rollouts: [4, 16, 64, 256], repetitions: 150,
      seed: 3)
    #expect(abs(found.slope + 0.5) < 0.03)
    for point in found.points { #expect(abs(point.error / point.expected - 1) < 0.15) }
  }

  @Test(arguments: [1.0, 0.3, 0.1])
  func `the offline objective is advantage-weighted regression`(beta: Double) {
    let process = TabularProcess(chances: [0.5, 0.2, 0.7, 0.4], luck: 0.1)
    let gains = process.advantages(process.start)
    let closed = WeightedRegression(beta: beta).closedForm(process.start, gains)
    let objective = WeightedRegression(beta: beta)
    #expect(WeightedRegression.distance(closed, objective.ascent(process.start, gains)) < 1e-12)
    let pulled = objective.pulledAscent(process.start, gains)
    #expect(WeightedRegression.distance(closed, pulled) < 1e-12)
    #expect(WeightedRegression.distance(closed, process.start) > 0.01)
    #expect(process.values(closed)[0] > process.values(process.start)[0])
  }

  /// Σ of the trained loss's derivatives by the logits of each state, where every action stands in
  /// as many rows as the starting policy draws it in.
  private func slopes(
    of loss: AdvantageWeightedRegression, _ process: TabularProcess, at policy: [[Double]]
  ) -> [Double] {
    let gains = process.advantages(process.start)
    return (0..<process.states).flatMap { state -> [Double] in
      let drawn = process.start[state].enumerated().flatMap { action, chance in
        Array(repeating: action, count: Int((chance * 4).rounded()))
      }
      let scores = drawn.map {
        TokenScores(logProbabilities: [Float(log(policy[state][$0]))], entropies: [0])
      }
      let found = loss(scores, advantages: drawn.map { [Float(gains[state][$0])] })
      return (0...1).map { logit in
        zip(drawn, found.logProbabilities).reduce(0) { sum, row in
          sum + Double(row.1[0]) * ((row.0 == logit ? 1 : 0) - policy[state][logit])
        }
      }
    }
  }

  @Test func `the loss that is trained rests at the closed form, unless weights are clipped`() {
    let process = TabularProcess(chances: [0.5, 0.25, 0.75], luck: 0.1)
    let closed = WeightedRegression(beta: 0.3).closedForm(
      process.start, process.advantages(process.start))
    func largest(_ limit: Double, _ policy: [[Double]]) -> Double {
      let loss = AdvantageWeightedRegression(beta: 0.3, limit: limit)
      return slopes(of: loss, process, at: policy).map(abs).max() ?? 0
    }
    // Derivatives of single precision, of size 1.
    #expect(largest(.infinity, closed) < 1e-5)
    #expect(largest(.infinity, process.start) > 0.1)
    #expect(largest(2, closed) > 0.1)
  }

  @Test func `runs are compared at the same price, between their batches`() {
    let run = [(steps: 0, regret: 1.0), (steps: 80, regret: 0.6), (steps: 120, regret: 0.2)]
    #expect(ResetLearning.regret(of: run, after: 0) == 1)
    #expect(ResetLearning.regret(of: run, after: 40) == 0.8)
    #expect(abs((ResetLearning.regret(of: run, after: 100) ?? 0) - 0.4) < 1e-12)
    #expect(ResetLearning.regret(of: run, after: 500) == 0.2)
  }

  @Test func `visits are shares, and a best policy sees only right states`() {
    let visits = sparse.visits(sparse.optimal, from: sparse.atPrompt)
    #expect(abs(visits.reduce(0, +) - 1) < 1e-12)
    #expect(
      visits.enumerated().allSatisfy { $0.offset % 2 == 0 ? $0.element > 0 : $0.element == 0 })
  }

  @Test func `resets bring training nearer to a best policy's states, or out of reach`() {
    let learner = ResetLearning(sparse)
    func mismatch(_ starts: ResetLearning.Starts) -> Double {
      sparse.mismatch(sparse.start, from: learner.distribution(starts, sparse.start))
    }
    #expect(mismatch(.prompt) == 128)
    #expect(mismatch(.even) < mismatch(.prompt) / 5)
    // The right state before the last step holds 1/8 of a best policy's steps; half of all rollouts
    // start at the prompt, half are shared out over eight places.
    let learning = sparse.visits(sparse.start, from: learner.distribution(.even, sparse.start))
    #expect(abs(mismatch(.even) - (0..<8).map { 1 / 8 / learning[2 * $0] }.reduce(0, max)) < 1e-9)
    #expect(mismatch(.last) == .infinity)
  }

  private func regret(_ process: TabularProcess, _ starts: ResetLearning.Starts) -> Spread {
    let learner = ResetLearning(process)
    return Spread(
      (0..<30).compactMap {
        ResetLearning.regret(of: learner.learn(starts, seed: $0), after: learner.budget)
      })
  }

  @Test func `resets at the critical step buy nothing where that is the first`() {
    let process = TabularProcess(chances: [0.02] + Array(repeating: 0.9, count: 7))
    let learner = ResetLearning(process)
    #expect(learner.distribution(.critical, process.start) == process.atPrompt)
    #expect(abs(regret(process, .critical).mean - regret(process, .prompt).mean) < 0.01)
  }

  @Test func `a smaller mismatch buys a smaller regret where answers are rarely right`() {
    #expect(regret(sparse, .even).mean < regret(sparse, .prompt).mean - 0.1)
  }

  @Test func `resets buy nothing where answers are often right`() {
    let easy = TabularProcess(chances: Array(repeating: 0.9, count: 8))
    #expect(regret(easy, .even).mean > regret(easy, .prompt).mean - 0.02)
  }

  @Test func `starts that miss what must be learnt leave it unlearnt`() {
    #expect(regret(sparse, .last).mean > 0.9)
  }
}
