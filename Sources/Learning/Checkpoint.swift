import LanguageModel
import Trajectories

/// All that a run needs to go on bit for bit: what the loop knows, the weights, the moments.
///
/// `state` is for a text file, the rest is flat: floats in the layout of `Parameters`.
public struct Checkpoint: Equatable, Sendable {
  /// What the loop knows beside weights and moments.
  public var state: LoopState
  /// Every weight, in the layout of the policy's `Parameters`.
  public var weights: [Float]
  /// AdamW's running mean of the gradient, in the same layout.
  public var firstMoments: [Float]
  /// AdamW's running mean of its square, in the same layout.
  public var secondMoments: [Float]

  /// A checkpoint with every field given.
  public init(
    state: LoopState, weights: [Float], firstMoments: [Float], secondMoments: [Float]
  ) {
    self.state = state
    self.weights = weights
    self.firstMoments = firstMoments
    self.secondMoments = secondMoments
  }
}

extension TrainingLoop {
  /// What to write down between two updates.
  public func checkpoint() -> Checkpoint {
    Checkpoint(
      state: state, weights: Array(policy.parameters.weights),
      firstMoments: Array(optimiser.firstMoments), secondMoments: Array(optimiser.secondMoments))
  }

  /// Goes back or on to a checkpoint of the same recipe; the next update is the one after it.
  ///
  /// - Parameter checkpoint: What was written down.
  /// - Throws: `LearningError.stateMismatch`; then nothing has changed.
  public func restore(_ checkpoint: Checkpoint) throws {
    let count = policy.parameters.weights.count
    for (name, floats) in [
      ("weights", checkpoint.weights), ("first moments", checkpoint.firstMoments),
      ("second moments", checkpoint.secondMoments),
    ] where floats.count != count {
      throw LearningError.stateMismatch(
        "the checkpoint has \(floats.count) \(name), the policy \(count) weights")
    }
    guard (checkpoint.state.pairs != nil) == (recipe.objective.method == .dpo) else {
      throw LearningError.stateMismatch(
        "the recipe's method is \(recipe.objective.method.rawValue), the checkpoint's is not")
    }
    if let problem = checkpoint.state.problem(for: policy) {
      throw LearningError.stateMismatch(problem)
    }
    _ = policy.parameters.weights.update(fromContentsOf: checkpoint.weights)
    _ = optimiser.firstMoments.update(fromContentsOf: checkpoint.firstMoments)
    _ = optimiser.secondMoments.update(fromContentsOf: checkpoint.secondMoments)
    optimiser.steps = checkpoint.state.optimiserSteps
    state = checkpoint.state
    policy.weightsChanged()
  }
}
