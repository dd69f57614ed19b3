package import Foundation
package import LanguageModel
import Learning
import ModelFiles
package import Records
import Tensors
import Trajectories
import Workbench

/// What a checkpoint holds: a model's or an adapter's folder that others can load, the optimizer's
/// moments, the critic's head where there is one, and the loop's state.
///
/// The first one tells what the run began with. Zero moments are not written. A manifest says what
/// every file of it is.
package enum CheckpointFiles {
  private static let moments = "optimiser.safetensors"
  private static let critic = "value_head.safetensors"
  private static let state = "state.json"

  /// Writes the checkpoint of a run that begins; returns the digest of its manifest.
  static func begin(_ recipe: Recipe, model: LoadedModel, run: URL) throws -> String {
    try CheckpointFolder.write(update: 0, in: run) { folder in
      try BaseModel.write(model, recipe.record.copyModel, into: folder)
      if let adapter = model.policy.adapter { try AdapterFiles.save(adapter, to: folder) }
      try write(LoopState(recipe: recipe), into: folder)
      return try CheckpointManifest.write(update: 0, run: UUID().uuidString, into: folder)
    }
  }

  /// Writes all of it aside, then puts it in place; returns the digest of its manifest.
  static func write(_ loop: TrainingLoop, model: LoadedModel, run: URL) throws -> String {
    let update = loop.state.update
    let name = name(of: run) ?? UUID().uuidString
    let digest = try CheckpointFolder.write(update: update, in: run) { folder in
      if let adapter = model.policy.adapter {
        try AdapterFiles.save(adapter, to: folder)
      } else {
        try model.save(to: folder)
      }
      if loop.optimizer.steps > 0 {
        // Apart from the policy, whose folder stays one that others can load.
        if let head = loop.critic?.parameters {
          try SafeTensors.write(tensors(of: head), to: folder.appendingPathComponent(critic))
        }
        let optimizers = [loop.optimizer, loop.critic].compactMap { $0 }
        try SafeTensors.write(
          optimizers.flatMap { tensors(of: $0) }, to: folder.appendingPathComponent(moments))
      }
      try write(loop.state, into: folder)
      return try CheckpointManifest.write(update: update, run: name, into: folder)
    }
    let kept = loop.recipe.record.keepCheckpoints
    if kept > 0 { try CheckpointFolder.keepNewest(kept, in: run) }
    return digest
  }

  /// What the manifests of a run's checkpoints call the run; nil where there are none.
  private static func name(of run: URL) -> String? {
    let checkpoints = CheckpointFolder.list(in: run)
    return checkpoints.lazy.compactMap { try? CheckpointManifest.read($0.url)?.manifest.run }
      .first
  }

  private static func write(_ loopState: LoopState, into folder: URL) throws {
    try Data(try jsonLine(loopState).utf8).write(to: folder.appendingPathComponent(state))
  }

  /// The model as it was at a checkpoint.
  ///
  /// The weights beneath an adapter never move, so those of `known` are taken where it has one. Where
  /// a server has the weights, none are read.
  package static func model(
    _ checkpoint: CheckpointFolder, run: URL, record: TrainingRecord?, known: LoadedModel? = nil,
    moments: Bool = false, isServed: Bool = false, progress: WorkProgress<Double> = .unheard
  ) throws -> LoadedModel {
    try check(checkpoint, run: run, record: record, moments: moments)
    guard AdapterFiles.isAdapter(checkpoint.url), !isServed else {
      return try LoadedModel.isModel(checkpoint.url)
        ? LoadedModel(checkpoint.url, isServed: isServed, progress: progress)
        : BaseModel.load(of: run, isServed: isServed, progress: progress)
    }
    let base = known?.policy.adapter != nil ? known : nil
    if base == nil, checkpoint.update > 0, let first = CheckpointFolder.list(in: run).first {
      try check(first, run: run, record: record, moments: false)
    }
    let beneath = try base ?? BaseModel.load(of: run, progress: progress)
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
      throw refusal(of: checkpoint, because: "its \(state) cannot be read")
    }
    guard saved.update == checkpoint.update else {
      throw refusal(of: checkpoint, because: "its \(state) is of update \(saved.update)")
    }
    let momentsFile = checkpoint.url.appendingPathComponent(moments)
    if saved.optimiserSteps == 0, FileManager.default.fileExists(atPath: momentsFile.path) {
      throw refusal(
        of: checkpoint, because: "its \(state) says that no step was made, but there is \(moments)")
    }
    if let head = loop.critic?.parameters, saved.optimiserSteps > 0 {
      let tensors = try SafeTensors(contentsOf: checkpoint.url.appendingPathComponent(critic))
      for slice in head.slices { try tensors.copy(slice.name, into: slice.within(head.weights)) }
    }
    try loop.restore(saved) { optimizer in
      guard wanted else { return }
      let tensors = try SafeTensors(contentsOf: momentsFile)
      for slice in optimizer.parameters.slices {
        try tensors.copy(first + slice.name, into: slice.within(optimizer.firstMoments))
        try tensors.copy(second + slice.name, into: slice.within(optimizer.secondMoments))
      }
      let sums = [optimizer.firstMoments, optimizer.secondMoments].map(squaredNorm)
      guard sums.allSatisfy(\.isFinite) else {
        throw refusal(of: checkpoint, because: "\(moments) holds what is no number")
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

  private static func tensors(of optimizer: AdamW) -> [SafeTensors.Tensor] {
    optimizer.parameters.slices.flatMap { slice in
      [(first, optimizer.firstMoments), (second, optimizer.secondMoments)].map { name, moments in
        SafeTensors.Tensor(
          name: name + slice.name, shape: slice.shape,
          values: UnsafeBufferPointer(slice.within(moments)))
      }
    }
  }
}

// Whether a checkpoint is whole.
extension CheckpointFiles {
  /// Refuses a checkpoint that is not as this run wrote it.
  ///
  /// - Parameters:
  ///   - checkpoint: The checkpoint.
  ///   - run: The run's folder.
  ///   - record: What the run's events say of it; nil where nobody read them.
  ///   - moments: Whether the optimizer's moments are to be used too.
  /// - Throws: A sentence that names the file and says what is wrong with it.
  static func check(
    _ checkpoint: CheckpointFolder, run: URL, record: TrainingRecord?, moments: Bool
  ) throws {
    let fault: String?
    do { fault = try self.fault(of: checkpoint, run: run, record: record, moments: moments) } catch
    {
      throw refusal(of: checkpoint, because: "\(error)")
    }
    if let fault { throw refusal(of: checkpoint, because: fault) }
  }

  private static func fault(
    of checkpoint: CheckpointFolder, run: URL, record: TrainingRecord?, moments: Bool
  ) throws -> String? {
    try PlainFiles.check(run.appendingPathComponent("checkpoints"), .folder)
    try PlainFiles.check(checkpoint.url, .folder)
    let made = record.map { $0.lastUpdate }
    if let made, checkpoint.update > made {
      return "the run has made \(made) updates, so it is another run's"
    }
    guard let (manifest, digest) = try CheckpointManifest.read(checkpoint.url) else {
      let isKnown = record?.manifests[checkpoint.update] != nil
      return isKnown
        ? "its \(CheckpointManifest.fileName) is missing" : try unmanifested(checkpoint)
    }
    guard manifest.update == checkpoint.update, name(of: run) == manifest.run else {
      return "it was written as update \(manifest.update) of another run"
    }
    if let expected = record?.manifests[checkpoint.update], expected != digest {
      return "its \(CheckpointManifest.fileName) is not the one that the run wrote"
    }
    return try manifest.fault(of: checkpoint.url, skipping: moments ? nil : Self.moments)
  }

  /// What is wrong with a checkpoint of an older Crux, as far as that can be seen.
  private static func unmanifested(_ checkpoint: CheckpointFolder) throws -> String? {
    for name in try FileManager.default.contentsOfDirectory(atPath: checkpoint.url.path) {
      try PlainFiles.check(checkpoint.url.appendingPathComponent(name), .file)
    }
    let isWhole =
      LoadedModel.isModel(checkpoint.url) || AdapterFiles.isAdapter(checkpoint.url)
      || (checkpoint.update == 0 && BaseModel.isNamed(in: checkpoint.url))
    return isWhole ? nil : "its config.json is missing"
  }

  private static func refusal(of checkpoint: CheckpointFolder, because fault: String) -> Complaint {
    let remedy =
      checkpoint.update == 0
      ? "restore it from a copy"
      : "restore it from a copy, or delete it to go on from the checkpoint before it"
    let reason = fault.hasSuffix(".") ? String(fault.dropLast()) : fault
    return Complaint("\(checkpoint.url.path) is not whole: \(reason); \(remedy).")
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

/// Says what a checkpoint holds, every file with its size and its SHA-256, so that it is used whole as
/// it was written or not at all.
///
/// The digest of the manifest itself stands in the run's record, in the event that tells of the
/// checkpoint. Checkpoints of an older Crux have none.
struct CheckpointManifest: Codable {
  /// Name of its file.
  static let fileName = "manifest.json"
  private static let mostBytes = 16 << 20

  /// A file as it was written.
  struct Entry: Codable, Equatable {
    var bytes: Int
    var sha256: String
  }

  /// Updates the policy had seen.
  var update: Int
  /// The same in all checkpoints of a run, and in those of no other.
  var run: String
  /// Every other file of the folder by its name.
  var files: [String: Entry]

  /// Writes the manifest of a folder whose files are all there; returns its own digest.
  static func write(update: Int, run: String, into folder: URL) throws -> String {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    let entries = try DigestedFile.read(names.map { folder.appendingPathComponent($0) })
    let files = Dictionary(uniqueKeysWithValues: zip(names, entries))
    let manifest = CheckpointManifest(update: update, run: run, files: files)
    let data = Data(try jsonPages(manifest).utf8)
    try data.write(to: folder.appendingPathComponent(fileName))
    return digest(of: data)
  }

  private static func digest(of data: Data) -> String {
    var digest = Digest()
    data.withUnsafeBytes { digest.add($0) }
    return digest.hexadecimal
  }

  /// The manifest of a checkpoint and its own digest; nil where there is none.
  ///
  /// - Throws: A sentence where it cannot be read.
  static func read(_ folder: URL) throws -> (manifest: CheckpointManifest, digest: String)? {
    let file = folder.appendingPathComponent(fileName)
    guard FileManager.default.fileExists(atPath: file.path) else { return nil }
    try PlainFiles.check(file, .file)
    guard let data = try? Data(contentsOf: file), data.count <= mostBytes,
      let manifest = try? JSONDecoder().decode(CheckpointManifest.self, from: data)
    else { throw Complaint("its \(fileName) cannot be read") }
    return (manifest, digest(of: data))
  }

  /// What of the folder is not as it was written, nil where all is; of a file that is skipped, since it
  /// is not to be used, only the size is looked at.
  func fault(of folder: URL, skipping skipped: String?) throws -> String? {
    let found = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0 != CheckpointManifest.fileName }
    if let missing = files.keys.sorted().first(where: { !found.contains($0) }) {
      return "its \(missing) is missing"
    }
    if let strange = found.sorted().first(where: { files[$0] == nil }) {
      return "it holds \(inert(strange)), which Crux did not write there"
    }
    let names = files.keys.sorted()
    for name in names {
      let size = try DigestedFile.size(of: folder.appendingPathComponent(name))
      guard let entry = files[name], entry.bytes == size else {
        return "its \(name) has \(size) bytes and was written with \(files[name]?.bytes ?? 0)"
      }
    }
    let looked = names.filter { $0 != skipped }
    let entries = try DigestedFile.read(looked.map { folder.appendingPathComponent($0) })
    let changed = zip(looked, entries).first { files[$0] != $1 }
    return changed.map { "its \($0.0) is not the file that was written; its SHA-256 differs" }
  }
}

/// The size and the SHA-256 of files, read without waiting for anything that is no plain file.
enum DigestedFile {
  private static let piece = 1 << 22

  /// Reads files, several at a time.
  static func read(_ urls: [URL]) throws -> [CheckpointManifest.Entry] {
    let found = Found(count: urls.count)
    // The largest first, or the last thread would be busy alone with it.
    let sizes = urls.map { (try? size(of: $0)) ?? 0 }
    let order = urls.indices.sorted { sizes[$0] > sizes[$1] }
    DispatchQueue.concurrentPerform(iterations: urls.count) { place in
      let result = Result { try entry(of: urls[order[place]]) }
      found.set(order[place], result)
    }
    return try found.all().map { try $0.get() }
  }

  /// The size of a plain file.
  static func size(of url: URL) throws -> Int {
    try PlainFiles.check(url, .file)
    let size = try FileManager.default.attributesOfItem(atPath: url.path)[.size] as? Int
    return size ?? 0
  }

  private static func entry(of url: URL) throws -> CheckpointManifest.Entry {
    try PlainFiles.check(url, .file)
    let handle = try FileHandle(forReadingFrom: url)
    defer { try? handle.close() }
    var digest = Digest()
    var bytes = 0
    while let data = try handle.read(upToCount: piece), !data.isEmpty {
      data.withUnsafeBytes { digest.add($0) }
      bytes += data.count
    }
    return CheckpointManifest.Entry(bytes: bytes, sha256: digest.hexadecimal)
  }

  /// What several threads found out, each at its own place.
  private final class Found: @unchecked Sendable {
    private let lock = NSLock()
    private var results: [Result<CheckpointManifest.Entry, any Error>?]

    init(count: Int) { results = Array(repeating: nil, count: count) }

    func set(_ place: Int, _ result: Result<CheckpointManifest.Entry, any Error>) {
      lock.withLock { results[place] = result }
    }

    func all() -> [Result<CheckpointManifest.Entry, any Error>] { results.compactMap { $0 } }
  }
}
