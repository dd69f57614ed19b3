import Foundation
import LanguageModel
import Testing

/// The numbers and files that other implementations computed.
enum Fixtures {
  /// Folder of the fixtures.
  static var golden: URL { Bundle.module.bundleURL.appendingPathComponent("Golden") }

  /// Files of a real tokenizer, which lie beside the repository or nowhere.
  static let sharedTokenizer = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("shared/golden/tokenizer")

  /// Folder of one small model.
  static func model(_ name: String) -> URL { golden.appendingPathComponent("models/\(name)") }

  /// The small models.
  static let models = [
    "llama-tiny", "llama-tiny-llama3rope", "llama-tiny-untied", "qwen2-tiny", "qwen3-tiny",
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
