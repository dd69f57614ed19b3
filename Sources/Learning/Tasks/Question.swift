import Grading
public import LanguageModel
public import Trajectories

/// A problem to be answered once.
public struct Question: Equatable, Sendable {
  /// The problem.
  public var problem: Problem
  /// Draws the answer.
  public var seed: UInt64
  /// The answer's name; no other question of a call has it.
  public var id: String

  /// A question with every field given.
  public init(problem: Problem, seed: UInt64, id: String) {
    self.problem = problem
    self.seed = seed
    self.id = id
  }
}

extension Explorer {
  /// Answers questions in one call of the policy.
  ///
  /// - Parameters:
  ///   - questions: What is asked; an answer does not depend on what else is.
  ///   - report: Called with each finished answer, the number finished and the number wanted.
  /// - Returns: The answers in the order of the questions; nil where the report asked to stop.
  /// - Throws: `LearningError.promptTooLong`; then nothing was drawn.
  public func sample(
    _ questions: [Question], report: (Trajectory, Int, Int) -> Disposition
  ) throws -> [Trajectory]? {
    let prefixes = try questions.map { try start(of: $0.problem) }
    let requests = zip(prefixes, questions).map { request($0, seeds: [$1.seed]) }
    var answers: [Trajectory?] = questions.map { _ in nil }
    let all = continuations(of: requests) { done in
      let place = done.request
      let answer = trajectory(
        id: questions[place].id, from: prefixes[place], done.continuation)
      answers[place] = answer
      return report(answer, done.finished, done.total)
    }
    return all == nil ? nil : answers.compactMap { $0 }
  }

  /// A problem that a person typed, answered: with no reference the answer itself becomes it.
  ///
  /// - Parameters:
  ///   - prompt: The problem as typed; with no reference, one that the task can read is judged by
  ///     the task.
  ///   - reference: The right answer; empty where nobody knows it.
  ///   - id: Of the problem and of the answer.
  ///   - seed: Draws the answer.
  ///   - report: Called with the finished answer, 1 and 1.
  /// - Returns: The answer; nil where the report asked to stop.
  /// - Throws: `LearningError.promptTooLong`.
  public func answer(
    _ prompt: String, reference: String, id: String, seed: UInt64,
    report: (Trajectory, Int, Int) -> Disposition = { _, _, _ in .goOn }
  ) throws -> Trajectory? {
    let known = reference.isEmpty ? task.problem(id: id, prompt: prompt) : nil
    let origin = reference.isEmpty ? Problem.agreementTask : Problem.askedTask
    let problem =
      known ?? Problem(id: id, task: origin, prompt: prompt, reference: reference, guessChance: 0)
    let drawn = try sample(problem, seeds: [seed], name: { _ in id }, report: report)
    guard var answer = drawn?.first, problem.isAgreement else { return drawn?.first }
    let written = answer.responseTokens.filter { !codec.endTokens.contains($0) }
    answer.problem.reference = ExtractedAnswer(of: codec.decode(written)).shown
    answer.reward =
      judge(
        answer.responseTokens, isTruncated: answer.truncated, to: answer.problem
      ).reward
    return answer
  }
}
