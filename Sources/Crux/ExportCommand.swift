import ArgumentParser
import Foundation
import LanguageModel
import Records
import Tensors

/// Writes a model in the format of its next reader.
struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write a model as a GGUF file or as a Hugging Face folder.",
    discussion: """
      MODEL is a folder, a GGUF file, a checkpoint of a run, or a run, whose newest checkpoint is \
      taken. OUT ending in .gguf is a file that llama.cpp loads; any other is a folder that \
      transformers loads, its weights F32. A file or folder of a model is replaced, nothing else.
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

  private var writesGGUF: Bool { out.lowercased().hasSuffix(".gguf") }

  func validate() throws {
    if type != nil, !writesGGUF {
      throw ValidationError("--type is for GGUF files; a folder always holds F32.")
    }
  }

  func run() throws {
    let source = try ModelSource(try place())
    let files = try source.load { done, total in
      tellProgress("Reading weights: \(done * 100 / max(1, total)) %")
      return true
    }
    endProgress()
    let url = URL(fileURLWithPath: out)
    if let problem = files.tokenizerProblem { tell(problem) }
    if writesGGUF {
      try files.saveGGUF(to: url, format: (type ?? .f32).storage)
    } else {
      try files.save(to: url)
    }
    print("\(out): \(source.weightCount) weights of \(source.place.path)")
  }

  /// The model's place; for a run that of its newest checkpoint.
  private func place() throws -> URL {
    let run = URL(fileURLWithPath: model)
    if let checkpoint = CheckpointFolder.newest(in: run) { return checkpoint.url }
    return try Locations.model(model, besides: nil)
  }
}
