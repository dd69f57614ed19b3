import Foundation
import LanguageModel
import Learning
import Records
import Trajectories

/// What a checkpoint holds: a model's or an adapter's folder that others can load, the optimiser's
/// moments, the critic's head where there is one, and the loop's state.
///
/// The first one tells what the run began with. Zero moments are not written.
enum CheckpointFiles {
  private static let moments = "optimiser.safetensors"
  private static let critic = "value_head.safetensors"
  private static let state = "state.json"

  /// Writes the checkpoint of a run that begins.
  static func begin(_ recipe: Recipe, model: LoadedModel, run: URL) throws {
    try CheckpointFolder.write(update: 0, in: run) { folder in
      try BaseModel.write(model, recipe.record.copyModel, into: folder)
      if let adapter = model.policy.adapter { try AdapterFiles.save(adapter, to: folder) }
      try write(LoopState(recipe: recipe), into: folder)
    }
  }

  /// Writes all of it aside, then puts it in place.
  static func write(_ loop: TrainingLoop, model: LoadedModel, run: URL) throws {
    try CheckpointFolder.write(update: loop.state.update, in: run) { folder in
      if let adapter = model.policy.adapter {
        try AdapterFiles.save(adapter, to: folder)
      } else {
        try model.save(to: folder)
      }
      if loop.optimiser.steps > 0 {
        // Apart from the policy, whose folder stays one that others can load.
        if let head = loop.critic?.parameters {
          try SafeTensors.write(tensors(of: head), to: folder.appendingPathComponent(critic))
        }
        let optimisers = [loop.optimiser, loop.critic].compactMap { $0 }
        try SafeTensors.write(
          optimisers.flatMap { tensors(of: $0) }, to: folder.appendingPathComponent(moments))
      }
      try write(loop.state, into: folder)
    }
    let kept = loop.recipe.record.keepCheckpoints
    if kept > 0 { try CheckpointFolder.keepNewest(kept, in: run) }
  }

  private static func write(_ loopState: LoopState, into folder: URL) throws {
    try Data(try jsonLine(loopState).utf8).write(to: folder.appendingPathComponent(state))
  }

  /// The model as it was at a checkpoint.
  ///
  /// The weights beneath an adapter never move, so those of `known` are taken where it has one.
  static func model(
    _ checkpoint: CheckpointFolder, run: URL, known: LoadedModel? = nil,
    report: (Double) -> Bool = { _ in true }
  ) throws -> LoadedModel {
    guard AdapterFiles.isAdapter(checkpoint.url) else {
      return try LoadedModel.isModel(checkpoint.url)
        ? LoadedModel(checkpoint.url, report: report) : BaseModel.load(of: run, report: report)
    }
    let base = known?.policy.adapter != nil ? known : nil
    let beneath = try base ?? BaseModel.load(of: run, report: report)
    let adapter = try AdapterFiles.load(checkpoint.url, for: beneath.policy.architecture)
    return beneath.adapted(by: adapter)
  }

  /// Lets a loop whose policy is that of the checkpoint go on from it; without the moments it may
  /// answer questions but not train.
  static func restore(
    _ loop: TrainingLoop, from checkpoint: CheckpointFolder, moments wanted: Bool
  ) throws {
    let file = checkpoint.url.appendingPathComponent(state)
    let saved: LoopState
    do {
      saved = try JSONDecoder().decode(LoopState.self, from: try Data(contentsOf: file))
    } catch {
      throw Complaint(
        "\(file.path) cannot be read: \(error.localizedDescription) "
          + "Delete \(checkpoint.url.path) to go on from the checkpoint before it.")
    }
    if let head = loop.critic?.parameters, saved.optimiserSteps > 0 {
      let tensors = try SafeTensors(contentsOf: checkpoint.url.appendingPathComponent(critic))
      for slice in head.slices { try tensors.copy(slice.name, into: slice.within(head.weights)) }
    }
    try loop.restore(saved) { optimiser in
      guard wanted else { return }
      let tensors = try SafeTensors(contentsOf: checkpoint.url.appendingPathComponent(moments))
      for slice in optimiser.parameters.slices {
        try tensors.copy(first + slice.name, into: slice.within(optimiser.firstMoments))
        try tensors.copy(second + slice.name, into: slice.within(optimiser.secondMoments))
      }
    }
  }

  // PyTorch's names for the two moments.
  private static let first = "exp_avg."
  private static let second = "exp_avg_sq."

  private static func tensors(of head: Parameters) -> [SafeTensors.Tensor] {
    head.slices.map { slice in
      SafeTensors.Tensor(
        name: slice.name, shape: slice.shape,
        values: UnsafeBufferPointer(slice.within(head.weights)))
    }
  }

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
