/// What differences of reward are divided by.
public enum RewardScale: String, Codable, CaseIterable, Equatable, Sendable {
  /// The standard deviation of the group's rewards.
  case group
  /// The standard deviation of all rewards of the update.
  case batch
  /// Nothing.
  case none
}

extension RewardScale {
  /// Reads a word, or the true (group) and false (none) of earlier recipes.
  public init(from decoder: any Decoder) throws {
    let box = try decoder.singleValueContainer()
    if let flag = try? box.decode(Bool.self) {
      self = flag ? .group : .none
      return
    }
    let word = try box.decode(String.self)
    guard let known = RewardScale(rawValue: word) else {
      throw DecodingError.dataCorruptedError(in: box, debugDescription: "“\(word)” is no scale")
    }
    self = known
  }
}

/// Which probability ratio the objective clips.
public enum RatioChoice: String, Codable, CaseIterable, Equatable, Sendable {
  /// That of each token.
  case token
  /// exp of the mean log-ratio of the row (GSPO).
  case sequence
  /// That of the whole row, the product over its tokens (RLOO as TRL has it).
  case product
  /// None: −A · log p, without a clip (REINFORCE).
  case none
}

/// The temperature at which the policy, the old one and the reference are scored while learning.
public enum ScoreTemperature: String, Codable, CaseIterable, Equatable, Sendable {
  /// That of the rollouts, `sampling.temperature`: the distribution that drew them is the one that
  /// moves, as in TRL, verl and OpenRLHF.
  case sampling
  /// 1, whatever the rollouts were drawn at: TRL's DPO, KTO and SFT, and Crux before it could choose.
  case one
}

extension Recipe {
  /// The temperature that the logits are divided by where tokens are scored to learn from them.
  ///
  /// Log-probabilities, entropies and the KL to the reference all hold at it. Top-k, top-p and min-p
  /// do not: scores are of the whole distribution. Greedy rollouts, which only offline methods learn
  /// from, are scored at 1.
  public var scoreTemperature: Double {
    objective.scoreTemperature == .one || sampling.isGreedy ? 1 : sampling.temperature
  }
}

extension Recipe {
  /// Why nothing can be learnt by this recipe, in a sentence, though one may sample and value by it;
  /// nil where it can.
  public var trainingProblem: String? {
    guard sampling.isGreedy else { return nil }
    return "sampling.temperature is 0, which always takes the likeliest token: all rollouts of a "
      + "problem are the same, and \(objective.method.rawValue) has nothing to compare; take a "
      + "temperature above 0, such as 1, to train."
  }
}

extension SamplingChoice {
  /// Whether always the likeliest token is taken.
  public var isGreedy: Bool { temperature <= 0 }
}

/// What a reward is compared with where REINFORCE learns.
public enum BaselineChoice: String, Codable, CaseIterable, Equatable, Sendable {
  /// Nothing.
  case none
  /// The mean reward of the update; for REINFORCE++ the mean of all tokens.
  case batch
  /// The mean reward of the group.
  case group
  /// The mean reward of the others of the group.
  case leaveOneOut = "leave-one-out"
  /// The critic's value of each token.
  case critic
}

/// Where the pull towards the starting policy acts.
public enum PenaltyPlace: String, Codable, CaseIterable, Equatable, Sendable {
  /// In the loss, k3.
  case loss
  /// In the reward of each token.
  case reward
}

/// The estimate of KL in the reward.
public enum PenaltyEstimate: String, Codable, CaseIterable, Equatable, Sendable {
  /// log p − log reference: unbiased.
  case k1
  /// Unbiased and never negative.
  case k3
}

/// What a rollout's tokens are credited with.
public enum CreditChoice: String, Codable, CaseIterable, Equatable, Sendable {
  /// The answer's reward, as the method spreads it.
  case answer
  /// V(s_h+1) − V(s_h) of their step, from rollouts at every boundary (VinePPO).
  case steps
}

/// How a state of the buffer is drawn.
public enum ResetPriority: String, Codable, CaseIterable, Equatable, Sendable {
  /// Each with the same chance.
  case uniform
  /// In proportion to |A| of its step; a state without an estimate counts as the mean of the others.
  case advantage
}

extension ObjectiveChoice {
  /// Whether rollouts of a group are compared, so that they have to start at the same state.
  public var comparesGroups: Bool {
    switch method {
    case .grpo, .rloo: true
    case .reinforce, .reinforcePlusPlus: baseline == .group || baseline == .leaveOneOut
    default: false
    }
  }

  /// Whether a critic learns beside the policy.
  public var hasCritic: Bool {
    guard credit == .answer else { return false }
    return method == .ppo || (method == .reinforce && baseline == .critic)
  }

  /// The numbers of online learning with their ranges and units.
  var onlineSettings: [Setting] {
    [
      Setting(
        key: "objective.minibatches", value: Double(minibatches), range: 1...64, unit: "steps"),
      Setting(key: "objective.reward_epsilon", value: rewardEpsilon, range: 0...1, unit: "reward"),
      Setting(key: "objective.dual_clip", value: dualClip, range: 0...100, unit: "ratio"),
      Setting(key: "objective.kl_target", value: klTarget, range: 0...10, unit: "nats a token"),
      Setting(
        key: "objective.kl_horizon", value: Double(klHorizon), range: 1...1_000_000_000,
        unit: "rollouts"),
    ]
  }
}

extension Recipe {
  /// Contradictions among the choices of online learning, in sentences.
  var onlineProblems: [String] {
    var found: [String] = []
    let it = objective
    if it.method == .rloo, it.scaleRewards == .group {
      found.append(
        "objective.scale_rewards is \"group\", but RLOO compares rewards without dividing them by "
          + "the group's deviation; take \"none\" or \"batch\".")
    }
    if it.method == .reinforcePlusPlus, it.baseline == .critic || it.baseline == .leaveOneOut {
      found.append(
        "objective.baseline is \"\(it.baseline.rawValue)\", which REINFORCE++ does not have; "
          + "take \"batch\", \"group\" or \"none\".")
    }
    if it.klPlace == .reward, it.credit == .steps {
      found.append(
        "objective.kl_place is \"reward\", but objective.credit \"steps\" does not look at token "
          + "rewards; set objective.kl_place to \"loss\".")
    }
    if it.dualClip != 0, it.dualClip <= 1 {
      found.append("objective.dual_clip is \(it.dualClip); take more than 1, such as 3, or 0.")
    }
    if it.comparesGroups, it.groupSize < 2 {
      found.append(
        "objective.group_size is \(it.groupSize), but \(it.method.rawValue) compares the rollouts "
          + "of a group; take at least 2.")
    }
    return found
  }
}
