import LanguageModel
import Trajectories

/// Asks a policy in its own words which step of an answer decided.
struct StepLocalizer {
  /// Most tokens of the policy's word on a step.
  static let limit = 64

  let sampler: RolloutSampler

  /// Asks the policy which step of an answer decided, as often as a boundary gets rollouts.
  ///
  /// The idea is SRPO's (arXiv 2605.25507): the model that erred names the place. It costs no
  /// rollouts and knows nothing of values.
  ///
  /// - Returns: How often each step was named, and the tokens written; no votes where the policy
  ///   cannot be asked in its words.
  func votes(on trajectory: Trajectory) -> (votes: [Int], tokens: Int) {
    var votes = trajectory.steps.map { _ in 0 }
    guard let prompt = prompt(about: trajectory) else { return (votes, 0) }
    let seeds = (0..<sampler.recipe.values.rollouts).map {
      sampler.recipe.seed(for: .localising, [sampler.version, $0], of: trajectory)
    }
    let limit = min(Self.limit, sampler.policy.contextLength - prompt.count)
    let request = RolloutRequest(prefix: prompt, seeds: seeds, limit: limit)
    let replies = (try? sampler.continuations(of: [request]))?.first ?? []
    for reply in replies {
      let written = reply.tokens.filter { !sampler.codec.endTokens.contains($0) }
      if let step = Self.step(namedBy: sampler.codec.decode(written), of: votes.count) {
        votes[step] += 1
      }
    }
    return (votes, replies.reduce(0) { $0 + $1.tokens.count })
  }

  /// The question as the policy reads it; nil where its words cannot say it or it does not fit.
  private func prompt(about trajectory: Trajectory) -> [Token]? {
    let text = Self.question(about: trajectory)
    guard sampler.codec.unknownPieces(in: text).isEmpty else { return nil }
    let problem = Problem(
      id: trajectory.id, task: Problem.askedTask, prompt: text, reference: "", guessChance: 0)
    let tokens = sampler.codec.prompt(of: problem)
    return tokens.isEmpty || tokens.count + 1 >= sampler.policy.contextLength ? nil : tokens
  }

  static func question(about trajectory: Trajectory) -> String {
    let steps = trajectory.steps.enumerated().map { "[\($0 + 1)] \($1.text)" }
    let ask =
      trajectory.reward < 1
      ? "The answer is wrong. Which step is the first wrong one?"
      : "The answer is right. Which step decided that most?"
    return "Problem:\n\(trajectory.problem.prompt)\n\nAn answer to it, step by step:\n"
      + steps.joined(separator: "\n") + "\n\n\(ask) Reply with the number of the step alone."
  }

  /// The step that a reply names, from 0: its last number that is the number of a step.
  static func step(namedBy reply: String, of steps: Int) -> Int? {
    let numbers = reply.split { !($0.isASCII && $0.isNumber) }.compactMap { Int($0) }
    return numbers.last { (1...max(1, steps)).contains($0) && $0 <= steps }.map { $0 - 1 }
  }
}
