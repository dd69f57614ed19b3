/// One step of a warm-up.
public struct WarmUpReport: Equatable, Sendable {
  /// Number of the step, from 1.
  public var step: Int
  /// Most steps there can be.
  public var mostSteps: Int
  /// Mean cross-entropy of the response tokens, nats, before the step.
  public var loss: Double
  /// Global L2 norm of the gradient before clipping.
  public var gradientNorm: Double
  /// Learning rate used.
  public var learningRate: Double
  /// What was measured after this step; nil after most.
  public var check: WarmUpCheck?

  /// A report with every field given.
  public init(
    step: Int, mostSteps: Int, loss: Double, gradientNorm: Double, learningRate: Double,
    check: WarmUpCheck? = nil
  ) {
    self.step = step
    self.mostSteps = mostSteps
    self.loss = loss
    self.gradientNorm = gradientNorm
    self.learningRate = learningRate
    self.check = check
  }
}

/// What a check of a warm-up measured.
public struct WarmUpCheck: Codable, Equatable, Sendable {
  /// Share of whole chains right by the likeliest tokens, every operation hard.
  public var greedyChain: Double
  /// Share of sampled chains right with three hard operations.
  public var sampledChain: Double

  /// A check with both shares given.
  public init(greedyChain: Double, sampledChain: Double) {
    self.greedyChain = greedyChain
    self.sampledChain = sampledChain
  }
}

/// How a warm-up ended.
public struct WarmUpOutcome: Equatable, Sendable {
  /// Steps made.
  public var steps: Int
  /// What was measured last; nil where it ended before the first check.
  public var check: WarmUpCheck?
  /// Whether the last check met both targets.
  public var reached: Bool

  /// An outcome with every field given.
  public init(steps: Int, check: WarmUpCheck?, reached: Bool) {
    self.steps = steps
    self.check = check
    self.reached = reached
  }
}
