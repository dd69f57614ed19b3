import LanguageModel
public import Trajectories

/// What is known of the steps of a trajectory beside their values.
public struct StepHints: Equatable, Sendable {
  /// Mean entropy of the distributions each step's tokens were drawn from, nats; empty where nobody
  /// scored them.
  public var entropies: [Double] = []
  /// How often the policy named each step when it was asked; empty where it was not asked.
  public var votes: [Int] = []
  /// Tokens the policy wrote when it was asked.
  public var tokens = 0

  /// Nothing.
  public init() {}
}

/// A value that does not come from rollouts: enumerated, with bounds that hold it for certain, or a
/// critic's.
public struct KnownValue: Equatable, Sendable {
  /// Best guess, 0…1.
  public var mean: Double
  /// It is not less.
  public var low: Double
  /// It is not more.
  public var high: Double
  /// Tokens that were scored.
  public var tokens: Int
  /// Where it comes from.
  public var basis: ValueBasis

  /// A value with every field given.
  public init(
    mean: Double, low: Double, high: Double, tokens: Int, basis: ValueBasis = .exact
  ) {
    self.mean = mean
    self.low = low
    self.high = high
    self.tokens = tokens
    self.basis = basis
  }

  /// A Beta distribution with this mean whose standard deviation is a quarter of the interval.
  ///
  /// A critic's word weighs as much as two rollouts: it says nothing of its doubt.
  var posterior: BetaPosterior {
    let centre = min(1 - 1e-6, max(1e-6, mean))
    if basis == .critic { return BetaPosterior(alpha: 1 + 2 * centre, beta: 3 - 2 * centre) }
    let deviation = max(1e-4, (high - low) / 4)
    let weight = max(2, centre * (1 - centre) / (deviation * deviation) - 1)
    return BetaPosterior(alpha: centre * weight, beta: (1 - centre) * weight)
  }
}

extension Explorer {
  /// Most tokens of the policy's word on a step.
  static let localisingLimit = 64

  /// Asks the policy which step of an answer decided, as often as a boundary gets rollouts.
  ///
  /// The idea is SRPO's (arXiv 2605.25507): the model that erred names the place. It costs no
  /// rollouts and knows nothing of values.
  ///
  /// - Returns: How often each step was named, and the tokens written; no votes where the policy
  ///   cannot be asked in its words.
  func votes(on trajectory: Trajectory) -> (votes: [Int], tokens: Int) {
    var votes = trajectory.steps.map { _ in 0 }
    guard let prompt = localisingPrompt(trajectory) else { return (votes, 0) }
    let seeds = (0..<recipe.values.rollouts).map {
      recipe.seed(for: .localising, [version, $0], of: trajectory)
    }
    let limit = min(Explorer.localisingLimit, policy.contextLength - prompt.count)
    let request = RolloutRequest(prefix: prompt, seeds: seeds, limit: limit)
    let replies = (try? continuations(of: [request]))?.first ?? []
    for reply in replies {
      let written = reply.tokens.filter { !codec.endTokens.contains($0) }
      if let step = Explorer.step(namedBy: codec.decode(written), of: votes.count) {
        votes[step] += 1
      }
    }
    return (votes, replies.reduce(0) { $0 + $1.tokens.count })
  }

  /// The question as the policy reads it; nil where its words cannot say it or it does not fit.
  private func localisingPrompt(_ trajectory: Trajectory) -> [Token]? {
    let text = Explorer.localisingQuestion(trajectory)
    guard codec.unknownPieces(in: text).isEmpty else { return nil }
    let problem = Problem(
      id: trajectory.id, task: Problem.askedTask, prompt: text, reference: "", guessChance: 0)
    let tokens = codec.prompt(of: problem)
    return tokens.isEmpty || tokens.count + 1 >= policy.contextLength ? nil : tokens
  }

  static func localisingQuestion(_ trajectory: Trajectory) -> String {
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
