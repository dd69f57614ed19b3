import ArgumentParser
import Foundation
import LanguageModel
import Learning
import ModelFiles
import Records
import Session
import Tensors
import Trajectories
import Workbench

/// Writes a model in the format of its next reader.
struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write a model, or what a run has to teach, for other programs.",
    discussion: """
      MODEL is a folder, a GGUF file, a checkpoint of a run, or a run, whose newest checkpoint is \
      taken; an adapter that was trained there is merged into the weights. OUT ending in .gguf is \
      a file that llama.cpp loads; any other is a folder that transformers loads, its weights F32. \
      A file or folder of a model is replaced, nothing else.

      With --for, MODEL is a run and OUT a folder with rows for other trainers: pairs, judged \
      continuations, the states that training resets to (a person's first) and valued steps, each \
      with its token ids, a manifest and the command that trains on it.
      """)

  /// How the matrices of a GGUF are stored.
  enum Format: String, CaseIterable, ExpressibleByArgument {
    case f32, f16
    case q80 = "q8_0"

    var storage: StorageFormat {
      switch self {
      case .f32: .f32
      case .f16: .f16
      case .q80: .q80
      }
    }
  }

  @Argument(help: "The model.")
  var model: String

  @Argument(help: "The file or folder to write.")
  var out: String

  @Option(help: "How a GGUF stores matrices: f32, f16 or q8_0.")
  var type: Format?

  @Option(help: "Folder of an adapter (PEFT) whose share is added to the weights.")
  var adapter: String?

  @Flag(help: "Of a run that trains an adapter, write it alone, as a folder that PEFT loads.")
  var onlyAdapter = false

  @Option(
    name: .customLong("for"),
    help: """
      Write rows for other trainers, with commas: \
      \(TrainerFormat.allCases.map(\.rawValue).joined(separator: ", ")).
      """)
  var trainers: String?

  private var writesGGUF: Bool { out.lowercased().hasSuffix(".gguf") }

  func validate() throws {
    if type != nil, !writesGGUF {
      throw ValidationError("--type is for GGUF files; a folder always holds F32.")
    }
    try refuse(
      [
        "--type": trainers != nil && type != nil, "--adapter": trainers != nil && adapter != nil,
        "--only-adapter": trainers != nil && onlyAdapter,
      ], "--for writes rows, not weights.")
    _ = try trainers.map(formats)
    try refuse(
      ["--type": onlyAdapter && type != nil, "--adapter": onlyAdapter && adapter != nil],
      "--only-adapter copies the run's own as it is.")
  }

  func run() throws {
    if let trainers { return try writeRows(for: try formats(trainers)) }
    if onlyAdapter { return try copyAdapter() }
    let files = try adapted()
    let url = URL(fileURLWithPath: out)
    (files.warnings + [files.tokenizerProblem].compactMap { $0 }).forEach(tell)
    if writesGGUF {
      try files.saveGGUF(to: url, format: (type ?? .f32).storage)
    } else {
      try files.save(to: url)
    }
    show("\(out): \(files.parameters.count) weights of \(model)")
  }

  /// The model with an adapter's share in its weights, its own or the one that was named.
  private func adapted() throws -> ModelFiles {
    let files = try files()
    if let adapter {
      let place = try Locations.adapter(adapter, besides: nil)
      try AdapterFiles.load(place, for: files.architecture).merge(into: files.parameters)
    }
    return files
  }

  private func files() throws -> ModelFiles {
    if let (checkpoint, run) = checkpoint {
      return try CheckpointFiles.model(checkpoint, run: run, record: nil).mergedFiles
    }
    let files = try ModelSource(try Locations.model(model, besides: nil)).load(
      progress: WorkProgress { read in
        tellProgress("Reading weights: \(read.done * 100 / max(1, read.total)) %")
      })
    endProgress()
    return files
  }

  /// The checkpoint that the model is, or the newest of the run that it is; nil for other models.
  private var checkpoint: (checkpoint: CheckpointFolder, run: URL)? {
    let url = URL(fileURLWithPath: model).standardizedFileURL
    if let newest = CheckpointFolder.newest(in: url) { return (newest, url) }
    let run = url.deletingLastPathComponent().deletingLastPathComponent()
    let found = CheckpointFolder.list(in: run).first { $0.url.path == url.path }
    return found.map { ($0, run) }
  }

  private func copyAdapter() throws {
    guard let folder = checkpoint?.checkpoint.url, AdapterFiles.isAdapter(folder) else {
      throw Complaint("\(model) is no run that trains an adapter; leave out --only-adapter.")
    }
    try AdapterFiles.copy(folder, to: URL(fileURLWithPath: out))
    show("\(out): the adapter of \(folder.path)")
  }
}

