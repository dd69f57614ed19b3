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
  ///   - progress: Hears of each finished answer.
  /// - Returns: The answers in the order of the questions.
  /// - Throws: `LearningError.promptTooLong`, and then nothing was drawn; `Stopped`.
  public func sample(
    _ questions: [Question], progress: WorkProgress<AnswerReport> = .unheard
  ) throws -> [Trajectory] {
    let prefixes = try questions.map { try start(of: $0.problem) }
    let requests = zip(prefixes, questions).map { request($0, seeds: [$1.seed]) }
    var answers: [Trajectory?] = questions.map { _ in nil }
    _ = try continuations(
      of: requests,
      progress: progress.reporting { done in
        let place = done.request
        let answer = trajectory(
          id: questions[place].id, from: prefixes[place], done.continuation)
        answers[place] = answer
        return AnswerReport(answer: answer, finished: done.finished, total: done.total)
      })
    return answers.compactMap { $0 }
  }

  /// A problem that a person typed, answered: with no reference the answer itself becomes it.
  ///
  /// - Parameters:
  ///   - prompt: The problem as typed; with no reference, one that the task can read is judged by
  ///     the task.
  ///   - reference: The right answer; empty where nobody knows it.
  ///   - id: Of the problem and of the answer.
  ///   - seed: Draws the answer.
  ///   - progress: Hears of the finished answer.
  /// - Returns: The answer; nil where the policy gave none.
  /// - Throws: `LearningError.promptTooLong`, `Stopped`.
  public func answer(
    _ prompt: String, reference: String, id: String, seed: UInt64,
    progress: WorkProgress<AnswerReport> = .unheard
  ) throws -> Trajectory? {
    let known = reference.isEmpty ? task.problem(id: id, prompt: prompt) : nil
    let origin = reference.isEmpty ? Problem.agreementTask : Problem.askedTask
    let problem =
      known ?? Problem(id: id, task: origin, prompt: prompt, reference: reference, guessChance: 0)
    let drawn = try sample(problem, seeds: [seed], name: { _ in id }, progress: progress)
    guard var answer = drawn.first, problem.isAgreement else { return drawn.first }
    let written = answer.responseTokens.filter { !codec.endTokens.contains($0) }
    answer.problem.reference = ExtractedAnswer(of: codec.decode(written)).shown
    answer.reward =
      judge(
        answer.responseTokens, isTruncated: answer.truncated, to: answer.problem
      ).reward
    return answer
  }
}
