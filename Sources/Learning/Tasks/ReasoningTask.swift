public import Grading
public import Tensors
public import Trajectories

/// A task is three questions: draw a problem, judge an answer, say what it is made of.
public protocol ReasoningTask: Sendable {
  /// Draws a problem; the same stream gives the same problem.
  func problem(id: String, random: inout Random) -> Problem

  /// Reads a problem back from its prompt; nil where the text is no prompt of this task.
  func problem(id: String, prompt: String) -> Problem?

  /// Judges a response, its end token's text included.
  func judge(_ response: String, to problem: Problem) -> Judgement

  /// Judges a response of which it is known whether an end token ended it.
  ///
  /// The words of the embedded tasks say that themselves, so this is `judge(_:to:)` unless a task
  /// says otherwise.
  func judge(_ response: String, ended: Bool, to problem: Problem) -> Judgement

  /// Whether a response that the length limit cut off holds a complete answer, so that it may be
  /// judged; a task whose own form ends an answer leaves that to its judge and says true.
  func hasAnswered(_ response: String, to problem: Problem) -> Bool

  /// Problems kept for measuring, which `problem(id:random:)` never draws; nil where the task has
  /// no such store and draws others each time.
  func heldOut(_ count: Int, seed: UInt64) -> [Problem]?

  /// Whether it also judges problems that no task drew, such as those of a file.
  var judgesOwnProblems: Bool { get }

  /// What a reader should know of its problems before learning from them, in sentences.
  var warnings: [String] { get }

  /// Throws where a judgement since the last call could not be made; nothing is learnt or kept then.
  func check() throws(TaskError)

  /// Says of each step whether it is right; steps of which nothing can be said stay as they are.
  func examine(_ steps: [Step], of problem: Problem) -> [Step]
}

extension ReasoningTask {
  /// The judge's word on the text alone.
  public func judge(_ response: String, ended: Bool, to problem: Problem) -> Judgement {
    judge(response, to: problem)
  }

  /// Whether an answer is marked as one and cannot become another.
  public func hasAnswered(_ response: String, to problem: Problem) -> Bool {
    CutOffAnswer.isComplete(in: response)
  }

  /// None: such a task draws new problems.
  public func heldOut(_ count: Int, seed: UInt64) -> [Problem]? { nil }

  /// Nothing: its problems are what they are drawn to be.
  public var warnings: [String] { [] }

  /// Judging is a calculation and cannot fail.
  public func check() throws(TaskError) {}

  /// Only what it drew.
  public var judgesOwnProblems: Bool { false }
}

/// A task that cannot be set as asked.
public struct TaskError: Error, Equatable, CustomStringConvertible, Sendable {
  /// What is wrong and what to do, in a sentence.
  public let description: String
}

extension TaskChoice {
  /// The task that was chosen; throws when its numbers do not fit together.
  public func makeTask() throws(TaskError) -> any ReasoningTask {
    switch name {
    case .chains: try ClockChains(self)
    case .countdown: try Countdown(self)
    case .sums: try ChainSums(self)
    case .file:
      throw TaskError(
        description: "The problems of the task file stand in \(file); read them first.")
    }
  }
}
