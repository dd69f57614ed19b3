/// One sampled answer and what is known about it.
public struct Trajectory: Codable, Equatable, Sendable {
  /// Unique within its run, such as `update-12/37` or `branch-3`.
  public var id: String
  /// The question that was answered.
  public var problem: Problem
  /// The prompt as token ids.
  public var promptTokens: [Int32]
  /// The response as token ids, the end token included where one was drawn.
  public var responseTokens: [Int32]
  /// Natural logarithm of the probability each response token was drawn at.
  public var logProbabilities: [Float]
  /// The response cut into steps that cover it exactly.
  public var steps: [Step]
  /// The judge's number, 0…1.
  public var reward: Double
  /// Whether every step is right; nil where the task cannot tell.
  public var chainCorrect: Bool?
  /// Seed of the stream of random numbers that drew the response.
  public var seed: UInt64
  /// Updates the policy had seen when it drew the response.
  public var policyVersion: Int
  /// Whether the length limit ended the response.
  public var truncated: Bool
  /// Where the response was forked from another; nil for an answer from the prompt.
  public var forkedFrom: Fork?
  /// Its share of the seconds that somebody waited for it; nil where training drew it.
  public var seconds: Double?
  /// Where it was read from, where another program wrote it and its tokens stand for words; nil
  /// where its tokens are the policy's.
  public var origin: TrajectoryOrigin?

  /// A trajectory with every field given.
  public init(
    id: String, problem: Problem, promptTokens: [Int32], responseTokens: [Int32],
    logProbabilities: [Float], steps: [Step], reward: Double, chainCorrect: Bool?, seed: UInt64,
    policyVersion: Int, truncated: Bool, forkedFrom: Fork? = nil
  ) {
    self.id = id
    self.problem = problem
    self.promptTokens = promptTokens
    self.responseTokens = responseTokens
    self.logProbabilities = logProbabilities
    self.steps = steps
    self.reward = reward
    self.chainCorrect = chainCorrect
    self.seed = seed
    self.policyVersion = policyVersion
    self.truncated = truncated
    self.forkedFrom = forkedFrom
  }

  /// The response as text.
  public var text: String { steps.map(\.text).joined() }
}

/// The place where a branch leaves another trajectory.
public struct Fork: Codable, Equatable, Sendable {
  /// The trajectory that was reset.
  public var trajectory: String
  /// The first step that was drawn anew.
  public var step: Int
  /// Number of response tokens that were kept.
  public var keptTokens: Int

  /// A fork with every field given.
  public init(trajectory: String, step: Int, keptTokens: Int) {
    self.trajectory = trajectory
    self.step = step
    self.keptTokens = keptTokens
  }
}

extension Trajectory {
  /// How many tokens the response has; words where nobody says.
  public var length: Int { origin?.tokens ?? responseTokens.count }

  /// The same with its unit.
  public var lengthWords: String {
    "\(length) \(origin != nil && origin?.tokens == nil ? "words" : "tokens")"
  }
}

/// Where a trajectory comes from that another program wrote.
public struct TrajectoryOrigin: Codable, Equatable, Sendable {
  /// How much of its tokens is known.
  public var fidelity: TokenFidelity
  /// What wrote it, such as “verl rollouts”.
  public var format: String
  /// Where it stands, such as `3.jsonl:2`.
  public var place: String
  /// What answers to the same prompt have in common; nil where nobody says.
  public var group: String?
  /// How many tokens the response has; nil where nobody says.
  public var tokens: Int?
  /// The numbers behind the reward, and beside it, by name.
  public var numbers: [String: Double]

  /// An origin with every field given.
  public init(
    fidelity: TokenFidelity, format: String, place: String, group: String?, tokens: Int?,
    numbers: [String: Double]
  ) {
    self.fidelity = fidelity
    self.format = format
    self.place = place
    self.group = group
    self.tokens = tokens
    self.numbers = numbers
  }
}
