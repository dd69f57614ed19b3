import Foundation
import LanguageModel
import ModelFiles
import Records
import Trajectories

/// The model a run began with: a copy in its first checkpoint, or the place where it lies.
struct BaseModel: Codable {
  /// Path of the folder or file.
  var path: String
  /// Number of its weights.
  var weights: Int
  /// Tells whether any of them changed since.
  var fingerprint: String

  private static let file = "base.json"
  private static let mostCopied = 1 << 24

  /// Writes the model, or where it lies, into the first checkpoint's folder.
  static func write(_ model: LoadedModel, _ choice: CopyChoice, into folder: URL) throws {
    let base = model.policy.base
    guard choice == .never || (choice == .small && base.count > mostCopied) else {
      return try model.save(to: folder)
    }
    let place = BaseModel(
      path: model.folder.standardizedFileURL.path, weights: base.count,
      fingerprint: base.fingerprint)
    try Data(try jsonPages(place).utf8).write(to: folder.appendingPathComponent(file))
  }

  /// Whether a first checkpoint says where its model lies.
  static func isNamed(in folder: URL) -> Bool {
    FileManager.default.fileExists(atPath: folder.appendingPathComponent(file).path)
  }

  /// Loads the model a run began with.
  static func load(
    of run: URL, report: (Double) -> Bool = { _ in true }
  ) throws -> LoadedModel {
    guard let first = CheckpointFolder.list(in: run).first, first.update == 0 else {
      throw Complaint("\(run.path) has no checkpoint 0, so its first model is not known.")
    }
    if LoadedModel.isModel(first.url) { return try LoadedModel(first.url, report: report) }
    let file = first.url.appendingPathComponent(Self.file)
    let place: BaseModel
    do {
      place = try JSONDecoder().decode(BaseModel.self, from: try Data(contentsOf: file))
    } catch {
      throw Complaint("\(file.path) cannot be read: \(error.localizedDescription)")
    }
    return try place.load(named: file, report: report)
  }

  /// The tokenizer of the model a run began with, without its weights; nil where it is gone.
  static func tokenizer(of run: URL) -> Tokenizer? {
    guard let first = CheckpointFolder.list(in: run).first?.url else { return nil }
    var place = first
    if !LoadedModel.isModel(first) {
      guard let data = try? Data(contentsOf: first.appendingPathComponent(Self.file)),
        let base = try? JSONDecoder().decode(BaseModel.self, from: data)
      else { return nil }
      place = URL(fileURLWithPath: base.path)
    }
    return (try? ModelSource(place))?.tokenizer
  }

  private func load(named file: URL, report: (Double) -> Bool) throws -> LoadedModel {
    guard FileManager.default.fileExists(atPath: path) else {
      throw Complaint(
        "The model this run began with is not at \(path) any more; put it back, or write its new "
          + "place into \(file.path).")
    }
    let model = try LoadedModel(URL(fileURLWithPath: path), report: report)
    guard model.policy.base.count == weights, model.policy.base.fingerprint == fingerprint else {
      throw Complaint(
        "The model at \(path) is not the one this run began with: its weights have changed. Put "
          + "the old one back, or write its place into \(file.path).")
    }
    return model
  }
}
