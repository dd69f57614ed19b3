/// Estimated reward from one boundary of a trajectory: the policy is reset there and rolls out.
///
/// Boundary h lies before step h. The boundary after the last step is the end, whose value is the
/// trajectory's own reward: it has no rollouts and no interval.
public struct StepValue: Codable, Equatable, Sendable {
  /// Number of the step that starts here; the number of steps for the end.
  public var boundary: Int
  /// Sum of the rewards of the rollouts.
  public var rewardSum: Double
  /// Number of rollouts.
  public var rollouts: Int
  /// How many rollouts the length limit ended: of these, or beside them where the recipe masks such
  /// rollouts and they do not count.
  public var truncated: Int
  /// Best guess of the value, 0…1: the mean reward.
  public var mean: Double
  /// Lower end of the interval that holds the value with 95 % posterior probability.
  public var low: Double
  /// Upper end of the same interval.
  public var high: Double
  /// Where the mean comes from; nil for the mean of rollouts.
  public var basis: ValueBasis?

  /// A value with every field given.
  public init(
    boundary: Int, rewardSum: Double, rollouts: Int, truncated: Int, mean: Double, low: Double,
    high: Double, basis: ValueBasis? = nil
  ) {
    self.boundary = boundary
    self.rewardSum = rewardSum
    self.rollouts = rollouts
    self.truncated = truncated
    self.mean = mean
    self.low = low
    self.high = high
    self.basis = basis
  }

  /// This value minus an earlier one whose rollouts are independent, with an interval.
  ///
  /// The interval is recovered from those of the two values (Zou and Donner 2008, MOVER):
  /// d − √((b − l_b)² + (u_a − a)²) and d + √((u_b − b)² + (a − l_a)²) for d = b − a.
  public func difference(
    from earlier: StepValue
  ) -> (advantage: Double, low: Double, high: Double) {
    func length(_ x: Double, _ y: Double) -> Double { (x * x + y * y).squareRoot() }
    let advantage = mean - earlier.mean
    return (
      advantage, advantage - length(mean - low, earlier.high - earlier.mean),
      advantage + length(high - mean, earlier.mean - earlier.low)
    )
  }

  /// Whether anything is known of it.
  public var isKnown: Bool { rollouts > 0 || basis != nil }
}

/// The values of a trajectory under one version of the policy.
public struct Valuation: Codable, Equatable, Sendable {
  /// The trajectory that was valued.
  public var trajectory: String
  /// Updates the policy had seen.
  public var policyVersion: Int
  /// One value for each boundary, in order, the end included.
  public var values: [StepValue]
  /// Tokens drawn to estimate them.
  public var tokens: Int
  /// Seconds it took.
  public var seconds: Double
  /// What the rollouts say of each step beside its advantage; nil where nobody looked.
  public var anchors: [StepAnchor]?
  /// How the values were found out; nil in records of an older Crux.
  public var estimator: Estimator?
  /// What this valuation cost, beyond the one that it takes the place of; nil in records of an older
  /// Crux.
  public var cost: Cost?
  /// Rollouts behind the values that no record has yet.
  ///
  /// They are on their way into it: a valuation that was read has none here, and a record that is
  /// asked tells them.
  public var evidence: [BoundaryRollouts] = []

  private enum CodingKeys: String, CodingKey {
    case trajectory, policyVersion, values, tokens, seconds, anchors, estimator, cost
  }

  /// A valuation with every field but the cost and the evidence given.
  public init(
    trajectory: String, policyVersion: Int, values: [StepValue], tokens: Int, seconds: Double,
    anchors: [StepAnchor]? = nil, estimator: Estimator? = nil
  ) {
    self.trajectory = trajectory
    self.policyVersion = policyVersion
    self.values = values
    self.tokens = tokens
    self.seconds = seconds
    self.anchors = anchors
    self.estimator = estimator
  }

  /// Advantage of each step: A_h = V(s_{h+1}) − V(s_h).
  public var advantages: [Double] {
    zip(values.dropFirst(), values).map { $0.mean - $1.mean }
  }
}
