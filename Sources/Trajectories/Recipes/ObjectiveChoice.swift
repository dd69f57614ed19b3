/// What is learnt from the rollouts.
///
/// What each part means stands beside its key, below.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
public struct ObjectiveChoice: Equatable, Sendable {
  public var method = Method.grpo
  public var groups = 32
  public var groupSize = 8
  public var normalizer = Normalizer.drGrpo
  public var scaleRewards = RewardScale.group
  public var clipLow = 0.2
  public var clipHigh = 0.2
  public var klCoefficient = 0.0
  public var entropyCoefficient = 0.0
  public var passes = 1
  public var beta = 0.3
  public var nllWeight = 1.0
  public var pairs = 400
  public var pairsPerProblem = 2
  public var rolloutsPerProblem = 16
  public var batch = 64
  public var form = PreferenceForm.sigmoid
  public var smoothing = 0.0
  public var margin = 0.0
  public var desirableWeight = 1.0
  public var undesirableWeight = 1.0
  public var weightLimit = 20.0
  public var average = LossAverage.tokens
  public var scaledByProbability = false
  public var span = ComparedSpan.rest
  public var prefix = SharedPrefix.prompt
  public var rounds = 1
  public var minibatches = 1
  public var rewardEpsilon = 1e-4
  public var ratio = RatioChoice.token
  public var dualClip = 0.0
  public var baseline = BaselineChoice.batch
  public var credit = CreditChoice.answer
  public var klPlace = PenaltyPlace.loss
  public var klEstimate = PenaltyEstimate.k1
  public var biasCorrectedKl = false
  public var scoreTemperature = ScoreTemperature.sampling
  public var klTarget = 0.0
  public var klHorizon = 10000

  /// The defaults.
  public init() {}
}

