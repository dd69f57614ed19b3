/// A question with a reference answer.
public struct Problem: Codable, Equatable, Sendable {
  /// Unique within its task and stream, such as `chains/7/12`.
  public var id: String
  /// Name of the task that drew it.
  public var task: String
  /// The question as the policy reads it.
  public var prompt: String
  /// The answer that earns the reward.
  public var reference: String
  /// A whole right response, where the task knows one.
  public var solution: String?
  /// Probability that a uniformly guessed answer earns the reward, 0…1.
  public var guessChance: Double
  /// How a file's problem is judged; nil leaves it to the task, or to what the answer ends on.
  public var grading: AnswerGrading?

  /// A problem with every field given.
  public init(
    id: String, task: String, prompt: String, reference: String, solution: String? = nil,
    guessChance: Double, grading: AnswerGrading? = nil
  ) {
    self.id = id
    self.task = task
    self.prompt = prompt
    self.reference = reference
    self.solution = solution
    self.guessChance = guessChance
    self.grading = grading
  }
}

// Problems that no task drew.
extension Problem {
  /// The `task` of a problem that a file holds.
  public static let fileTask = "file"
  /// The `task` of a problem that a person typed with its right answer.
  public static let askedTask = "asked"
  /// The `task` of a problem whose right answer nobody knows: `reference` is what its first answer
  /// ended on, and the reward says whether another answer ends on the same.
  public static let agreementTask = "agreement"

  /// Whether no task drew it, so that answers are judged by what they end on.
  public var isOwn: Bool {
    task == Problem.fileTask || task == Problem.askedTask || isAgreement
  }

  /// Whether the reward means agreement with the first answer, not being right.
  public var isAgreement: Bool { task == Problem.agreementTask }
}
