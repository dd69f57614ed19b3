/// What some work cost.
public struct Cost: Codable, Equatable, Sendable {
  /// Rollouts and answers that were drawn.
  public var rollouts: Int
  /// Tokens that were drawn or scored.
  public var tokens: Int
  /// Seconds that somebody waited for it.
  public var seconds: Double

  /// A cost with every field given; nothing where none is.
  public init(rollouts: Int = 0, tokens: Int = 0, seconds: Double = 0) {
    self.rollouts = rollouts
    self.tokens = tokens
    self.seconds = seconds
  }

  /// Both together.
  public static func + (first: Cost, second: Cost) -> Cost {
    Cost(
      rollouts: first.rollouts + second.rollouts, tokens: first.tokens + second.tokens,
      seconds: first.seconds + second.seconds)
  }
}

/// What an effect is compared with.
public enum Control: String, Codable, CaseIterable, Equatable, Sendable {
  /// Nothing: it is the effect itself.
  case none
  /// A random step of the same trajectory at the same number of rollouts.
  case randomStep
  /// Starting over from the prompt at the same number of tokens.
  case restart
}

/// An effect of a step that was measured apart from the values that chose it.
public struct StepMeasurement: Equatable, Sendable {
  /// The trajectory.
  public var trajectory: String
  /// What it is compared with, or `none` for the effect itself.
  public var control: Control
  /// Updates the policy had seen.
  public var policyVersion: Int
  /// First response token of the step; it stays where steps are cut otherwise.
  public var start: Int
  /// Response token after the last of the step.
  public var end: Int
  /// What was measured; a restart has no step before it, so its value stands on both sides.
  public var effect: FreshEffect
  /// What it cost.
  public var cost: Cost
  /// The rollouts behind it that no record has yet, as in a valuation.
  public var evidence: [BoundaryRollouts] = []

  /// A measurement of a step with those tokens; the evidence is added where there is any.
  public init(
    trajectory: String, control: Control, policyVersion: Int, tokens: Range<Int>,
    effect: FreshEffect, cost: Cost = Cost()
  ) {
    self.trajectory = trajectory
    self.control = control
    self.policyVersion = policyVersion
    (start, end) = (tokens.lowerBound, tokens.upperBound)
    self.effect = effect
    self.cost = cost
  }
}

/// One step under two versions of the policy, to see whether training mended it.
public struct StepComparison: Equatable, Sendable {
  /// The trajectory.
  public var trajectory: String
  /// The step.
  public var step: Int
  /// First response token of the step; it stays where steps are cut otherwise.
  public var start: Int
  /// Response token after the last of the step.
  public var end: Int
  /// Updates the first policy had seen.
  public var firstVersion: Int
  /// Updates the second policy had seen.
  public var secondVersion: Int
  /// The step's effect under the first policy.
  public var first: FreshEffect
  /// The step's effect under the second policy.
  public var second: FreshEffect
  /// What both cost.
  public var cost: Cost
  /// The rollouts behind the first and the second that no record has yet.
  public var evidence: [[BoundaryRollouts]] = []

  /// A comparison of a step with those tokens; the evidence is added where there is any.
  public init(
    trajectory: String, step: Int, tokens: Range<Int>, firstVersion: Int, secondVersion: Int,
    first: FreshEffect, second: FreshEffect, cost: Cost = Cost()
  ) {
    self.trajectory = trajectory
    self.step = step
    (start, end) = (tokens.lowerBound, tokens.upperBound)
    self.firstVersion = firstVersion
    self.secondVersion = secondVersion
    self.first = first
    self.second = second
    self.cost = cost
  }
}
