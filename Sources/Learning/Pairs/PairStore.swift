public import Trajectories

/// A preference and what the starting policy says of both sides.
public struct ReferencedPair: Codable, Equatable, Sendable {
  /// The two continuations.
  public var preference: Preference
  /// Log-probability of each chosen token under the starting policy.
  public var chosenReference: [Float]
  /// Log-probability of each rejected token under the starting policy.
  public var rejectedReference: [Float]
  /// The advantage of each chosen and of each rejected token; nil where no step was weighed.
  public var advantages: [[Float]]?

  /// A pair with every field given.
  public init(
    preference: Preference, chosenReference: [Float], rejectedReference: [Float],
    advantages: [[Float]]? = nil
  ) {
    self.preference = preference
    self.chosenReference = chosenReference
    self.rejectedReference = rejectedReference
    self.advantages = advantages
  }
}

extension ReferencedPair {
  fileprivate func problem(unreadable: ([Int32]) -> String?) -> String? {
    let sides = [preference.chosen, preference.rejected]
    for (side, reference) in zip(sides, [chosenReference, rejectedReference])
    where side.count != reference.count {
      return "has \(side.count) tokens but \(reference.count) log-probabilities"
    }
    if let advantages, advantages.map(\.count) != sides.map(\.count) {
      return "has advantages for other tokens than its own"
    }
    return sides.compactMap { unreadable(preference.prefix + $0) }.first
  }
}

/// The continuations of one pair after the prefix of another, which they were not written for.
public struct MismatchedPair: Codable, Equatable, Sendable {
  /// The number of the pair whose continuations are taken.
  public var partner: Int
  /// Σ log-probability of its chosen and rejected tokens under the starting policy, nats.
  public var reference: [Double]

  /// A mismatch with every field given.
  public init(partner: Int, reference: [Double]) {
    self.partner = partner
    self.reference = reference
  }
}

/// The preference pairs of an offline round, complete or on the way.
///
/// Its starting policy is that of the round, the first round's that of the run.
public struct PairStore: Codable, Equatable, Sendable {
  /// The pairs.
  public var pairs: [ReferencedPair] = []
  /// For each pair one mismatch, where KTO needs them; nil until all pairs are built.
  public var mismatches: [MismatchedPair]?
  /// Problems that were asked so far.
  public var problems = 0
  /// Problems in a row that gave no pair.
  public var barren = 0
  /// Trajectories written down so far.
  public var recorded = 0
  /// Sum of the rewards of the answers from the prompt.
  public var promptRewards = 0.0
  /// Answers from the prompt.
  public var promptRollouts = 0
  /// Sum of the rewards of the rollouts that pairs from a step were made of.
  public var resetRewards = 0.0
  /// Rollouts that pairs from a step were made of.
  public var resetRollouts = 0
  /// Answers from the prompt whose every step is right; nil where nobody can tell.
  public var chainsRight: Int?
  /// Answers from the prompt that the length limit ended.
  public var truncated = 0
  /// Steps of the answers from the prompt in all; nil in a store of before they were counted.
  public var promptSteps: Int? = 0

  /// A store without pairs.
  public init() {}

  /// A store for the pairs of the next round, which are built of new problems.
  func next() -> PairStore {
    var next = PairStore()
    next.problems = problems
    return next
  }

  /// Why a policy cannot learn from these pairs; nil where it can.
  ///
  /// `unreadable` says what keeps the policy from reading some tokens.
  func problem(unreadable: ([Int32]) -> String?) -> String? {
    let counts = [
      problems, barren, recorded, promptRollouts, resetRollouts, chainsRight ?? 0, truncated,
      promptSteps ?? 0,
    ]
    if let odd = counts.first(where: { !LoopState.counts.contains($0) }) {
      return "the pairs were counted as \(odd)"
    }
    for (number, pair) in pairs.enumerated() {
      if let problem = pair.problem(unreadable: unreadable) { return "pair \(number) \(problem)" }
    }
    guard let mismatches else { return nil }
    let isWhole = mismatches.count == pairs.count
    let isSound = mismatches.allSatisfy {
      pairs.indices.contains($0.partner) && $0.reference.count == 2
    }
    return isWhole && isSound ? nil : "the pairs' mismatches do not fit the pairs"
  }
}