extension ObjectiveChoice {
  static let keys: [RecipeKey] = [
    .word("objective.method", \.objective.method, "The family of the loss."),
    .whole(
      "objective.groups", \.objective.groups, 1...4096, "groups", "Groups of an update.",
      read: .online, standards: [.ppo: 256, .reinforcePlusPlus: 256]),
    .whole(
      "objective.group_size", \.objective.groupSize, 1...4096, "rollouts", "Rollouts of a group.",
      read: .online, standards: [.ppo: 1, .reinforcePlusPlus: 1]),
    .word(
      "objective.normalizer", \.objective.normalizer,
      "How token losses are averaged; the names are those of TRL and verl.", read: .online,
      standards: [.ppo: .dapo, .reinforcePlusPlus: .dapo]),
    .word(
      "objective.scale_rewards", \.objective.scaleRewards, "What advantages are divided by.",
      read: .by(.grpo, .rloo), standards: [.rloo: .none],
      formerWords: ["true": "group", "false": "none"]),
    .number(
      "objective.clip_low", \.objective.clipLow, 0...1, "ratio", "The ratio may fall to 1 − this.",
      read: .online),
    .number(
      "objective.clip_high", \.objective.clipHigh, 0...10, "ratio",
      "The ratio may rise to 1 + this.", read: .online),
    .number(
      "objective.kl_coefficient", \.objective.klCoefficient, 0...10, "per nat",
      "Pull towards the starting policy; 0 removes it.", read: .online),
    .number(
      "objective.entropy_coefficient", \.objective.entropyCoefficient, 0...1, "per nat",
      "Reward for entropy; 0 removes it.", read: .online),
    .whole(
      "objective.passes", \.objective.passes, 1...64, "passes",
      "Times the rollouts of one update are learnt from.", read: .online, standards: [.ppo: 2]),
    .number(
      "objective.beta", \.objective.beta, 0.0001...100, "per nat",
      "Strength of the preference; awr: the advantage that multiplies a weight by e.",
      read: .by(.dpo, .kto, .simpo, .orpo, .awr),
      standards: [.kto: 0.1, .simpo: 2, .orpo: 1, .awr: 0.05]),
    .number(
      "objective.nll_weight", \.objective.nllWeight, 0...100, "per nat",
      "Weight of the winner's negative log-likelihood a token.", read: .by(.dpo, .simpo, .orpo),
      standards: [.kto: 0, .simpo: 0, .sft: 0, .awr: 0]),
    .whole(
      "objective.pairs", \.objective.pairs, 1...1_000_000, "pairs",
      "Preference pairs to build, all rounds together.", read: .offline),
    .whole(
      "objective.pairs_per_problem", \.objective.pairsPerProblem, 1...1024, "pairs",
      "Most pairs from one problem.", read: .offline),
    .whole(
      "objective.rollouts_per_problem", \.objective.rolloutsPerProblem, 2...4096, "rollouts",
      "Rollouts drawn to build the pairs of one problem.", read: .offline),
    .whole(
      "objective.batch", \.objective.batch, 1...65536, "pairs", "Pairs of an update.",
      read: .offline),
    .word(
      "objective.form", \.objective.form,
      "What a preference turns into; the names are those of TRL.", read: .by(.dpo, .kto, .simpo),
      standards: [.simpo: .sigmoidNorm]),
    .number(
      "objective.smoothing", \.objective.smoothing, 0...0.49, "share",
      "Share of the pairs held for labelled the wrong way round.", read: .by(.dpo, .simpo)),
    .number(
      "objective.margin", \.objective.margin, 0...100, "nats",
      "What the better side must be ahead by.", read: .by(.simpo, .dpo), standards: [.simpo: 0.5]),
    .number(
      "objective.desirable_weight", \.objective.desirableWeight, 0...100, "factor",
      "Weight of right continuations.", read: .by(.kto)),
    .number(
      "objective.undesirable_weight", \.objective.undesirableWeight, 0...100, "factor",
      "Weight of wrong continuations.", read: .by(.kto)),
    .number(
      "objective.weight_limit", \.objective.weightLimit, 1...1_000_000, "factor",
      "Largest weight of a step.", read: .by(.awr), standards: [.awr: 1000]),
    .word(
      "objective.average", \.objective.average, "How token losses are averaged.",
      read: .by(.sft, .awr)),
    .flag(
      "objective.scaled_by_probability", \.objective.scaledByProbability,
      "Whether each token is weighted by its own probability (DFT).", read: .by(.sft)),
    .word(
      "objective.span", \.objective.span, "Which part of a continuation is compared.",
      read: .offline),
    .word(
      "objective.prefix", \.objective.prefix,
      "What the part that two continuations share counts as.", read: .offline),
    .whole(
      "objective.rounds", \.objective.rounds, 1...1000, "rounds",
      "Times the pairs are built, each with the policy of then as the new reference.",
      read: .offline),
    .whole(
      "objective.minibatches", \.objective.minibatches, 1...64, "steps",
      "Optimizer steps of a pass, each on a part of the rollouts.", read: .online,
      standards: [.ppo: 2]),
    .number(
      "objective.reward_epsilon", \.objective.rewardEpsilon, 0...1, "reward",
      "Added to the deviation that advantages are divided by: 1e-4 in TRL, 1e-6 in verl.",
      read: .by(.grpo, .rloo)),
    .word(
      "objective.ratio", \.objective.ratio,
      "Which probability ratio is clipped: token (PPO, GRPO), sequence (GSPO), product or none, or "
        + "cispo, where the clipped ratio is held constant.",
      read: .by(.grpo, .ppo, .rloo, .reinforcePlusPlus)),
    .number(
      "objective.dual_clip", \.objective.dualClip, 0...100, "ratio",
      "Where A < 0 the loss of a token is at most this times |A|; 0 leaves it.", read: .online),
    .word(
      "objective.baseline", \.objective.baseline, "What a reward is compared with.",
      read: .by(.reinforce, .reinforcePlusPlus)),
    .word(
      "objective.credit", \.objective.credit, "What a rollout's tokens are credited with.",
      read: .online),
    .word(
      "objective.kl_place", \.objective.klPlace, "Where the pull towards the starting policy acts.",
      read: .pulled),
    .word(
      "objective.kl_estimate", \.objective.klEstimate, "The estimate of KL in the reward.",
      read: .pulledInReward),
    .flag(
      "objective.bias_corrected_kl", \.objective.biasCorrectedKl,
      "Whether k3 in the loss is multiplied by the probability ratio, as TRL does.",
      read: .pulledInLoss),
    .word(
      "objective.score_temperature", \.objective.scoreTemperature,
      "The temperature of the scores that are learnt from: that of the sampling, or 1.",
      standards: Method.offline(.one)),
    .number(
      "objective.kl_target", \.objective.klTarget, 0...10, "nats a token",
      "KL to keep to by moving the coefficient; 0 leaves the coefficient as it is.", read: .pulled),
    .whole(
      "objective.kl_horizon", \.objective.klHorizon, 1...1_000_000_000, "rollouts",
      "Rollouts over which the coefficient follows the target.", read: .adaptivePull),
  ]
}

/// The family of the loss.
public enum Method: String, Codable, CaseIterable, Equatable, Sendable {
  /// Group-relative policy optimization, online.
  case grpo
  /// Direct preference optimization, offline.
  case dpo
  /// Right and wrong continuations one by one (Kahneman and Tversky's utility), offline.
  case kto
  /// Preference by mean log-probability, without a reference, offline.
  case simpo
  /// Likelihood and odds ratio in one, without a reference, offline.
  case orpo
  /// Supervised learning of the right continuations, offline.
  case sft
  /// Advantage-weighted regression on valued answers, offline.
  case awr
  /// Proximal policy optimization with a critic, online; every rollout from a start of its own.
  case ppo
  /// REINFORCE with the mean of the others of the group as its baseline, online.
  ///
  /// The ratio that is clipped is each token's, as verl has it, unless the recipe chooses that of
  /// the whole answer (`RatioChoice.product`), as TRL has it.
  case rloo
  /// REINFORCE with a baseline, online.
  case reinforce
  /// REINFORCE with returns whitened over the batch, online.
  case reinforcePlusPlus = "reinforce-plus-plus"
}

