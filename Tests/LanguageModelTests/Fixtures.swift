import Foundation
import LanguageModel
import Testing

@testable import ModelFiles

/// The numbers and files that other implementations computed.
enum Fixtures {
  /// Folder of the fixtures.
  static var golden: URL { Bundle.module.bundleURL.appendingPathComponent("Golden") }

  /// What lies beside the repository or nowhere.
  static let shared = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("shared")

  /// Files of a real tokenizer.
  static let sharedTokenizer = shared.appendingPathComponent("golden/tokenizer")

  /// Texts and their tokens for vocabularies of other families.
  static let tokenizerVectors = shared.appendingPathComponent("data/own/tokenizer_vectors")

  /// The GGUF of SmolLM2-135M-Instruct that the environment names.
  static let smolLM2 = ProcessInfo.processInfo.environment["CRUX_SMOLLM2"].map {
    URL(fileURLWithPath: $0)
  }

  /// What other engines computed with it.
  static let smolLM2Golden = shared.appendingPathComponent("golden/smollm2/expected.json")

  /// Whether both are there.
  static let hasSmolLM2 =
    smolLM2 != nil && FileManager.default.fileExists(atPath: smolLM2Golden.path)

  /// Folder of one small model.
  static func model(_ name: String) -> URL { golden.appendingPathComponent("models/\(name)") }

  /// The small models.
  ///
  /// Those with biases and linear scaling are `AutoModelForCausalLM.from_config` of transformers
  /// 5.24 with normal weights (deviation .2, biases .3, norms 1 ± .2, seed 11), computed in double
  /// with norms and rotation in double too; the rest came with the numbers in Golden.
  static let models = [
    "llama-tiny", "llama-tiny-llama3rope", "llama-tiny-untied", "qwen2-tiny", "qwen3-tiny",
    "llama-tiny-biases", "llama-tiny-linear", "qwen3-tiny-biases",
  ]

  /// Runs the body with a folder of its own that is removed afterwards.
  static func withFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("crux-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder)
  }

  /// The sentence of the error that the body throws; empty where it throws none of ours.
  static func problem(_ body: () throws -> Void) -> String {
    do { try body() } catch let error as ModelFileError { return error.description } catch {}
    return ""
  }
}
