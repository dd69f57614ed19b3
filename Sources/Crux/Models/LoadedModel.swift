import Foundation
import LanguageModel
import Learning
import ModelFiles
import Trajectories

/// A model in memory: the policy and its tokenizer.
struct LoadedModel {
  let folder: URL
  let policy: Transformer
  let tokenizer: Tokenizer
  let endTokens: Set<Token>
  /// The token by which Crux ends a text itself.
  let endToken: Token?
  private let files: ModelFiles

  /// What should be known before the model is trusted, in sentences.
  var warnings: [String] { files.warnings }

  /// Reads a model; `report` hears what share is read and answers whether to go on.
  init(_ folder: URL, report: (Double) -> Bool = { _ in true }) throws {
    guard report(0) else { throw ModelLoadingStopped() }
    let source = try ModelSource(folder)
    guard let tokenizer = source.tokenizer else {
      throw Complaint(source.tokenizerProblem ?? "\(folder.path) has no tokenizer.json.")
    }
    var files = try source.load { report(Double($0) / Double(max(1, $1))) }
    files.configuration.state(taskOf: tokenizer)
    self.files = files
    self.folder = folder
    self.tokenizer = tokenizer
    endTokens = files.endTokens
    endToken = files.endToken
    policy = Transformer(architecture: files.architecture, parameters: files.parameters)
  }

  /// The embedded task that the model was made for; nil for all that people know.
  var statedTask: TaskName? { files.configuration.statedTask }

  /// The same model with an adapter's matrices beside its weights, which are shared.
  func adapted(by adapter: LowRankAdapter?) -> LoadedModel {
    LoadedModel(self, policy: policy.adapted(by: adapter))
  }

  private init(_ other: LoadedModel, policy: Transformer) {
    (folder, tokenizer) = (other.folder, other.tokenizer)
    (endTokens, endToken) = (other.endTokens, other.endToken)
    files = other.files
    self.policy = policy
  }

  /// Whether a folder holds a whole model.
  static func isModel(_ folder: URL) -> Bool {
    FileManager.default.fileExists(atPath: folder.appendingPathComponent("config.json").path)
  }

  /// The model's files with an adapter's share added to the weights.
  var mergedFiles: ModelFiles {
    var merged = files
    if policy.adapter != nil { merged.parameters = policy.mergedParameters() }
    return merged
  }

  /// Writes the model as it is now into a folder that others can load.
  func save(to folder: URL) throws { try files.save(to: folder) }
}

/// The model's tokenizer as learning sees it: nothing added, end tokens shown.
struct TokenizerCodec: TextCodec {
  private let tokenizer: Tokenizer
  let endTokens: Set<Token>
  let endToken: Token?

  init(_ model: LoadedModel) {
    tokenizer = model.tokenizer
    (endTokens, endToken) = (model.endTokens, model.endToken)
  }

  func encode(_ text: String) -> [Token] { tokenizer.encode(text, addSpecialTokens: false) }
  func decode(_ tokens: [Token]) -> String { tokenizer.decode(tokens, skipSpecial: false) }
  func unknownPieces(in text: String) -> [String] { tokenizer.unknownPieces(in: text) }
  func pieces(_ tokens: [Token]) -> [String] { tokenizer.pieces(tokens) }
}

// A model is a small policy of an embedded task only where it says so.
extension Configuration {
  /// The key of `config.json` that says it.
  private static let key = "crux_task"

  /// The embedded task that the model was made for; nil where it names none.
  var statedTask: TaskName? { note(Configuration.key).flatMap(TaskName.init(rawValue:)) }

  /// Writes down that the model was made for a task.
  mutating func state(_ task: TaskName) { setNote(Configuration.key, task.rawValue) }

  /// Writes it down for models of before, which did not say it: their vocabulary is exactly the
  /// words of the embedded tasks, in their order.
  ///
  /// A word of those among many others says nothing: `?v` is a token of large vocabularies too.
  mutating func state(taskOf tokenizer: Tokenizer) {
    guard note(Configuration.key) == nil else { return }
    let modulus = tokenizer.vocabularySize - TaskVocabulary(modulus: 0).words.count
    guard (1...997).contains(modulus) else { return }
    let words = TaskVocabulary(modulus: modulus).words
    guard words.enumerated().allSatisfy({ tokenizer.token(for: $1) == Token($0) }) else { return }
    state(.chains)
  }
}
