/// What a run has to teach, as token ids: what exports to other trainers are written from.
public struct TrainingExamples: Sendable {
  /// States to roll out from: those of people first, then those of the rule.
  public var states: [ResetState] = []
  /// A better and a worse continuation of one state.
  public var pairs: [ContinuationPair] = []
  /// Every judged continuation of a prompt or of a reset state, those of one state together.
  public var continuations: [JudgedContinuation] = []
  /// Answers whose steps were valued.
  public var valued: [ValuedSteps] = []
  /// How many were left out, by reason.
  public var leftOut: [String: Int] = [:]

  /// Examples of nothing.
  public init() {}
}

/// A state in the middle of an answer that training goes back to.
public struct ResetState: Sendable {
  /// Prompt and kept response; carries no loss.
  public var tokens: [Int32]
  /// How many of them are the prompt's.
  public var promptTokens: Int
  /// The question.
  public var problem: Problem
  /// The answer that is gone back into.
  public var trajectory: String
  /// The first step that is drawn anew, from 0.
  public var step: Int
  /// Whether a person chose it.
  public var isByPerson: Bool
  /// The rule that ranked the steps; nil where the answer was never valued.
  public var rule: Rule?
  /// The advantage of the step with its interval; nil where it is not known.
  public var advantage: (mean: Double, low: Double, high: Double)?
  /// Posterior probability that the leading step is the one the rule looks for.
  public var confidence: Double?

  /// A state of an answer.
  public init(
    of answer: Trajectory, before step: Int, isByPerson: Bool, choice: CriticalStep?,
    advantage: (mean: Double, low: Double, high: Double)?
  ) {
    let kept = answer.responseTokens.prefix(answer.steps[step].start)
    tokens = answer.promptTokens + kept
    promptTokens = answer.promptTokens.count
    problem = answer.problem
    trajectory = answer.id
    self.step = step
    self.isByPerson = isByPerson
    rule = choice?.rule
    self.advantage = advantage
    confidence = choice?.confidence
  }
}

/// What was written after a state, and what it earned.
public struct JudgedContinuation: Equatable, Sendable {
  /// Prompt and kept response; carries no loss.
  public var prefix: [Int32]
  /// What was written, the end token included where one was drawn.
  public var tokens: [Int32]
  /// The question.
  public var problem: Problem
  /// The judge's number, 0…1.
  public var reward: Double
  /// The reward less the mean reward of all continuations of the state.
  public var advantage: Double

  /// A continuation with every field given.
  public init(
    prefix: [Int32], tokens: [Int32], problem: Problem, reward: Double, advantage: Double
  ) {
    self.prefix = prefix
    self.tokens = tokens
    self.problem = problem
    self.reward = reward
    self.advantage = advantage
  }
}

/// A better and a worse continuation of one state.
public struct ContinuationPair: Equatable, Sendable {
  /// The two, and the state they follow.
  public var preference: Preference
  /// The question.
  public var problem: Problem

  /// A pair with every field given.
  public init(preference: Preference, problem: Problem) {
    self.preference = preference
    self.problem = problem
  }
}

/// An answer with the values of its steps.
public struct ValuedSteps: Equatable, Sendable {
  /// The answer.
  public var answer: Trajectory
  /// The value after each step; as many as steps.
  public var values: [StepValue]

  /// Steps with every field given.
  public init(answer: Trajectory, values: [StepValue]) {
    self.answer = answer
    self.values = values
  }
}
