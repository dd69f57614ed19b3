import Foundation
import Testing

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
    let ascent = WeightedRegression(beta: beta).ascent(process.start, gains)
    for (one, two) in zip(closed, ascent) {
      for (mine, other) in zip(one, two) { #expect(abs(mine - other) < 1e-6) }
    }
    #expect(process.values(closed)[0] > process.values(process.start)[0])
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
    #expect(mismatch(.last) == .infinity)
  }

  private func regret(_ process: TabularProcess, _ starts: ResetLearning.Starts) -> Spread {
    let learner = ResetLearning(process)
    return Spread((0..<30).compactMap { learner.learn(starts, seed: $0).last?.regret })
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