/// How token losses are averaged; the names are TRL's.
public enum Normalizer: String, Codable, CaseIterable, Equatable, Sendable {
  /// Mean over sequences of each sequence's token mean.
  case grpo
  /// Mean over the tokens of the batch that a device differentiates, in TRL its micro-batch.
  ///
  /// Here that is the whole batch of an optimizer step: the parts it may be differentiated in are a
  /// matter of memory and change no number. So it is what `dapo` is.
  case bnpo
  /// Mean over the tokens of the whole batch of an optimizer step.
  case dapo
  /// Sum over tokens, divided by sequences times the length limit.
  case drGrpo = "dr-grpo"
  /// Mean over sequences of each sequence's token sum; verl's name.
  case sequenceSum = "seq-mean-token-sum"
}

/// What differences of reward are divided by.
public enum RewardScale: String, Codable, CaseIterable, Equatable, Sendable {
  /// The standard deviation of the group's rewards.
  case group
  /// The standard deviation of all rewards of the update.
  case batch
  /// Nothing.
  case none
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
  /// That of each token, clipped and held constant: it weighs log p, and no token stops learning
  /// (CISPO).
  case cispo
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

/// What a rollout's tokens are credited with.
public enum CreditChoice: String, Codable, CaseIterable, Equatable, Sendable {
  /// The answer's reward, as the method spreads it.
  case answer
  /// V(s_h+1) − V(s_h) of their step, from rollouts at every boundary (VinePPO).
  case steps
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

/// The temperature at which the policy, the old one and the reference are scored while learning.
public enum ScoreTemperature: String, Codable, CaseIterable, Equatable, Sendable {
  /// That of the rollouts, `sampling.temperature`: the distribution that drew them is the one that
  /// moves, as in TRL, verl and OpenRLHF.
  case sampling
  /// 1, whatever the rollouts were drawn at: TRL's DPO, KTO and SFT, and Crux before it could choose.
  case one
}

/// What a preference turns into; the names are TRL's.
public enum PreferenceForm: String, Codable, CaseIterable, Equatable, Sendable {
  /// Logistic in the log-ratio's sum: DPO, and KTO without its pairs.
  case sigmoid
  /// The same, unbiased where a known share of labels is wrong.
  case robust
  /// A hinge on the log-ratio's sum (SLiC).
  case hinge
  /// Squared distance of token means from a target (IPO as TRL has it).
  case ipo
  /// Squared distance of sums from a target (IPO as its paper has it).
  case ipoSum = "ipo-sum"
  /// Logistic in token means; without a reference and with a margin it is SimPO.
  case sigmoidNorm = "sigmoid-norm"
  /// KTO without its reference point.
  case apoZero = "apo-zero"
}

/// Which part of a continuation an offline method compares.
public enum ComparedSpan: String, Codable, CaseIterable, Equatable, Sendable {
  /// All of it, to the answer.
  case rest
  /// Its first step alone (Step-DPO).
  case step
}

/// What the part that two continuations share counts as.
public enum SharedPrefix: String, Codable, CaseIterable, Equatable, Sendable {
  /// Prompt: it carries no loss.
  case prompt
  /// Response: it stands on both sides and carries loss.
  case response
}

/// What a sum over tokens is divided by.
public enum LossAverage: String, Codable, CaseIterable, Equatable, Sendable {
  /// All counted tokens: a token mean.
  case tokens
  /// Rows; each gives the mean of its tokens.
  case sequences
  /// Rows; each gives the sum of its tokens.
  case sums
}

extension Method {
  /// Whether trajectories are drawn first, a round at a time, and only then learnt from.
  public var isOffline: Bool {
    switch self {
    case .dpo, .kto, .simpo, .orpo, .sft, .awr: true
    default: false
    }
  }

