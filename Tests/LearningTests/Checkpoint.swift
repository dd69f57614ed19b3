import Foundation
import LanguageModel

@testable import Learning

/// What the files of a checkpoint hold, in memory.
struct Checkpoint: Equatable {
  var state: LoopState
  var weights: [Float]
  var firstMoments: [Float]
  var secondMoments: [Float]

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
      firstMoments: Array(optimiser.firstMoments), secondMoments: Array(optimiser.secondMoments))
  }

  /// Goes back or on to a checkpoint.
  func restore(_ checkpoint: Checkpoint) throws {
    try restore(checkpoint.state) {
      _ = $0.firstMoments.update(fromContentsOf: checkpoint.firstMoments)
      _ = $0.secondMoments.update(fromContentsOf: checkpoint.secondMoments)
    }
    _ = policy.parameters.weights.update(fromContentsOf: checkpoint.weights)
  }
}
