import LanguageModel
public import Trajectories

/// All that a training loop knows beside the weights and the optimizer's moments.
///
/// Every seed is a function of the recipe and of numbers kept here, so a loop that is given this
/// state, the weights and the moments goes on bit for bit as if it had never stopped.
public struct LoopState: Codable, Equatable, Sendable {
  /// Updates made.
  public var update = 0
  /// Steps the optimizer made; an update whose groups all agree makes none.
  public var optimiserSteps = 0
  /// Tokens drawn to learn from, since the start.
  public var trainingTokens = 0
  /// Tokens drawn to estimate values, since the start.
  public var estimationTokens = 0
  /// The critical states that reset groups start from.
  public var buffer: CriticalBuffer
  /// The preference pairs of an offline run; nil online.
  public var pairs: PairStore?
  /// Weight of the pull towards the starting policy; nil where it is still the recipe's.
  public var klCoefficient: Double?

  /// The state of a run that has not begun.
  public init(recipe: Recipe) {
    buffer = CriticalBuffer(capacity: recipe.resets.buffer)
    pairs = recipe.objective.method.isOffline ? PairStore() : nil
  }
}

extension LoopState {
  /// Why a policy cannot go on from this state; nil where it can.
  func problem(for policy: any Policy) -> String? {
    if let problem = countProblem ?? buffer.fault { return problem }
    for state in buffer.allStates {
      let tokens = state.promptTokens + state.keptTokens
      if let problem = Self.problem(tokens, for: policy) {
        return "the stored state of \(state.trajectory) \(problem)"
      }
    }
    return pairs?.problem { Self.problem($0, for: policy) }
  }

  /// What of the counts cannot be; sums of theirs must stay within 64 bits.
  private var countProblem: String? {
    let counts = [
      "update": update, "optimiserSteps": optimiserSteps, "trainingTokens": trainingTokens,
      "estimationTokens": estimationTokens,
    ]
    let odd = counts.sorted { $0.key < $1.key }.first { !LoopState.counts.contains($0.value) }
    if let odd { return "\(odd.key) is \(odd.value)" }
    if let weight = klCoefficient, !(weight.isFinite && weight >= 0) {
      return "klCoefficient is \(weight)"
    }
    return nil
  }

  /// What a count may be.
  static let counts = 0...100_000_000_000

  private static func problem(_ tokens: [Token], for policy: any Policy) -> String? {
    if tokens.isEmpty { return "has no tokens" }
    if tokens.count > policy.contextLength {
      return "has \(tokens.count) tokens, more than the policy's \(policy.contextLength)"
    }
    let known = 0..<Token(policy.vocabulary)
    guard let strange = tokens.first(where: { !known.contains($0) }) else { return nil }
    return "holds token \(strange), which the policy does not know"
  }
}
