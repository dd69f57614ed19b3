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
  private let byPrompt: [String: Problem]

  /// Splits the problems of one file.
  ///
  /// - Parameters:
  ///   - problems: All of them.
  ///   - share: What share is held out, 0…1; at least one is where the share is above 0.
  ///   - seed: Decides which: the problems are put into an order that depends on it, and the first
  ///     ones are held out.
  /// - Throws: `TaskError` where too few are left to learn from.
  public init(_ problems: [Problem], heldOut share: Double, seed: UInt64) throws(TaskError) {
    let order = Self.shuffled(problems, seed: seed)
    let count = share > 0 ? max(1, Int((share * Double(order.count)).rounded())) : 0
    let kept = Set(order.prefix(count).map(\.id))
    try self.init(
      training: problems.filter { !kept.contains($0.id) }, heldOut: Array(order.prefix(count)))
  }

  /// Takes both parts as they are; the held-out ones are put into an order that depends on a seed.
  ///
  /// - Throws: `TaskError` where one of them is empty.
  public init(_ training: [Problem], heldOut: [Problem], seed: UInt64) throws(TaskError) {
    try self.init(training: training, heldOut: Self.shuffled(heldOut, seed: seed))
  }

  private init(training: [Problem], heldOut: [Problem]) throws(TaskError) {
    guard !training.isEmpty, !heldOut.isEmpty else {
      throw TaskError(
        description: "task.file leaves \(training.count) problems to learn from and "
          + "\(heldOut.count) held out; both need at least one: take a larger file.")
    }
    self.training = training
    heldOutProblems = heldOut
    byPrompt = Dictionary(
      (training + heldOut).map { ($0.prompt, $0) }, uniquingKeysWith: { first, _ in first })
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
