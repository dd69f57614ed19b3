public import Foundation
public import Trajectories

/// The folder that a run is exported to: one folder a format with `train.jsonl`, `manifest.json`, a
/// README with the command that trains on each, and one file of rewards.
public struct ExportFolder {
  /// What the manifest tells of the run.
  public struct Origin {
    /// The run's folder, as it was named.
    public var run: String
    /// The policy's name.
    public var policy: String
    /// Updates the policy had seen.
    public var update: Int
    /// The text of the recipe.
    public var recipe: String
    /// SHA-256 of what the tokenizer is made of; nil where it has no file of its own.
    public var tokenizer: String?
    /// The text of the token that ends a response.
    public var end: String?
    /// The Crux that exports.
    public var version: String

    /// An origin with every field given.
    public init(
      run: String, policy: String, update: Int, recipe: String, tokenizer: String?, end: String?,
      version: String
    ) {
      self.run = run
      self.policy = policy
      self.update = update
      self.recipe = recipe
      self.tokenizer = tokenizer
      self.end = end
      self.version = version
    }
  }

  /// How many rows a format has, and how many of their prefixes encode to other tokens again.
  public struct Count: Equatable, Sendable {
    /// The format.
    public var format: TrainerFormat
    /// Rows.
    public var rows: Int
    /// Rows whose text is not the state that was drawn.
    public var moved: Int
  }

  private let export: TrainerExport
  private let origin: Origin
  private let digest: (Data) -> String

  /// A folder to write.
  ///
  /// - Parameters:
  ///   - export: Makes the rows.
  ///   - origin: What the manifest tells of the run.
  ///   - digest: SHA-256 of bytes, as hexadecimal digits.
  public init(_ export: TrainerExport, of origin: Origin, digest: @escaping (Data) -> String) {
    self.export = export
    self.origin = origin
    self.digest = digest
  }

  /// Writes the folder aside and puts it in place when it is whole.
  ///
  /// - Parameters:
  ///   - examples: What the run has to teach.
  ///   - formats: The formats to write.
  ///   - folder: Where; an earlier export is replaced, nothing else.
  ///   - rewards: The file of rewards; left out where nil.
  /// - Returns: What was written, by format.
  /// - Throws: A sentence where something else lies there or it cannot be written.
  public func write(
    _ examples: TrainingExamples, as formats: [TrainerFormat], to folder: URL, rewards: Data?
  ) throws -> [Count] {
    try refuseOther(folder)
    let files = FileManager.default
    let parent = folder.deletingLastPathComponent()
    let aside = parent.appendingPathComponent(".\(folder.lastPathComponent)-\(getpid())")
    try files.createDirectory(at: aside, withIntermediateDirectories: true)
    do {
      let counts = try fill(aside, examples, formats, rewards)
      if files.fileExists(atPath: folder.path) { try files.removeItem(at: folder) }
      try DurableFiles.rename(aside, to: folder)
      return counts
    } catch {
      try? files.removeItem(at: aside)
      throw error
    }
  }

  private static let manifest = "manifest.json"
  private static let kind = "crux export"

  private func refuseOther(_ folder: URL) throws {
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder.path) else {
      guard !FileManager.default.fileExists(atPath: folder.path) else {
        throw RecordsError("\(folder.path) is a file; name a folder to write.")
      }
      return
    }
    let place = folder.appendingPathComponent(Self.manifest)
    let isExport = (try? DurableFiles.text(of: place, limit: 1 << 24))?.contains(Self.kind) == true
    guard names.isEmpty || isExport else {
      throw RecordsError(
        "\(folder.path) holds something else than an export of Crux; name another folder.")
    }
  }

  private func fill(
    _ folder: URL, _ examples: TrainingExamples, _ formats: [TrainerFormat], _ rewards: Data?
  ) throws -> [Count] {
    var counts: [Count] = []
    var listed: [String: ExportedValue] = [:]
    for format in formats {
      let rows = export.rows(of: examples, for: format)
      let data = Data(rows.map { ExportedValue.object($0).json + "\n" }.joined().utf8)
      let place = folder.appendingPathComponent(format.rawValue)
      try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
      try DurableFiles.write(data, to: place.appendingPathComponent("train.jsonl"))
      let moved = rows.count { Self.isMoved($0) }
      counts.append(Count(format: format, rows: rows.count, moved: moved))
      listed[format.rawValue] = .object([
        "file": .text("\(format.rawValue)/train.jsonl"), "rows": .integer(rows.count),
        "moved": .integer(moved), "sha256": .text(digest(data)),
      ])
    }
    if let rewards {
      try DurableFiles.write(rewards, to: folder.appendingPathComponent("rewards.py"))
    }
    let page = ExportPage(formats: formats, origin: origin).text
    try DurableFiles.write(Data(page.utf8), to: folder.appendingPathComponent("README.md"))
    let manifest = self.manifest(listed, leftOut: examples.leftOut)
    try DurableFiles.write(
      Data((manifest.json + "\n").utf8), to: folder.appendingPathComponent(Self.manifest))
    return counts
  }

  private static func isMoved(_ row: [String: ExportedValue]) -> Bool {
    if case .object(let inner)? = row["extra_info"] { return isMoved(inner) }
    return row["boundary"] == .text("moved")
  }

  private func manifest(
    _ formats: [String: ExportedValue], leftOut: [String: Int]
  ) -> ExportedValue {
    .object([
      "kind": .text(Self.kind), "version": .text(origin.version), "run": .text(origin.run),
      "policy": .text(origin.policy), "update": .integer(origin.update),
      "recipe": .text(origin.recipe), "formats": .object(formats),
      "left_out": .object(leftOut.mapValues { .integer($0) }),
      "tokenizer_sha256": origin.tokenizer.map { .text($0) } ?? .null,
      "end_token": origin.end.map { .text($0) } ?? .null,
      "end_token_policy": .text("rows hold it where it was drawn; let the trainer add none"),
    ])
  }
}

