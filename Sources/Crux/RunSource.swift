import Foundation
import LanguageModel
import Learning
import Records
import Trajectories

/// What may be opened: a run as it is, or something that begins one.
struct RunSource {
  let path: String?
  let options: RecipeOptions

  /// Opens the run, or begins it.
  func open(readOnly: Bool) throws -> OpenedRun {
    guard let path else {
      guard options.model == nil else { return try begin(named: "model", recipeFile: nil) }
      return try .sample(readOnly: readOnly)
    }
    let url = URL(fileURLWithPath: path)
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else {
      throw Complaint("\(path) does not exist; name a run's folder, a recipe, a model or problems.")
    }
    if isFolder.boolValue { return try open(folder: url, readOnly: readOnly) }
    if url.lastPathComponent == RunStore.fileName {
      return try OpenedRun(url.deletingLastPathComponent(), readOnly: readOnly)
    }
    if url.pathExtension == "toml" { return try begin(named: path, recipeFile: path) }
    return try begin(problems: url)
  }

  private func open(folder: URL, readOnly: Bool) throws -> OpenedRun {
    let files = FileManager.default
    if files.fileExists(atPath: folder.appendingPathComponent("config.json").path) {
      var options = options
      options.model = folder.path
      return try RunSource(path: nil, options: options).begin(
        named: folder.path, recipeFile: nil)
    }
    return try OpenedRun(folder, readOnly: readOnly)
  }

  private func begin(named name: String, recipeFile: String?) throws -> OpenedRun {
    let recipe = try options.recipe(from: recipeFile)
    let model = try options.load(recipe, besides: recipeFile)
    try RecipeOptions.check(model, fits: try recipe.task.makeTask(), of: recipe)
    return try Trainer.begin(recipe, model: model, in: try RunNames.folder(nil, for: name))
  }

  private func begin(problems file: URL) throws -> OpenedRun {
    let entries = try ProblemFile.read(file)
    let run = try begin(named: file.path, recipeFile: nil)
    do { try fill(run, with: entries, of: file) } catch {
      // A run without its problems would be of no use to anyone.
      try? run.store.close()
      try? FileManager.default.removeItem(at: run.folder)
      throw error
    }
    return run
  }

  private func fill(_ run: OpenedRun, with entries: [ProblemEntry], of file: URL) throws {
    let explorer = try Trainer(run).loop.explorer
    var events: [RunEvent] = []
    for (number, entry) in entries.enumerated() {
      let id = "\(file.deletingPathExtension().lastPathComponent)/\(number + 1)"
      events += try explorer.answers(to: entry, id: id, count: 1).map { .sampled($0) }
    }
    try run.store.append(events)
  }
}

extension Explorer {
  /// The answer that comes with a problem, or answers of the policy where there is none.
  func answers(to entry: ProblemEntry, id: String, count: Int) throws -> [Trajectory] {
    try checkWords(of: entry)
    let problem = task.problem(id: id, prompt: entry.problem.prompt) ?? entry.problem
    guard let response = entry.response else {
      let seeds = (0..<count).map { recipe.seed(for: .drawn, [version, $0]) }
      return try sample(problem, seeds: seeds, name: { count == 1 ? id : "\(id)/\($0 + 1)" }) ?? []
    }
    return [trajectory(id: id, from: try start(of: problem), try recorded(response, problem))]
  }

  /// Checks that the policy knows every word, so that no text is silently changed.
  private func checkWords(of entry: ProblemEntry) throws {
    let text = entry.problem.prompt + " " + (entry.response ?? "")
    guard let unknown = codec.unknownPieces(in: text).first else { return }
    throw Complaint(
      "\(entry.problem.id): the policy does not know “\(unknown)”; "
        + "name a policy that does with --model.")
  }

  /// A response that was written elsewhere, scored by this policy; it ends where the file says.
  private func recorded(_ response: String, _ problem: Problem) throws -> Continuation {
    let prefix = codec.prompt(of: problem)
    var tokens = codec.encode(response)
    if let last = tokens.last, !codec.endTokens.contains(last) {
      tokens += [codec.endTokens.min()].compactMap { $0 }
    }
    guard !tokens.isEmpty, prefix.count + tokens.count <= policy.contextLength else {
      throw Complaint(
        "The response to \(problem.id) has \(tokens.count) tokens; with the prompt there must be "
          + "1 to \(policy.contextLength).")
    }
    let row = TokenRow(tokens: prefix + tokens, firstPredicted: prefix.count)
    let scores = policy.score([row])[0]
    let ended = tokens.last.map { codec.endTokens.contains($0) } ?? false
    return Continuation(
      tokens: tokens, logProbabilities: scores.logProbabilities, truncated: !ended, seed: 0)
  }
}
