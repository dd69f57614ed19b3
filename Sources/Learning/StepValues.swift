public import LanguageModel
public import Trajectories

/// A rollout and the judge's number for it.
public struct JudgedRollout: Equatable, Sendable {
  /// What the policy wrote after the prefix.
  public var continuation: Continuation
  /// The judge's number for the whole response, 0…1.
  public var reward: Double

  /// A judged rollout with every field given.
  public init(continuation: Continuation, reward: Double) {
    self.continuation = continuation
    self.reward = reward
  }
}

/// What rollouts have told so far about every boundary of one trajectory.
///
/// More rollouts may be added to any boundary at any time; the boundary after the last step is the
/// end, whose value is the trajectory's own reward.
public struct StepValues: Equatable, Sendable {
  /// The trajectory that is valued.
  public let trajectory: Trajectory
  /// Updates the policy had seen.
  public let policyVersion: Int
  /// The rollouts from each boundary before a step, in the order of their seeds.
  public private(set) var rollouts: [[JudgedRollout]]
  /// Tokens drawn so far.
  public private(set) var tokens = 0
  private var sums: [Double]
  private var truncated: [Int]

  /// Nothing known yet but the reward at the end.
  public init(trajectory: Trajectory, policyVersion: Int) {
    self.trajectory = trajectory
    self.policyVersion = policyVersion
    let count = trajectory.steps.count
    rollouts = Array(repeating: [], count: count)
    sums = Array(repeating: 0, count: count)
    truncated = Array(repeating: 0, count: count)
  }

  /// Number of steps, and so the number of the end boundary.
  public var steps: Int { rollouts.count }

  /// Rollouts spent on all boundaries.
  public var spent: Int { rollouts.reduce(0) { $0 + $1.count } }

  /// Adds a rollout from a boundary.
  public mutating func add(_ rollout: JudgedRollout, at boundary: Int) {
    rollouts[boundary].append(rollout)
    sums[boundary] += rollout.reward
    truncated[boundary] += rollout.continuation.truncated ? 1 : 0
    tokens += rollout.continuation.tokens.count
  }

  /// Beta posterior of the value at a boundary before a step.
  public func posterior(_ boundary: Int) -> BetaPosterior {
    BetaPosterior(rewardSum: sums[boundary], rollouts: rollouts[boundary].count)
  }

  /// Mean reward from a boundary: exact at the end, ½ where nothing is known.
  public func mean(_ boundary: Int) -> Double {
    guard boundary < steps else { return trajectory.reward }
    let count = rollouts[boundary].count
    return count == 0 ? 0.5 : sums[boundary] / Double(count)
  }

  /// Advantage of a step: V(s_{h+1}) − V(s_h), mean rewards.
  public func advantage(_ step: Int) -> Double { mean(step + 1) - mean(step) }

  /// The value of one boundary with its interval.
  public func value(_ boundary: Int) -> StepValue {
    guard boundary < steps else {
      let reward = trajectory.reward
      return StepValue(
        boundary: boundary, rewardSum: 0, rollouts: 0, truncated: 0, mean: reward, low: reward,
        high: reward)
    }
    let (low, high) = posterior(boundary).interval()
    let mean = mean(boundary)
    // The prior draws the interval inwards, past a mean of 0 or 1; a reader expects the mean in it.
    return StepValue(
      boundary: boundary, rewardSum: sums[boundary], rollouts: rollouts[boundary].count,
      truncated: truncated[boundary], mean: mean, low: min(low, mean), high: max(high, mean))
  }

  /// All values, the end included; intervals hold the mean, and the value with at least 95 %
  /// posterior probability.
  public func valuation(seconds: Double = 0) -> Valuation {
    Valuation(
      trajectory: trajectory.id, policyVersion: policyVersion,
      values: (0...steps).map { value($0) }, tokens: tokens, seconds: seconds)
  }
}
