package import Foundation
package import LanguageModel
package import Learning
package import ModelFiles
import Records
import Tensors
package import Trajectories

/// A model in memory: the policy and its tokenizer.
package struct LoadedModel {
  let folder: URL
  package let policy: Transformer
  let tokenizer: Tokenizer
  let endTokens: Set<Token>
  /// The token by which Crux ends a text itself.
  let endToken: Token?
  private let files: ModelFiles
  /// Number of the model's weights; 0 where a server has them and they are not here.
  let weightCount: Int
  /// Whether the weights are not here: a server has them, and the policy must be asked nothing.
  let isHollow: Bool

  /// What should be known before the model is trusted, in sentences.
  package var warnings: [String] { files.warnings }

  /// Reads a model; `progress` hears what share is read.
  ///
  /// - Parameters:
  ///   - folder: The model's folder or file.
  ///   - isServed: Whether a server has the weights, so that they are left where they are.
  ///   - progress: Hears what share is read.
  /// - Throws: A sentence where it cannot be read; `Stopped`.
  package init(
    _ folder: URL, isServed: Bool = false, progress: WorkProgress<Double> = .unheard
  ) throws {
    try progress(0)
    let source = try isServed ? ModelSource(served: folder) : ModelSource(folder)
    guard let tokenizer = source.tokenizer else {
      throw Complaint(source.tokenizerProblem ?? "\(folder.path) has no tokenizer.json.")
    }
    (isHollow, weightCount) = (isServed, source.weightCount)
    var files =
      try isServed
      ? source.withoutWeights()
      : source.load(
        asStored: true, progress: progress.reporting { Double($0.done) / Double(max(1, $0.total)) })
    files.configuration.state(taskOf: tokenizer)
    self.files = files
    self.folder = folder
    self.tokenizer = tokenizer
    endTokens = files.endTokens
    endToken = files.endToken
    policy = Transformer(architecture: files.architecture, parameters: files.parameters)
  }

  /// The embedded task that the model was made for; nil for all that people know.
  package var statedTask: TaskName? { files.configuration.statedTask }

  /// The same model with weights that can learn, or with an adapter that does.
  func widened() -> LoadedModel {
    policy.base.isStored && policy.adapter == nil
      ? LoadedModel(self, policy: policy.widened()) : self
  }

  /// The same model with an adapter's matrices beside its weights, which are shared.
  func adapted(by adapter: LowRankAdapter?) -> LoadedModel {
    LoadedModel(self, policy: policy.adapted(by: adapter))
  }

  private init(_ other: LoadedModel, policy: Transformer) {
    (folder, tokenizer) = (other.folder, other.tokenizer)
    (endTokens, endToken) = (other.endTokens, other.endToken)
    (weightCount, isHollow) = (other.weightCount, other.isHollow)
    files = other.files
    self.policy = policy
  }

  /// Whether a folder holds a whole model.
  static func isModel(_ folder: URL) -> Bool {
    FileManager.default.fileExists(atPath: folder.appendingPathComponent("config.json").path)
  }

  /// The model's files with an adapter's share added to the weights.
  package var mergedFiles: ModelFiles {
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
  package mutating func state(_ task: TaskName) { setNote(Configuration.key, task.rawValue) }

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

/// The model a run began with: a copy in its first checkpoint, or the place where it lies.
package struct BaseModel: Codable {
  /// Path of the folder or file.
  var path: String
  /// Number of its weights.
  var weights: Int
  /// Tells whether any of them changed since; empty where they were never read here.
  var fingerprint: String

  private static let file = "base.json"
  private static let mostCopied = 1 << 24

  /// Writes the model, or where it lies, into the first checkpoint's folder.
  static func write(_ model: LoadedModel, _ choice: CopyChoice, into folder: URL) throws {
    let base = model.policy.base
    let isNamed =
      model.isHollow || choice == .never || (choice == .small && base.count > mostCopied)
    guard isNamed else { return try model.save(to: folder) }
    let place = BaseModel(
      path: model.folder.standardizedFileURL.path, weights: model.weightCount,
      fingerprint: model.isHollow ? "" : base.fingerprint)
    try Data(try jsonPages(place).utf8).write(to: folder.appendingPathComponent(file))
  }

  /// Whether a first checkpoint says where its model lies.
  static func isNamed(in folder: URL) -> Bool {
    FileManager.default.fileExists(atPath: folder.appendingPathComponent(file).path)
  }

  /// Loads the model a run began with; without its weights where a server has them.
  static func load(
    of run: URL, isServed: Bool = false, progress: WorkProgress<Double> = .unheard
  ) throws -> LoadedModel {
    guard let first = CheckpointFolder.list(in: run).first, first.update == 0 else {
      throw Complaint("\(run.path) has no checkpoint 0, so its first model is not known.")
    }
    if LoadedModel.isModel(first.url) {
      return try LoadedModel(first.url, isServed: isServed, progress: progress)
    }
    let file = first.url.appendingPathComponent(Self.file)
    let place: BaseModel
    do {
      place = try JSONDecoder().decode(BaseModel.self, from: try Data(contentsOf: file))
    } catch {
      throw Complaint("\(file.path) cannot be read: \(error.localizedDescription)")
    }
    return try place.load(named: file, isServed: isServed, progress: progress)
  }

  /// The tokenizer of the model a run began with, without its weights; nil where it is gone.
  package static func tokenizer(of run: URL) -> Tokenizer? {
    guard let first = CheckpointFolder.list(in: run).first?.url else { return nil }
    var place = first
    if !LoadedModel.isModel(first) {
      guard let data = try? Data(contentsOf: first.appendingPathComponent(Self.file)),
        let base = try? JSONDecoder().decode(BaseModel.self, from: data)
      else { return nil }
      place = URL(fileURLWithPath: base.path)
    }
    return (try? ModelSource(served: place))?.tokenizer
  }

  private func load(
    named file: URL, isServed: Bool, progress: WorkProgress<Double>
  ) throws -> LoadedModel {
    guard FileManager.default.fileExists(atPath: path) else {
      throw Complaint(
        "The model this run began with is not at \(path) any more; put it back, or write its new "
          + "place into \(file.path).")
    }
    let model = try LoadedModel(
      URL(fileURLWithPath: path), isServed: isServed, progress: progress)
    // Weights that stayed elsewhere have left no mark to compare with.
    guard !isServed, !fingerprint.isEmpty else { return model }
    guard model.policy.base.count == weights, model.policy.base.fingerprint == fingerprint else {
      throw Complaint(
        "The model at \(path) is not the one this run began with: its weights have changed. Put "
          + "the old one back, or write its place into \(file.path).")
    }
    return model
  }
}

extension LoadedModel {
  /// The model with the adapter that a recipe asks for, new or from a folder; itself where none is.
  package func adapted(as recipe: Recipe, besides folder: URL?) throws -> LoadedModel {
    // Whoever has the weights has the adapter.
    guard !isHollow else { return self }
    let choice = recipe.adapter
    if choice.start != AdapterChoice.new {
      let place = try Locations.adapter(choice.start, besides: folder)
      return adapted(by: try AdapterFiles.load(place, for: policy.architecture))
    }
    guard var settings = choice.settings else { return self }
    // A name on the hub is of use to everyone, a path only here.
    let isCached = self.folder.path.contains("/models--")
    settings.baseName = isCached ? recipe.model : self.folder.standardizedFileURL.path
    return adapted(
      by: LowRankAdapter(
        architecture: policy.architecture, settings: settings,
        seed: recipe.seed(for: .adapter, [])))
  }
}

extension Locations {
  /// A folder with an adapter: a path from the recipe's folder or from the working directory.
  package static func adapter(_ name: String, besides folder: URL?) throws -> URL {
    let here = URL(fileURLWithPath: FileManager.default.currentDirectoryPath, isDirectory: true)
    let places = [folder, here].compactMap { $0 }.map { URL(fileURLWithPath: name, relativeTo: $0) }
    guard let found = places.first(where: AdapterFiles.isAdapter) else {
      throw Complaint(
        "The adapter \(name) was not found: no adapter_config.json in "
          + places.map(\.path).joined(separator: ", ") + ".")
    }
    return found.absoluteURL.standardizedFileURL
  }
}

extension LoadedModel {
  /// Text to tokens and back as a recipe wants it: a conversation where the model has a template.
  package func codec(for recipe: Recipe) throws -> any TextCodec {
    let plain = TokenizerCodec(self)
    guard recipe.prompt.chat == .auto else { return plain }
    let examples =
      try recipe.prompt.exampleTexts.isEmpty
      ? [] : recipe.prompt.workedExamples(of: try recipe.makeProblems())
    guard tokenizer.hasChatTemplate else {
      guard examples.isEmpty, !recipe.prompt.needsTemplate else {
        throw Complaint(
          "The model in \(folder.path) has no chat template, so prompt.system, prompt.examples, "
            + "prompt.thinking and prompt.date have no place; leave them as they are by "
            + "themselves or take a chat model.")
      }
      return plain
    }
    let template = try tokenizer.readChatTemplate()
    let prompt = recipe.prompt
    let turnEnd = tokenizer.turnEnd(of: template, options: prompt.options)
    return try ConversationCodec(plain, turnEnd: turnEnd) { question in
      try template.render(
        prompt.conversation(examples, question: question), addGenerationPrompt: true,
        options: prompt.options)
    }
  }
}

extension PromptChoice {
  /// What the recipe chooses of a template.
  fileprivate var options: ChatOptions {
    ChatOptions(
      thinks: thinking == .auto ? nil : thinking == .on, date: date.isEmpty ? nil : date)
  }

  /// The turns before an answer.
  fileprivate func conversation(
    _ examples: [WorkedExample], question: String
  ) -> [ChatMessage] {
    let opening = system.isEmpty ? [] : [ChatMessage(role: "system", content: system)]
    let shown = examples.flatMap {
      [
        ChatMessage(role: "user", content: $0.question),
        ChatMessage(role: "assistant", content: $0.answer),
      ]
    }
    return opening + shown + [ChatMessage(role: "user", content: question)]
  }
}

extension LoadedModel {
  /// A loop that begins to train this policy; `now` are seconds from any beginning.
  package func loop(
    of recipe: Recipe, now: @escaping () -> Double = { ProcessInfo.processInfo.systemUptime }
  ) throws -> TrainingLoop {
    let policy = widened().policy
    // A copy of the start costs a pass an update; it is made only where the loss asks for it.
    let start = recipe.objective.klCoefficient > 0 ? policy.copy() : nil
    return try TrainingLoop(
      policy: policy, reference: start.map { start in { () -> any Policy in start } },
      codec: try codec(for: recipe), task: try recipe.makeTask(), recipe: recipe, now: now)
  }

  /// Checks that the policy knows the task's words, so that no prompt is silently cut.
  package func check(fits task: any ReasoningTask, of recipe: Recipe) throws {
    var random = Random(seed: 1)
    for _ in 0..<16 {
      let problem = task.problem(id: "check", random: &random)
      // What a file holds besides is nothing that the policy has to say.
      let text = problem.prompt + " " + (problem.isOwn ? "" : problem.solution ?? "")
      let unknown = tokenizer.unknownPieces(in: text)
      guard unknown.isEmpty else {
        guard !problem.isOwn else {
          throw Complaint(
            "\(problem.id): the policy does not know “\(unknown[0])”; "
              + "name a policy that does with --model.")
        }
        throw Complaint(
          "The policy in \(folder.path) does not know “\(unknown[0])”, which the task "
            + "\(recipe.task.name.rawValue) with modulus \(recipe.task.modulus) uses; "
            + "warm one up with crux warm-up, or change the task.")
      }
    }
  }
}
