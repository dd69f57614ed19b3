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
  ///   - moments: Fills the optimiser's moments; not called where it had made no step, since they
  ///     are zero then.
  /// - Throws: `LearningError.stateMismatch`, and nothing has changed; or what `moments` throws,
  ///   and the loop is of no further use.
  public func restore(_ state: LoopState, moments: (AdamW) throws -> Void) throws {
    guard (state.pairs != nil) == recipe.objective.method.isOffline else {
      throw LearningError.stateMismatch(
        "the recipe's method is \(recipe.objective.method.rawValue), the checkpoint's is not")
    }
    if let problem = state.problem(for: policy) { throw LearningError.stateMismatch(problem) }
    optimiser.forget()
    if state.optimiserSteps > 0 { try moments(optimiser) }
    optimiser.steps = state.optimiserSteps
    self.state = state
    policy.weightsChanged()
  }
}
