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
///
/// Where rollouts are reused, one that writes the very tokens of the answer's next step counts at
/// the boundary after it too: what it writes from there is drawn exactly as a rollout from there is,
/// and whether it got there says nothing about how it ends. So every value stays unbiased.
/// Neighbouring values then share rollouts, which the joint posterior takes for independent.
public struct StepValues: Equatable, Sendable {
  /// The trajectory that is valued.
  public let trajectory: Trajectory
  /// Updates the policy had seen.
  public let policyVersion: Int
  /// The rollouts from each boundary before a step, in the order of their seeds.
  public private(set) var rollouts: [[JudgedRollout]]
  /// Tokens drawn or enumerated so far.
  public var tokens: Int { drawn + recorded.tokens + hints.tokens }
  /// Whether rollouts that repeat the answer's own step count at the next boundary too.
  public let reuses: Bool
  /// Whether rollouts that the limit cut off are counted apart, and not in any value.
  public let masksTruncated: Bool
  /// What is known of the steps beside their values.
  public var hints = StepHints()
  /// How the values were found out.
  public var estimator = Estimator.uniform
  /// Tokens drawn or enumerated here.
  private(set) var drawn = 0
  private var sums: [Double]
  private var counts: [Int]
  private var truncated: [Int]
  private var exact: [Int: KnownValue] = [:]
  /// Rollouts that somebody else counted.
  private var given = 0
  /// What was written down before.
  var recorded = RecordedValues()
  /// Rollouts of each boundary, from the first, that a record has.
  var written: [Int]

  /// Nothing known yet but the reward at the end.
  public init(
    trajectory: Trajectory, policyVersion: Int, reuses: Bool = false, masksTruncated: Bool = false
  ) {
    self.trajectory = trajectory
    self.masksTruncated = masksTruncated
    self.policyVersion = policyVersion
    self.reuses = reuses
    let count = trajectory.steps.count
    rollouts = Array(repeating: [], count: count)
    sums = Array(repeating: 0, count: count)
    counts = Array(repeating: 0, count: count)
    truncated = Array(repeating: 0, count: count)
    written = Array(repeating: 0, count: count)
  }

  /// Values that somebody else counted: the sum of the rewards and the number of the rollouts
  /// before each step.
  public init(trajectory: Trajectory, policyVersion: Int, counted: [(sum: Double, rollouts: Int)]) {
    precondition(counted.count == trajectory.steps.count, "a count for each step")
    self.init(trajectory: trajectory, policyVersion: policyVersion)
    sums = counted.map(\.sum)
    counts = counted.map(\.rollouts)
    given = counts.reduce(0, +)
  }

  /// Number of steps, and so the number of the end boundary.
  public var steps: Int { rollouts.count }

  /// Rollouts spent on all boundaries.
  public var spent: Int {
    let before = recorded.values.values.reduce(given) { $0 + drawn($1) }
    return rollouts.reduce(before) { $0 + $1.count }
  }

  /// Rollouts that count at a boundary before a step, reused ones among them.
  public func count(_ boundary: Int) -> Int { counts[boundary] }

  /// The same with those that were cut off and do not count: what a search has asked for.
  func tried(_ boundary: Int) -> Int {
    counts[boundary] + (masksTruncated ? truncated[boundary] : 0)
  }

  /// Whether anything is known of a boundary; the end always is.
  public func isKnown(_ boundary: Int) -> Bool {
    boundary >= steps || counts[boundary] > 0 || exact[boundary] != nil
  }

  /// Adds a rollout from a boundary.
  public mutating func add(_ rollout: JudgedRollout, at boundary: Int) {
    rollouts[boundary].append(rollout)
    drawn += rollout.continuation.tokens.count
    tally(rollout, at: boundary)
    guard reuses else { return }
    var written = rollout.continuation.tokens[...]
    for step in boundary..<max(boundary, steps - 1) {
      let own = trajectory.responseTokens[trajectory.steps[step].tokens]
      guard written.starts(with: own) else { return }
      written = written.dropFirst(own.count)
      tally(rollout, at: step + 1)
    }
  }

