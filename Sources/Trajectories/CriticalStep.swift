/// How the critical step is picked from the values.
public enum Rule: String, Codable, CaseIterable, Equatable, Sendable {
  /// The step with the largest |A|; the paper's motivation.
  case paperAbsolute = "paper-absolute"
  /// The step with the largest A; the paper's method section.
  case paperSigned = "paper-signed"
  /// The step with the smallest A: where an answer went wrong.
  case largestDrop = "largest-drop"
  /// A uniformly drawn step: the control at the same number of rollouts.
  case random
  /// Always the first step: the control that starts over.
  case restart
  /// The step with the most valuable state before it, on failed answers alone; the earliest wins
  /// ties. The rule of the first author's code.
  case prefixArgmax = "prefix-argmax"
  /// The step that halving the trajectory and following the larger change ends at.
  case binarySearch = "binary-search"
  /// The step whose tokens were drawn from the most uncertain distributions on average.
  case entropy
  /// The step that the policy itself names when it is asked.
  case selfLocalised = "self-localised"
}

extension Rule {
  /// Whether the rule speaks of failed answers.
  public var isForFailures: Bool { self == .prefixArgmax || self == .largestDrop }
}

/// What a rule says of one trajectory, with its doubt.
public struct CriticalStep: Codable, Equatable, Sendable {
  /// The trajectory it speaks of.
  public var trajectory: String
  /// Updates the policy had seen when the values were estimated.
  public var policyVersion: Int
  /// The rule that chose.
  public var rule: Rule
  /// The proposed step; nil when none is clear.
  public var step: Int?
  /// The step that scores highest even if it is not clear.
  public var leader: Int
  /// Estimated advantage of `leader`, −1…1.
  public var advantage: Double
  /// Lower end of the 95 % interval of `advantage`.
  public var low: Double
  /// Upper end of the 95 % interval of `advantage`.
  public var high: Double
  /// Posterior probability that `leader` is the step the rule looks for, 0…1.
  public var confidence: Double
  /// Rollouts spent on all boundaries.
  public var rollouts: Int
  /// Whether the step looks like a lucky guess: V before it is below the floor and it jumps up.
  public var luckyGuess: Bool
  /// The effect measured on rollouts that did not take part in the choice; nil before that.
  public var fresh: FreshEffect?
  /// How the values were found out; nil in records of an older Crux.
  public var estimator: Estimator?
  /// Further steps the rule holds to be critical, none beside another; nil where one was asked for.
  public var others: [Int]?

  /// A critical step with every field given.
  public init(
    trajectory: String, policyVersion: Int, rule: Rule, step: Int?, leader: Int, advantage: Double,
    low: Double, high: Double, confidence: Double, rollouts: Int, luckyGuess: Bool,
    fresh: FreshEffect? = nil, estimator: Estimator? = nil, others: [Int]? = nil
  ) {
    self.trajectory = trajectory
    self.policyVersion = policyVersion
    self.rule = rule
    self.step = step
    self.leader = leader
    self.advantage = advantage
    self.low = low
    self.high = high
    self.confidence = confidence
    self.rollouts = rollouts
    self.luckyGuess = luckyGuess
    self.fresh = fresh
    self.estimator = estimator
    self.others = others
  }
}

/// An effect measured on fresh rollouts, free of the winner's curse, with its controls.
public struct FreshEffect: Codable, Equatable, Sendable {
  /// The step that was measured.
  public var step: Int
  /// Value before the step.
  public var before: StepValue
  /// Value after the step.
  public var after: StepValue
  /// after − before.
  public var advantage: Double
  /// Lower end of its 95 % interval.
  public var low: Double
  /// Upper end of its 95 % interval.
  public var high: Double

  /// An effect with every field given.
  public init(
    step: Int, before: StepValue, after: StepValue, advantage: Double, low: Double, high: Double
  ) {
    self.step = step
    self.before = before
    self.after = after
    self.advantage = advantage
    self.low = low
    self.high = high
  }
}
