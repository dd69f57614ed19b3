/// What one training of a comparison came to.
///
/// It says its numbers itself, apart from `Metrics` and `EvaluationResult`, so that a file of
/// outcomes stays readable when those grow.
public struct TrainingOutcome: Codable, Equatable, Sendable {
  /// Held-out accuracy on the way, from the start to the end.
  public var curve: [MeasuredUpdate] = []
  /// What the answers of the last update looked like; nil where none was made.
  public var answers: AnswerShape?
  /// Why it ended before its time, in a sentence; nil where it did not.
  public var failure: String?

  /// An outcome of nothing.
  public init() {}
}

/// Held-out accuracy after some updates, and what they had used.
public struct MeasuredUpdate: Codable, Equatable, Sendable {
  /// Updates the policy had seen.
  public var update: Int
  /// Tokens drawn to learn from, since the start.
  public var trainingTokens: Int
  /// Tokens drawn to estimate values, since the start.
  public var estimationTokens: Int
  /// Seconds of the updates so far.
  public var seconds: Double
  /// Share of samples with the right answer, 0…1.
  public var sampled: Double
  /// Standard error of `sampled` over problems.
  public var sampledError: Double
  /// Share of samples with every step right; nil where nobody can tell.
  public var sampledChain: Double?
  /// Share of problems answered rightly by the likeliest tokens, 0…1.
  public var greedy: Double
  /// The same for every step right; nil where nobody can tell.
  public var greedyChain: Double?

  /// An evaluation and what was used until then.
  public init(
    _ result: EvaluationResult, trainingTokens: Int, estimationTokens: Int, seconds: Double
  ) {
    update = result.policyVersion
    self.trainingTokens = trainingTokens
    self.estimationTokens = estimationTokens
    self.seconds = seconds
    sampled = result.sampled
    sampledError = result.sampledError
    sampledChain = result.sampledChain
    greedy = result.greedy
    greedyChain = result.greedyChain
  }
}

/// What the answers of an update looked like: how a policy that games the cutting into steps, or
/// the length limit, is found out, and a critic that foresees nothing.
public struct AnswerShape: Codable, Equatable, Sendable {
  /// Mean length, tokens.
  public var length: Double
  /// Share ended by the length limit, 0…1.
  public var truncatedShare: Double
  /// Mean number of steps; nil where it was not counted.
  public var steps: Double?
  /// Share of stored states whose kept steps are all right; nil where nobody can tell.
  public var bufferPurity: Double?
  /// How much of the reward the critic had foreseen, as `Metrics.explainedVariance`; nil without a
  /// critic, and in what was written before it was kept.
  public var explainedVariance: Double?

  /// The answers of an update.
  public init(_ metrics: Metrics) {
    length = metrics.responseLength
    truncatedShare = metrics.truncatedShare
    steps = metrics.stepsPerAnswer
    bufferPurity = metrics.bufferPurity
    explainedVariance = metrics.explainedVariance
  }
}
