import Foundation
import Tensors
import Trajectories

/// A learner on a table that may start its rollouts where it likes: what that buys.
///
/// Natural policy gradient of a softmax (Kakade 2001): after each batch π ← π exp(η Â), with Â by
/// Monte Carlo over the batch's steps through that state and action, against the state's mean.
public struct ResetLearning: Equatable, Sendable {
  /// The process.
  public var process: TabularProcess
  /// Steps drawn in all: the price, so that short rollouts are not favoured.
  public var budget = 6000
  /// Rollouts of a batch.
  public var batch = 32
  /// Step of the learner.
  public var rate = 1.0

  /// A learner on a process.
  public init(_ process: TabularProcess) { self.process = process }

  /// Where rollouts start.
  public enum Starts: Equatable, Sendable {
    /// With nothing written.
    case prompt
    /// With half the chance after a number of right steps, drawn evenly; else with nothing written.
    case even
    /// With half the chance before the step of the largest exact advantage under the present
    /// policy; else with nothing written.
    case critical
    /// Always with all but the last step written rightly.
    case last
  }

  /// The start distribution under a policy.
  public func distribution(_ starts: Starts, _ policy: TabularProcess.Table) -> [Double] {
    let prompt = process.atPrompt
    func half(_ other: [Double]) -> [Double] { zip(prompt, other).map { ($0 + $1) / 2 } }
    switch starts {
    case .prompt: return prompt
    case .last: return process.at(process.length - 1)
    case .even:
      return half(
        (0..<process.states).map { $0 % 2 == 0 ? 1 / Double(process.length) : 0 })
    case .critical:
      let gains = process.advantages(policy)
      let best = (0..<process.length).max { gains[2 * $0][0] < gains[2 * $1][0] } ?? 0
      return half(process.at(best))
    }
  }

  /// Learns once; the regret V*(prompt) − V(prompt) after every batch, by steps drawn.
  public func learn(_ starts: Starts, seed: UInt64) -> [(steps: Int, regret: Double)] {
    var random = Random(seed: seed)
    var policy = process.start
    let best = process.values(process.optimal)[0]
    var spent = 0
    var curve = [(steps: 0, regret: best - process.values(policy)[0])]
    while spent < budget {
      let distribution = distribution(starts, policy)
      var sums = process.start.map { $0.map { _ in 0.0 } }
      var counts = sums
      for _ in 0..<batch {
        let drawn = process.rollout(from: Self.draw(distribution, &random), policy, &random)
        spent += drawn.path.count
        for step in drawn.path {
          sums[step.state][step.action] += drawn.reward
          counts[step.state][step.action] += 1
        }
      }
      policy = improved(policy, sums, counts)
      curve.append((spent, best - process.values(policy)[0]))
    }
    return curve
  }

  /// The regret of a run after so many steps: on the line between the batches around them, so that
  /// learners are compared at the very same price.
  public static func regret(of run: [(steps: Int, regret: Double)], after steps: Int) -> Double? {
    guard let next = run.firstIndex(where: { $0.steps >= steps }) else { return run.last?.regret }
    guard next > 0 else { return run[0].regret }
    let (one, two) = (run[next - 1], run[next])
    let share = Double(steps - one.steps) / Double(two.steps - one.steps)
    return one.regret + share * (two.regret - one.regret)
  }

  /// The regret of each of several runs after so many steps.
  public static func regrets(
    of runs: [[(steps: Int, regret: Double)]], after steps: Int
  ) -> [Double] {
    runs.compactMap { regret(of: $0, after: steps) }
  }

  /// Their mean; 0 of no runs.
  public static func meanRegret(
    of runs: [[(steps: Int, regret: Double)]], after steps: Int
  ) -> Double {
    Spread(regrets(of: runs, after: steps)).mean
  }

  private func improved(
    _ policy: TabularProcess.Table, _ sums: TabularProcess.Table, _ counts: TabularProcess.Table
  ) -> TabularProcess.Table {
    policy.indices.map { state in
      let seen = counts[state].reduce(0, +)
      guard seen > 0 else { return policy[state] }
      let mean = sums[state].reduce(0, +) / seen
      let raw = policy[state].indices.map { action -> Double in
        let count = counts[state][action]
        let gain = count > 0 ? sums[state][action] / count - mean : 0
        return max(1e-6, policy[state][action]) * exp(rate * gain)
      }
      return raw.map { $0 / raw.reduce(0, +) }
    }
  }

  private static func draw(_ distribution: [Double], _ random: inout Random) -> Int {
    var left = Double(random.uniform())
    for (state, share) in distribution.enumerated() where share > 0 {
      left -= share
      if left < 0 { return state }
    }
    return distribution.lastIndex { $0 > 0 } ?? 0
  }
}
