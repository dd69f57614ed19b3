import Foundation
import LanguageModel

@testable import Learning

/// What the files of a checkpoint hold, in memory.
struct Checkpoint: Equatable {
  var state: LoopState
  var weights: [Float]
  var firstMoments: [Float]
  var secondMoments: [Float]
  /// Weights and moments of the critic; empty without one.
  var critic: [[Float]]

  /// The same after its state was written as text and read back.
  func throughJSON() throws -> Checkpoint {
    var copy = self
    copy.state = try JSONDecoder().decode(LoopState.self, from: JSONEncoder().encode(state))
    return copy
  }
}

extension TrainingLoop {
  /// What to write down between two updates.
  func checkpoint() -> Checkpoint {
    Checkpoint(
      state: state, weights: Array(policy.parameters.weights),
      firstMoments: Array(optimizer.firstMoments), secondMoments: Array(optimizer.secondMoments),
      critic: critic.map {
        [$0.parameters.weights, $0.firstMoments, $0.secondMoments].map(Array.init)
      } ?? [])
  }

  /// Goes back or on to a checkpoint.
  func restore(_ checkpoint: Checkpoint) throws {
    try restore(checkpoint.state) {
      let isCritic = $0 === critic
      _ = $0.firstMoments.update(
        fromContentsOf: isCritic ? checkpoint.critic[1] : checkpoint.firstMoments)
      _ = $0.secondMoments.update(
        fromContentsOf: isCritic ? checkpoint.critic[2] : checkpoint.secondMoments)
    }
    if let critic { _ = critic.parameters.weights.update(fromContentsOf: checkpoint.critic[0]) }
    _ = policy.parameters.weights.update(fromContentsOf: checkpoint.weights)
  }
}
