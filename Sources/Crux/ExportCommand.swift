import ArgumentParser
import Foundation
import LanguageModel
import ModelFiles
import Records
import Session
import Tensors

/// Writes a model in the format of its next reader.
struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write a model as a GGUF file or as a Hugging Face folder.",
    discussion: """
      MODEL is a folder, a GGUF file, a checkpoint of a run, or a run, whose newest checkpoint is \
      taken; an adapter that was trained there is merged into the weights. OUT ending in .gguf is \
      a file that llama.cpp loads; any other is a folder that transformers loads, its weights F32. \
      A file or folder of a model is replaced, nothing else.
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

  private var writesGGUF: Bool { out.lowercased().hasSuffix(".gguf") }

  func validate() throws {
    if type != nil, !writesGGUF {
      throw ValidationError("--type is for GGUF files; a folder always holds F32.")
    }
    try refuse(
      ["--type": onlyAdapter && type != nil, "--adapter": onlyAdapter && adapter != nil],
      "--only-adapter copies the run's own as it is.")
  }

  func run() throws {
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