  private mutating func tally(_ rollout: JudgedRollout, at boundary: Int) {
    truncated[boundary] += rollout.continuation.truncated ? 1 : 0
    guard !(masksTruncated && rollout.continuation.truncated) else { return }
    // A critic's word gives way to rollouts.
    if exact[boundary]?.basis == .critic { exact[boundary] = nil }
    sums[boundary] += rollout.reward
    counts[boundary] += 1
  }

  /// Counts what was written down of a boundary.
  mutating func take(_ value: StepValue, at boundary: Int) {
    if let basis = value.basis {
      exact[boundary] = KnownValue(
        mean: value.mean, low: value.low, high: value.high, tokens: 0, basis: basis)
    } else if drawn(value) > 0 {
      sums[boundary] += value.rewardSum
      counts[boundary] += value.rollouts
      truncated[boundary] += value.truncated
      recorded.values[boundary] = value
    }
  }

  /// What does not come from rollouts at a boundary; nil where nothing else is known.
  func known(at boundary: Int) -> KnownValue? { exact[boundary] }

  /// Whether the value of a boundary is enumerated, so that rollouts would add nothing.
  public func isExact(_ boundary: Int) -> Bool { exact[boundary]?.basis == .exact }

  /// Sets the value of a boundary before a step to what enumeration, or a critic, says.
  public mutating func set(_ value: KnownValue, at boundary: Int) {
    exact[boundary] = value
    drawn += value.tokens
  }

  /// Beta posterior of the value at a boundary before a step; for an exact value the Beta
  /// distribution of its mean whose spread is a quarter of its interval.
  public func posterior(_ boundary: Int) -> BetaPosterior {
    exact[boundary]?.posterior
      ?? BetaPosterior(rewardSum: sums[boundary], rollouts: counts[boundary])
  }

  /// Mean reward from a boundary: exact at the end, ½ where nothing is known.
  public func mean(_ boundary: Int) -> Double {
    guard boundary < steps else { return trajectory.reward }
    if let exact = exact[boundary] { return exact.mean }
    let count = counts[boundary]
    return count == 0 ? 0.5 : sums[boundary] / Double(count)
  }

  /// Mean rewards of all boundaries, the end included.
  public var means: [Double] { (0...steps).map { mean($0) } }

  /// Advantage of a step: V(s_{h+1}) − V(s_h), mean rewards.
  public func advantage(_ step: Int) -> Double { mean(step + 1) - mean(step) }

  /// The value of one boundary with its interval.
  ///
  /// - Parameters:
  ///   - boundary: 0…steps.
  ///   - probability: Posterior probability that the interval holds the value.
  /// - Returns: The value; the end has no rollouts and no interval.
  public func value(_ boundary: Int, probability: Double = 0.95) -> StepValue {
    guard boundary < steps else {
      let reward = trajectory.reward
      return StepValue(
        boundary: boundary, rewardSum: 0, rollouts: 0, truncated: 0, mean: reward, low: reward,
        high: reward)
    }
    let mean = mean(boundary)
    if let exact = exact[boundary] {
      return StepValue(
        boundary: boundary, rewardSum: 0, rollouts: 0, truncated: 0, mean: mean, low: exact.low,
        high: exact.high, basis: exact.basis)
    }
    let (low, high) = posterior(boundary).interval(probability)
    // The prior draws the interval inwards, past a mean of 0 or 1; a reader expects the mean in it.
    return StepValue(
      boundary: boundary, rewardSum: sums[boundary], rollouts: counts[boundary],
      truncated: truncated[boundary], mean: mean, low: min(low, mean), high: max(high, mean))
  }

  /// All values, the end included; intervals hold the mean, and the value with at least 95 %
  /// posterior probability.
  public func valuation(seconds: Double = 0) -> Valuation {
    Valuation(
      trajectory: trajectory.id, policyVersion: policyVersion,
      values: (0...steps).map { value($0) }, tokens: tokens, seconds: seconds,
      estimator: estimator)
  }
}
