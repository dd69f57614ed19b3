public import Grading
public import Tensors
public import Trajectories

/// A file's problems of which some are chains: those are judged and examined line by line, as
/// anywhere, whatever answer the file gives; the others as the file says.
public struct ChainFileTask: ReasoningTask {
  private let file: FileTask
  private let chains: ClockChains

  /// The problems of a file; nil where none of them is a chain.
  public init?(_ file: FileTask, chains: ClockChains) {
    let all = file.training + file.heldOutProblems
    guard all.contains(where: { chains.problem(id: $0.id, prompt: $0.prompt) != nil }) else {
      return nil
    }
    self.file = file
    self.chains = chains
  }

  /// A problem of the file to learn from.
  public func problem(id: String, random: inout Random) -> Problem {
    read(file.problem(id: id, random: &random))
  }

  /// Any chain, and the problems of the file.
  public func problem(id: String, prompt: String) -> Problem? {
    chains.problem(id: id, prompt: prompt) ?? file.problem(id: id, prompt: prompt)
  }

  /// The first of the file's held-out problems.
  public func heldOut(_ count: Int, seed: UInt64) -> [Problem]? {
    file.heldOut(count, seed: seed)?.map(read)
  }

  /// As of any file.
  public var warnings: [String] { file.warnings }

  /// The text of the chains' end token is a sign of money to everybody else, so problems of one's own
  /// are judged without it, as they are beside a task that draws its own.
  public var judgesOwnProblems: Bool { false }

  /// The word of the task that the problem is of.
  public func judge(_ response: String, to problem: Problem) -> Judgement {
    problem.isOwn ? file.judge(response, to: problem) : chains.judge(response, to: problem)
  }

  /// As the task says that the problem is of.
  public func hasAnswered(_ response: String, to problem: Problem) -> Bool {
    problem.isOwn
      ? file.hasAnswered(response, to: problem) : chains.hasAnswered(response, to: problem)
  }

  /// As the chains say; of other problems nothing is known.
  public func examine(_ steps: [Step], of problem: Problem) -> [Step] {
    problem.isOwn ? steps : chains.examine(steps, of: problem)
  }

  private func read(_ problem: Problem) -> Problem {
    chains.problem(id: problem.id, prompt: problem.prompt) ?? problem
  }
}
