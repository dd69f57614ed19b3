public import Grading
public import Tensors
public import Trajectories

/// Whoever gives a reward for an answer outside of Crux.
public protocol RewardSource: Sendable {
  /// The reward of a response, 0…1; anything where it fails, which `failure` then says.
  func reward(of response: String, ended: Bool, to problem: Problem) -> Double

  /// What went wrong first, in a sentence; nil while all is well.
  var failure: String? { get }
}

/// A task whose answers are judged by somebody else; it draws the same problems.
public struct RewardedTask: ReasoningTask {
  private let base: any ReasoningTask
  private let source: any RewardSource

  /// A task around another.
  public init(_ base: any ReasoningTask, reward source: any RewardSource) {
    self.base = base
    self.source = source
  }

  /// As the task within.
  public func problem(id: String, random: inout Random) -> Problem {
    base.problem(id: id, random: &random)
  }

  /// As the task within.
  public func problem(id: String, prompt: String) -> Problem? {
    base.problem(id: id, prompt: prompt)
  }

  /// As the task within.
  public func heldOut(_ count: Int, seed: UInt64) -> [Problem]? {
    base.heldOut(count, seed: seed)
  }

  /// As the task within.
  public var warnings: [String] { base.warnings }

  /// The reward of a response that ended by itself.
  public func judge(_ response: String, to problem: Problem) -> Judgement {
    judge(response, ended: true, to: problem)
  }

  /// What the source says; where nobody knows the right answer, whether it agrees with the first.
  public func judge(_ response: String, ended: Bool, to problem: Problem) -> Judgement {
    let written = SumAnswer.withoutEnd(response)
    guard !problem.isAgreement else { return Judge.judge(written, to: problem) }
    let reward = source.reward(of: written, ended: ended, to: problem)
    return Judgement(reward: reward, chainCorrect: nil)
  }

  /// As the task within says, where it drew the problem.
  public func hasAnswered(_ response: String, to problem: Problem) -> Bool {
    problem.isOwn ? CutOffAnswer.isComplete(in: response) : base.hasAnswered(response, to: problem)
  }

  /// Problems of files too.
  public var judgesOwnProblems: Bool { true }

  /// Fails where the source did, so that no reward it could not give is taken for a 0.
  public func check() throws(TaskError) {
    if let failure = source.failure { throw TaskError(description: failure) }
  }

  /// As the task within says, where it drew the problem.
  public func examine(_ steps: [Step], of problem: Problem) -> [Step] {
    problem.isOwn ? steps : base.examine(steps, of: problem)
  }
}
