import Foundation
import LanguageModel
import Learning
import Records

/// What a checkpoint holds: a model folder that others can load, the optimiser's moments, and the
/// loop's state.
enum CheckpointFiles {
  private static let moments = "optimiser.safetensors"
  private static let state = "state.json"

  /// Writes all of it aside, then puts it in place.
  static func write(_ loop: TrainingLoop, model: LoadedModel, run: URL) throws {
    try CheckpointFolder.write(update: loop.state.update, in: run) { folder in
      try model.save(into: folder, card: nil)
      try SafeTensors.write(
        tensors(of: loop.optimiser), to: folder.appendingPathComponent(moments))
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys]
      let saved = SavedState(loop: loop.state, steps: loop.optimiser.steps)
      try encoder.encode(saved).write(to: folder.appendingPathComponent(state))
    }
  }

  /// Reads the state and the moments of a checkpoint back.
  static func read(
    _ checkpoint: CheckpointFolder, parameters: Parameters, settings: OptimiserChoice
  ) throws -> (state: LoopState, optimiser: AdamW) {
    let file = checkpoint.url.appendingPathComponent(state)
    let saved: SavedState
    do {
      saved = try JSONDecoder().decode(SavedState.self, from: try Data(contentsOf: file))
    } catch {
      throw Complaint(
        "\(file.path) cannot be read: \(error.localizedDescription) "
          + "Delete \(checkpoint.url.path) to go on from the checkpoint before it.")
    }
    let optimiser = AdamW(parameters: parameters, settings: settings)
    let tensors = try SafeTensors(contentsOf: checkpoint.url.appendingPathComponent(moments))
    for slice in parameters.slices {
      try tensors.copy(first + slice.name, into: slice.within(optimiser.firstMoments))
      try tensors.copy(second + slice.name, into: slice.within(optimiser.secondMoments))
    }
    optimiser.steps = saved.steps
    return (saved.loop, optimiser)
  }

  // PyTorch's names for the two moments.
  private static let first = "exp_avg."
  private static let second = "exp_avg_sq."

  private static func tensors(of optimiser: AdamW) -> [SafeTensors.Tensor] {
    optimiser.parameters.slices.flatMap { slice in
      [(first, optimiser.firstMoments), (second, optimiser.secondMoments)].map { name, moments in
        SafeTensors.Tensor(
          name: name + slice.name, shape: slice.shape,
          values: UnsafeBufferPointer(slice.within(moments)))
      }
    }
  }

  private struct SavedState: Codable {
    var loop: LoopState
    var steps: Int
  }
}

extension ParameterSlice {
  /// The part of a buffer of the same layout that this slice names.
  fileprivate func within(
    _ buffer: UnsafeMutableBufferPointer<Float>
  ) -> UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(rebasing: buffer[range])
  }
}
