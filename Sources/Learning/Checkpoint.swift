import LanguageModel
import Trajectories

extension TrainingLoop {
  /// Goes back or on to what was written down of the same recipe; the next update is the one after.
  ///
  /// State, weights and moments are all that a run needs to go on bit for bit. The weights are put
  /// into `policy.parameters` by the caller, before or after.
  ///
  /// - Parameters:
  ///   - state: What the loop knew.
  ///   - moments: Fills the moments of an optimizer: the policy's, then the critic's where there is
  ///     one, told apart by their parameters' names. Not called where no step was made, since the
  ///     moments are zero then. The critic's weights are the caller's business, like the policy's.
  /// - Throws: `LearningError.stateMismatch`, and nothing has changed; or what `moments` throws,
  ///   and the loop is of no further use.
  public func restore(_ state: LoopState, moments: (AdamW) throws -> Void) throws {
    guard (state.pairs != nil) == recipe.objective.method.isOffline else {
      throw LearningError.stateMismatch(
        "the recipe's method is \(recipe.objective.method.rawValue), the checkpoint's is not")
    }
    if let problem = state.problem(for: policy) { throw LearningError.stateMismatch(problem) }
    for optimizer in [optimizer, critic].compactMap({ $0 }) {
      optimizer.forget()
      if state.optimiserSteps > 0 { try moments(optimizer) }
      optimizer.steps = state.optimiserSteps
    }
    self.state = state
    policy.weightsChanged()
  }
}