  /// The forms of its loss; empty where it has one alone.
  public var forms: [PreferenceForm] {
    switch self {
    case .dpo: [.sigmoid, .robust, .hinge, .ipo, .ipoSum, .sigmoidNorm]
    case .kto: [.sigmoid, .apoZero]
    case .simpo: [.sigmoidNorm, .sigmoid, .hinge, .ipo]
    default: []
    }
  }
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
    if server.isNamed {
      return "server.urls names a server, whose weights live elsewhere: export what was marked "
        + "(crux export) and train there, or leave server.urls empty to train the model here."
    }
    guard sampling.isGreedy else { return nil }
    return "sampling.temperature is 0, which always takes the likeliest token: all rollouts of a "
      + "problem are the same, and \(objective.method.rawValue) has nothing to compare; take a "
      + "temperature above 0, such as 1, to train."
  }
}

// What does not fit together.
extension Recipe {
  /// What does not fit together in an offline recipe.
  var offlineContradictions: [String] {
    guard objective.method.isOffline else { return [] }
    return [
      formProblem, smoothingProblem, spanProblem, weightsProblem, fewPairsProblem, roundsProblem,
    ].compactMap { $0 }
  }

  private var formProblem: String? {
    let (method, form) = (objective.method, objective.form)
    guard !method.forms.isEmpty, !method.forms.contains(form) else { return nil }
    let forms = method.forms.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
    return "objective.form is \"\(form.rawValue)\", which is no form of \(method.rawValue); "
      + "take one of \(forms)."
  }

  private var smoothingProblem: String? {
    let other: PreferenceForm = objective.method == .dpo ? .robust : .sigmoidNorm
    let smooth = [.sigmoid, other]
    let method = objective.method
    let isRead = (method == .dpo || method == .simpo) && smooth.contains(objective.form)
    guard objective.smoothing > 0, !isRead else { return nil }
    return "objective.smoothing is \(objective.smoothing), but \(method.rawValue) with form "
      + "\"\(objective.form.rawValue)\" does not read it; set it to 0 or take dpo with form "
      + "\"sigmoid\" or \"robust\"."
  }

  private var spanProblem: String? {
    guard objective.span == .step else { return nil }
    if objective.method == .awr {
      return "objective.span is \"step\", but awr weighs every step of whole answers; "
        + "set it to \"rest\"."
    }
    guard resets.start == .none else { return nil }
    return "objective.span is \"step\", but resets.start is \"none\", so there is no step to "
      + "compare at; set resets.start to \"critical\" or \"random\"."
  }

  private var weightsProblem: String? {
    let it = objective
    guard it.method == .kto, it.desirableWeight == 0 || it.undesirableWeight == 0 else {
      return nil
    }
    let (key, kind) =
      it.desirableWeight == 0
      ? ("desirable_weight", "right") : ("undesirable_weight", "wrong")
    return "objective.\(key) is 0, so no \(kind) continuation would count, but KTO weighs both "
      + "kinds against each other; raise it, or take sft to learn right ones alone."
  }

  /// KTO's reference point is a mean over mismatched continuations; TRL refuses a batch of one too.
  private var fewPairsProblem: String? {
    let it = objective
    guard it.method == .kto, it.form != .apoZero else { return nil }
    if it.batch < 2 {
      return "objective.batch is \(it.batch), but KTO measures its reference point on the batch's "
        + "continuations after prefixes that are not theirs; take at least 2."
    }
    guard it.pairs < 2 * it.rounds else { return nil }
    return
      "objective.pairs is \(it.pairs) and objective.rounds \(it.rounds), but KTO needs at least "
      + "two pairs a round for its reference point; take \(2 * it.rounds) pairs or more."
  }

  private var roundsProblem: String? {
    let most = min(updates, objective.pairs)
    guard objective.rounds > 1, objective.rounds > most else { return nil }
    return "objective.rounds is \(objective.rounds), but there are \(updates) updates and "
      + "\(objective.pairs) pairs to share among them; lower it to \(max(1, most)) or less."
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

extension Method {
  /// A default that all offline methods share.
  static func offline<Value>(_ value: Value, with others: [Method: Value] = [:]) -> [Method: Value]
  {
    let shared = Method.allCases.filter(\.isOffline).map { ($0, value) }
    return Dictionary(shared + others.map { ($0, $1) }, uniquingKeysWith: { $1 })
  }
}

extension RecipeKey.Reading {
  /// Where the policy is pulled towards its start.
  fileprivate static let pulled = RecipeKey.Reading(
    "by methods that learn online, where objective.kl_coefficient is above 0"
  ) { !$0.objective.method.isOffline && $0.objective.klCoefficient > 0 }

  fileprivate static let pulledInReward = RecipeKey.Reading(
    "where objective.kl_place is reward and objective.kl_coefficient above 0"
  ) { pulled.holds($0) && $0.objective.klPlace == .reward }

  fileprivate static let pulledInLoss = RecipeKey.Reading(
    "where objective.kl_place is loss and objective.kl_coefficient above 0"
  ) { pulled.holds($0) && $0.objective.klPlace == .loss }

  fileprivate static let adaptivePull = RecipeKey.Reading(
    "where objective.kl_target and objective.kl_coefficient are above 0"
  ) { pulled.holds($0) && $0.objective.klTarget > 0 }
}
