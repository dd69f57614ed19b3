public import Trajectories

/// All that a training loop knows beside the weights and the optimiser's moments.
///
/// Every seed is a function of the recipe and of numbers kept here, so a loop that is given this
/// state, the weights and the moments goes on bit for bit as if it had never stopped.
public struct LoopState: Codable, Equatable, Sendable {
  /// Updates made.
  public var update = 0
  /// Steps the optimiser made; an update whose groups all agree makes none.
  public var optimiserSteps = 0
  /// Tokens drawn to learn from, since the start.
  public var trainingTokens = 0
  /// Tokens drawn to estimate values, since the start.
  public var estimationTokens = 0
  /// The critical states that reset groups start from.
  public var buffer: CriticalBuffer
  /// The preference pairs of an offline run; nil online.
  public var pairs: PairStore?

  /// The state of a run that has not begun.
  public init(recipe: Recipe) {
    buffer = CriticalBuffer(capacity: recipe.resets.buffer)
    pairs = recipe.objective.method == .dpo ? PairStore() : nil
  }
}
