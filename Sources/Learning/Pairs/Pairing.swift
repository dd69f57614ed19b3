public import LanguageModel
public import Tensors
public import Trajectories

/// Rollouts from one state that preferences may be made of.
struct PairingState {
  var prefix: Prefix
  var rollouts: [JudgedRollout]
}

/// Pairs right with wrong continuations of one state.
///
/// Both sides are put in a random order and meet one by one, so no continuation is used twice.
///
/// - Parameters:
///   - rollouts: Continuations with their rewards; one with more reward than another is better.
///   - prefix: The tokens they all follow.
///   - most: Most pairs to make.
///   - random: Decides who meets whom.
/// - Returns: The pairs; none where all rewards are alike.
public func preferences(
  among rollouts: [JudgedRollout], prefix: [Token], most: Int, random: inout Random
) -> [Preference] {
  opponents(among: rollouts.map(\.reward), most: most, random: &random).map { winner, loser in
    Preference(
      prefix: prefix, chosen: rollouts[winner].continuation.tokens,
      rejected: rollouts[loser].continuation.tokens)
  }
}

/// The places of those who meet in `preferences`, by their rewards alone.
func opponents(
  among rewards: [Double], most: Int, random: inout Random
) -> [(winner: Int, loser: Int)] {
  guard let best = rewards.max(), let worst = rewards.min(), best > worst else { return [] }
  let middle = (best + worst) / 2
  let winners = rewards.indices.filter { rewards[$0] > middle }.shuffled(&random)
  let losers = rewards.indices.filter { rewards[$0] <= middle }.shuffled(&random)
  return zip(winners, losers).prefix(most).map { (winner: $0, loser: $1) }
}