/// The README of an export: what each folder holds and the command that trains on it.
private struct ExportPage {
  var formats: [TrainerFormat]
  var origin: ExportFolder.Origin

  var text: String {
    """
    # Rows of \(origin.run) for other trainers

    Policy \(origin.policy) after update \(origin.update). `crux export \(origin.run) model` writes the
    model that the commands below train. Every row has its token ids beside its text. Where `boundary`
    is `moved`, the text encodes to other tokens than were drawn: train on the ids, with the adapters of
    Crux's `samples/trainers`, or leave these rows out. `manifest.json` has counts, SHA-256 and what was
    left out and why; `rewards.py` has one reward in the shapes of TRL, verl and OpenRLHF.

    \(formats.map(section).joined(separator: "\n\n"))

    """
  }

  private func section(_ format: TrainerFormat) -> String {
    let (what, command) = Self.words(format)
    let block = command.map { "\n\n```bash\n\($0)\n```" } ?? ""
    return "## \(format.rawValue)\n\n\(what)\(block)"
  }

  /// What the rows of a format are, and the command that trains on them where a trainer has one.
  private static func words(_ format: TrainerFormat) -> (what: String, command: String?) {
    let model = "--model_name_or_path model --output_dir out"
    return switch format {
    case .trlDPO:
      (
        "A better and a worse continuation of one state; the prefix carries no loss.",
        "python3 samples/trainers/trl/exact_ids.py dpo --dataset_name trl-dpo \(model)"
      )
    case .trlKTO:
      (
        "Continuations, each right or wrong.",
        "python3 samples/trainers/trl/exact_ids.py kto --dataset_name trl-kto \(model)"
      )
    case .trlSFT:
      (
        "Right continuations; `labels` is -100 where nothing is learnt.",
        "trl sft --dataset_name trl-sft \(model)"
      )
    case .trlGRPO:
      (
        "States to roll out from: each row becomes one group.",
        "python3 samples/trainers/trl/exact_ids.py grpo --dataset_name trl-grpo \(model)"
      )
    case .verl:
      (
        "States to roll out from, for the agent loop `crux_reset`.",
        """
        PYTHONPATH=samples/trainers/verl python3 -m verl.trainer.main_ppo \\
          algorithm.adv_estimator=grpo data.shuffle=false \\
          data.train_files=verl/train.jsonl data.val_files=verl/train.jsonl \\
          actor_rollout_ref.model.path=model actor_rollout_ref.rollout.n=8 \\
          actor_rollout_ref.rollout.agent.agent_loop_config_path=samples/trainers/verl/agent_loop.yaml \\
          reward.custom_reward_function.path=rewards.py \\
          reward.custom_reward_function.name=compute_score
        """
      )
    case .openRLHF:
      (
        "States to roll out from; `label` holds the reference and the ids.",
        """
        python3 -m openrlhf.cli.train_ppo_ray --actor.model_name_or_path model \\
          --data.prompt_dataset openrlhf/train.jsonl --data.input_key input --data.label_key label \\
          --train.agent_func_path samples/trainers/openrlhf/reset_agent.py \\
          --algo.advantage.estimator group_norm \\
          --rollout.n_samples_per_prompt 8 --ckpt.output_dir out
        """
      )
    case .prm:
      (
        "Steps; `labels` tells whether any rollout after the step was right, `values` how many were. The "
          + "columns are those of TRL's PRMTrainer (to 1.13).", nil
      )
    case .awr:
      (
        "Continuations with `advantage` and `weight`: the loss of a row is multiplied by it, in a trainer "
          + "of your own.", nil
      )
    }
  }
}
