public import Grading
public import Tensors
public import Trajectories

/// Problems that stand in a file: a benchmark's, or one's own.
///
/// Some are held out for measuring and never drawn for learning. Which ones depends on the seed of
/// the evaluation alone, not on the run's, so that runs of several seeds meet the same ones.
public struct FileTask: ReasoningTask {
  /// The problems that are learnt from, in the order of the file.
  public let training: [Problem]
  /// The problems that are held out, in the order they are taken.
  public let heldOutProblems: [Problem]
  /// What is odd about the two parts, in sentences: questions that are asked more than once.
  public let warnings: [String]
  private let byPrompt: [String: Problem]

  /// Splits the problems of one file; rows with the same question stay together on one side.
  ///
  /// - Parameters:
  ///   - problems: All of them.
  ///   - share: What share of the questions is held out, 0…1; at least one is where the share is
  ///     above 0.
  ///   - seed: Decides which: the problems are put into an order that depends on it, and the first
  ///     questions are held out.
  /// - Throws: `TaskError` where too few are left to learn from.
  public init(_ problems: [Problem], heldOut share: Double, seed: UInt64) throws(TaskError) {
    let order = Self.shuffled(problems, seed: seed)
    var asked: Set<String> = []
    let questions = order.map(Self.question).filter { asked.insert($0).inserted }
    let count = share > 0 ? max(1, Int((share * Double(questions.count)).rounded())) : 0
    let kept = Set(questions.prefix(count))
    let repeated = problems.count - questions.count
    try self.init(
      training: problems.filter { !kept.contains(Self.question($0)) },
      heldOut: order.filter { kept.contains(Self.question($0)) },
      warnings: repeated == 0
        ? []
        : [
          "\(repeated) of the \(problems.count) problems of task.file ask what another one asks; "
            + "equal questions are all learnt from or all held out."
        ])
  }

  /// Takes both parts as they are; the held-out ones are put into an order that depends on a seed.
  ///
  /// Questions that stand in both are told, not left out: what is measured is what was asked for.
  ///
  /// - Throws: `TaskError` where one of them is empty.
  public init(_ training: [Problem], heldOut: [Problem], seed: UInt64) throws(TaskError) {
    let learnt = Set(training.map(Self.question))
    let both = heldOut.filter { learnt.contains(Self.question($0)) }
    try self.init(
      training: training, heldOut: Self.shuffled(heldOut, seed: seed),
      warnings: both.first.map { first in
        [
          "\(both.count) of the \(heldOut.count) problems of task.held_out_file are asked in "
            + "task.file too, the first is \(first.id); accuracy on them may be memory."
        ]
      } ?? [])
  }

  private init(
    training: [Problem], heldOut: [Problem], warnings: [String]
  ) throws(TaskError) {
    guard !training.isEmpty, !heldOut.isEmpty else {
      throw TaskError(
        description: "task.file leaves \(training.count) problems to learn from and "
          + "\(heldOut.count) held out; both need at least one question of their own: take a "
          + "larger file.")
    }
    self.training = training
    self.warnings = warnings
    heldOutProblems = heldOut
    byPrompt = Dictionary(
      (training + heldOut).map { ($0.prompt, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// What tells a problem from others: its prompt, however it is spaced.
  private static func question(_ problem: Problem) -> String {
    problem.prompt.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  /// The problems in an order that depends on a seed.
  public static func shuffled(_ problems: [Problem], seed: UInt64) -> [Problem] {
    var random = Random(seed: Random.seed(seed, 0xF11E))
    return problems.shuffled(&random)
  }

  /// A problem to learn from, each as likely as any other; it keeps its name from the file.
  public func problem(id: String, random: inout Random) -> Problem {
    training[random.below(training.count)]
  }

  /// The problem of the file with that prompt.
  public func problem(id: String, prompt: String) -> Problem? { byPrompt[prompt] }

  /// The first of the held-out problems; fewer where there are not as many.
  public func heldOut(_ count: Int, seed: UInt64) -> [Problem]? {
    Array(heldOutProblems.prefix(count))
  }

  /// Problems that a person asks are judged as they are anywhere.
  public var judgesOwnProblems: Bool { true }

  /// Judges a response that ended by itself.
  public func judge(_ response: String, to problem: Problem) -> Judgement {
    Judge.judge(SumAnswer.withoutEnd(response), to: problem)
  }

  /// Judges what was written; a response that was cut short may have answered before that.
  public func judge(_ response: String, ended: Bool, to problem: Problem) -> Judgement {
    judge(response, to: problem)
  }

  /// Nothing is known of single steps.
  public func examine(_ steps: [Step], of problem: Problem) -> [Step] { steps }
}
