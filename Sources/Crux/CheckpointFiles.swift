import Foundation
import LanguageModel
import Learning
import Records
import Trajectories

/// What a checkpoint holds: a model folder that others can load, the optimiser's moments, and the
/// loop's state.
enum CheckpointFiles {
  private static let moments = "optimiser.safetensors"
  private static let state = "state.json"

  /// Writes all of it aside, then puts it in place.
  static func write(_ loop: TrainingLoop, model: LoadedModel, run: URL) throws {
    try CheckpointFolder.write(update: loop.state.update, in: run) { folder in
      try model.save(to: folder)
      try SafeTensors.write(
        tensors(of: loop.optimiser), to: folder.appendingPathComponent(moments))
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys]
      try encoder.encode(loop.state).write(to: folder.appendingPathComponent(state))
    }
  }

  /// Reads a checkpoint back; `parameters` are those of its model folder, already loaded.
  static func read(
    _ checkpoint: CheckpointFolder, parameters: Parameters
  ) throws -> Checkpoint {
    let file = checkpoint.url.appendingPathComponent(state)
    let saved: LoopState
    do {
      saved = try JSONDecoder().decode(LoopState.self, from: try Data(contentsOf: file))
    } catch {
      throw Complaint(
        "\(file.path) cannot be read: \(error.localizedDescription) "
          + "Delete \(checkpoint.url.path) to go on from the checkpoint before it.")
    }
    let tensors = try SafeTensors(contentsOf: checkpoint.url.appendingPathComponent(moments))
    return Checkpoint(
      state: saved, weights: Array(parameters.weights),
      firstMoments: try floats(first, of: tensors, parameters),
      secondMoments: try floats(second, of: tensors, parameters))
  }

  /// Named tensors in the layout of the weights.
  private static func floats(
    _ prefix: String, of tensors: SafeTensors, _ parameters: Parameters
  ) throws -> [Float] {
    var flat = [Float](repeating: 0, count: parameters.weights.count)
    for slice in parameters.slices {
      flat.replaceSubrange(slice.range, with: try tensors.floats(of: prefix + slice.name))
    }
    return flat
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
}

extension ParameterSlice {
  /// The part of a buffer of the same layout that this slice names.
  fileprivate func within(
    _ buffer: UnsafeMutableBufferPointer<Float>
  ) -> UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(rebasing: buffer[range])
  }
}