// Rows for other trainers.
extension ExportCommand {
  private func formats(_ names: String) throws -> [TrainerFormat] {
    try names.split(separator: ",").map { name in
      guard let format = TrainerFormat(rawValue: name.trimmingCharacters(in: .whitespaces)) else {
        let known = TrainerFormat.allCases.map(\.rawValue).joined(separator: ", ")
        throw ValidationError("--for does not know “\(name)”; it knows \(known).")
      }
      return format
    }
  }

  private func writeRows(for formats: [TrainerFormat]) throws {
    let run = try OpenedRun(URL(fileURLWithPath: model), readOnly: true)
    guard let tokenizer = BaseModel.tokenizer(of: run.folder) else {
      throw Complaint("The tokenizer of \(model) is gone, so its tokens have no text.")
    }
    let history = RunHistory(try run.store.events().map(\.event))
    let sources = try history.trajectories.map { try source($0, of: history, in: run.store) }
    let examples = ExampleCollection.examples(of: sources, recipe: run.recipe)
    let regression = AdvantageWeightedRegression(
      beta: run.recipe.objective.beta, limit: run.recipe.objective.weightLimit)
    let export = TrainerExport(
      decode: { tokenizer.decode($0, skipSpecial: false) },
      encode: { tokenizer.encode($0, addSpecialTokens: false) }, weight: regression.weight)
    let rewards = try Resources.current.find("samples/trainers/rewards.py").map {
      try Data(contentsOf: $0)
    }
    let folder = ExportFolder(export, of: try origin(run, history, tokenizer), digest: sha256)
    let counts = try folder.write(
      examples, as: formats, to: URL(fileURLWithPath: out), rewards: rewards)
    counts.forEach { show("\(out)/\($0.format.rawValue): \($0.rows) rows\(moved($0))") }
    for (reason, count) in examples.leftOut.sorted(by: { $0.key < $1.key }) {
      tell("Left out \(count): \(reason).")
    }
  }

  private func moved(_ count: ExportFolder.Count) -> String {
    count.moved == 0
      ? "" : ", \(count.moved) whose text encodes to other tokens; train on their ids"
  }

  private func source(
    _ answer: Trajectory, of history: RunHistory, in store: RunStore
  ) throws -> ExampleSource {
    let mark = history.mark(of: answer.id)
    let valuation = history.newestValuation(of: answer.id)
    let rollouts = try valuation.map { try store.evidence(of: answer, version: $0.policyVersion) }
    return ExampleSource(
      answer: answer, choice: history.proposal(for: answer.id)?.obeying(mark), mark: mark,
      valuation: valuation, rollouts: rollouts ?? [])
  }

  private func origin(
    _ run: OpenedRun, _ history: RunHistory, _ tokenizer: Tokenizer
  ) throws -> ExportFolder.Origin {
    let words = (0..<tokenizer.vocabularySize).map { tokenizer.decode([Token($0)]) }
    return ExportFolder.Origin(
      run: model, policy: run.policyName, update: history.policyVersion,
      recipe: RecipeFile.text(of: run.recipe),
      tokenizer: sha256(Data(words.joined(separator: "\u{0}").utf8)),
      end: tokenizer.endTokens.min().map { tokenizer.decode([$0], skipSpecial: false) },
      version: Version.text)
  }

  private func sha256(_ data: Data) -> String {
    var digest = Digest()
    data.withUnsafeBytes { digest.add($0) }
    return digest.hexadecimal
  }
}
