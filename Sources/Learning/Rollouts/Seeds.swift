import Tensors
public import Trajectories

/// What a stream of random numbers is for; each purpose has streams of its own.
///
/// The numbers are part of the file format of a run: the same seed gives the same run only as long
/// as they stay.
public enum SeedPurpose: UInt64, Sendable {
  /// Drawing a problem: update, group.
  case problem = 1
  /// Choosing where a group starts: update, group.
  case start = 2
  /// Drawing a response to learn from: update, group, rollout.
  case rollout = 3
  /// Rollouts that value a boundary: trajectory, version, boundary, rollout.
  case value = 4
  /// Rollouts that measure a proposed step anew: trajectory, version, boundary, rollout.
  case fresh = 5
  /// Draws from posteriors and ties of a rule: trajectory, version.
  case rule = 6
  /// Branches that a person asks for: trajectory, step, number.
  case branch = 7
  /// A random step of a trajectory: trajectory, version.
  case randomStep = 8
  /// Problems of which preference pairs are built: problem.
  case pairProblem = 9
  /// Rollouts of which preference pairs are built: problem, rollout.
  case pairRollout = 10
  /// New rollouts from a critical step for pairs: problem, rollout.
  case pairReset = 11
  /// Which pairs meet, and in which order they are learnt: problem or epoch.
  case pairing = 12
  /// Controls beside a fresh effect: trajectory, version, boundary, rollout.
  case control = 13
  /// Answers from the start beside a fresh effect: trajectory, version, boundary, rollout.
  case restart = 14
  /// Problems and answers that a person asks for: version, number.
  case drawn = 15
  /// The first matrices of an adapter: no key.
  case adapter = 16
  /// Which rollouts are learnt from together: update, pass.
  case minibatch = 40
  /// Answers of a policy that is asked for the critical step: trajectory, version, number.
  case localising = 24
  /// Reference values beside an estimator: trajectory, version, boundary, rollout.
  case reference = 25
}

extension Recipe {
  /// A seed that depends on the recipe's seed, the purpose, the trajectory's seed where one is
  /// given, and every key in order.
  public func seed(
    for purpose: SeedPurpose, _ keys: [Int], of trajectory: Trajectory? = nil
  ) -> UInt64 {
    var mixed = Random.seed(seed, purpose.rawValue)
    if let trajectory { mixed = Random.seed(mixed, trajectory.seed) }
    return keys.reduce(mixed) { Random.seed($0, UInt64(bitPattern: Int64($1))) }
  }
}
