public import LanguageModel
public import Trajectories

/// A state of the reasoning: a prompt and the response tokens that are kept.
public struct Prefix: Equatable, Sendable {
  /// The question.
  public var problem: Problem
  /// The prompt.
  public var prompt: [Token]
  /// The kept response tokens; empty at the start.
  public var kept: [Token]
  /// Logarithm of the probability each kept token was drawn at.
  public var logProbabilities: [Float]
  /// Where the state was taken from; nil at the start.
  public var fork: Fork?

  /// A state with every field given.
  public init(
    problem: Problem, prompt: [Token], kept: [Token], logProbabilities: [Float], fork: Fork?
  ) {
    self.problem = problem
    self.prompt = prompt
    self.kept = kept
    self.logProbabilities = logProbabilities
    self.fork = fork
  }

  /// Prompt and kept response.
  public var tokens: [Token] { prompt + kept }
}

extension Trajectory {
  /// The state just before a step: the prefix tokens exactly as they were drawn.
  ///
  /// - Parameter step: 0 ..< steps, or the number of steps for the end.
  /// - Returns: The state, which knows where it was taken from.
  public func state(before step: Int) -> Prefix {
    precondition((0...steps.count).contains(step), "\(id) has no boundary \(step)")
    let kept = step < steps.count ? steps[step].start : responseTokens.count
    return Prefix(
      problem: problem, prompt: promptTokens, kept: Array(responseTokens[..<kept]),
      logProbabilities: Array(logProbabilities.prefix(kept)),
      fork: Fork(trajectory: id, step: step, keptTokens: kept))
  }
}
