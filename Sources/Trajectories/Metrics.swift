/// What one update did.
///
/// Of another trainer's dump only `reward`, `truncatedShare` and
/// `responseLength` are known, and not a number where it does not tell them.
public struct Metrics: Codable, Equatable, Sendable {
  /// Number of this update, from 1.
  public var update = 0
  /// Mean reward of the policy's own rollouts that started at the prompt, 0…1: what it drew, before
  /// failed answers were replaced by better ones.
  public var reward = 0.0
  /// Mean reward of its own rollouts that started at a reset, 0…1; nil without resets.
  public var resetReward: Double?
  /// Share of the rollouts from the prompt whose every step is right; nil where nobody can tell.
  public var chainAccuracy: Double?
  /// The objective, in its own units.
  public var loss = 0.0
  /// Mean k3 estimate of KL to the reference policy, nats a token.
  public var kl = 0.0
  /// Mean entropy, nats a token.
  public var entropy = 0.0
  /// Mean distance between the log-probabilities that tokens were drawn at and those of the trained
  /// weights, nats; nil where both use the same weights or the drawing was filtered.
  public var samplerGap: Double?
  /// Mean k3 estimate of KL from the sampler to the trained weights, nats a token; nil as above.
  public var samplerKL: Double?
  /// Share of tokens whose probability ratio left the clip range, 0…1.
  public var clipRatio = 0.0
  /// Global L2 norm of the gradient before clipping.
  public var gradientNorm = 0.0
  /// Learning rate used.
  public var learningRate = 0.0
  /// Share of groups that started at a reset, 0…1.
  public var resetShare = 0.0
  /// Stored critical states.
  public var bufferSize = 0
  /// Share of stored states whose kept steps are all right; nil where nobody can tell or none are.
  public var bufferPurity: Double?
  /// Stored states whose step a person chose or confirmed.
  public var bufferMarked = 0
  /// Tokens drawn to learn from, since the start.
  public var trainingTokens = 0
  /// Tokens drawn to estimate values, since the start.
  public var estimationTokens = 0
  /// Share of rollouts ended by the length limit, 0…1; offline of the answers from the prompt that
  /// the pairs were made of.
  public var truncatedShare = 0.0
  /// Mean response length, tokens; offline that of the pairs' sides.
  public var responseLength = 0.0
  /// Tokens drawn or scored a second during this update.
  public var tokensPerSecond = 0.0
  /// Seconds this update took.
  public var seconds = 0.0
  /// How much of the reward G that followed each token the critic's value V had foreseen.
  ///
  /// 1 − Var(G − V) / Var(G) over tokens, before the update; at or below 0 the critic knows no more
  /// than a mean. Nil without a critic.
  public var explainedVariance: Double?
  /// The value loss before its coefficient; nil without a critic.
  public var valueLoss: Double?
  /// Mean k3 estimate of KL from the policy that drew the rollouts, over the optimizer steps made on
  /// them, nats a token; nil where it was not measured.
  public var movedKL: Double?
  /// Weight of the pull towards the starting policy; nil where there is none.
  public var klCoefficient: Double?
  /// Mean updates since the states of the buffer were stored; nil from an empty buffer.
  public var bufferAge: Double?
  /// Mean times the states of the buffer were drawn; nil from an empty buffer.
  public var bufferReuse: Double?
  /// Mean number of steps of a whole answer, offline of the answers from the prompt that the pairs
  /// were made of; nil where it was not counted.
  public var stepsPerAnswer: Double?

  /// Metrics of nothing.
  public init() {}
}

/// Accuracy on held-out problems.
public struct EvaluationResult: Codable, Equatable, Sendable {
  /// Updates the policy had seen.
  public var policyVersion = 0
  /// Held-out problems.
  public var problems = 0
  /// Samples drawn for each problem.
  public var samples = 0
  /// Temperature of the samples.
  public var temperature = 1.0
  /// Share of samples with the right answer, 0…1.
  public var sampled = 0.0
  /// Standard error of `sampled` over problems.
  public var sampledError = 0.0
  /// Share of samples with every step right; nil where nobody can tell.
  public var sampledChain: Double?
  /// Share of problems answered rightly by the likeliest tokens, 0…1.
  public var greedy = 0.0
  /// Standard error of `greedy`.
  public var greedyError = 0.0
  /// The same for every step right; nil where nobody can tell.
  public var greedyChain: Double?

  /// A result of nothing.
  public init() {}
}
