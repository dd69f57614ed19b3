import Foundation
import ModelFiles
import Records
import Session
import Trajectories

/// What may be opened: a run as it is, or something that begins one.
struct RunSource {
  let path: String?
  let options: RecipeOptions
  /// Which servers draw in place of the embedded engine.
  var server = ServerOptions()
  /// What the prompts of a benchmark's file ask for beside the question.
  var style: PromptStyle?
  /// A benchmark with the right answers of labelled solutions that come without.
  var gold: String?

  /// Finds out what is to be opened; no weights are read yet.
  ///
  /// - Throws: What can be said at once: a path, a recipe or a file of problems that does not fit.
  func opening(readOnly: Bool) throws -> Opening {
    let opening = try found(readOnly: readOnly)
    if case .beginning = opening {
      try refuse(
        ["--read-only": readOnly], "what begins now is a run in runs/; name one that is there.")
    }
    return opening
  }

  private func found(readOnly: Bool) throws -> Opening {
    if let path, options.model != nil {
      let source = DumpSource(path: path)
      if let dump = try source.reader() {
        try refuseFileOptions()
        return try begin(named: path, problems: try source.answers(of: dump))
      }
    }
    guard let path else {
      try refuseFileOptions()
      if let model = options.model { return try begin(named: model) }
      try refuse(
        ["--server": server.isNamed], "name a run, or with --model the files of what is served.")
      return try recorded { try .sample(readOnly: readOnly) }
    }
    let url = URL(fileURLWithPath: path)
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else {
      // A name such as organisation/name may stand in Hugging Face's cache.
      if ModelName(path) != nil { return try open(model: path) }
      throw Complaint("\(path) does not exist; name a run's folder, a recipe, a model or problems.")
    }
    if isFolder.boolValue { return try open(folder: url, readOnly: readOnly) }
    if url.lastPathComponent == RunStore.fileName {
      return try recorded {
        try OpenedRun(url.deletingLastPathComponent(), readOnly: readOnly)
      }
    }
    if ModelSource.isModel(url) { return try open(model: url.path) }
    if url.pathExtension == "toml" {
      try refuseFileOptions()
      return try begin(named: path, recipeFile: path)
    }
    return try begin(problems: url)
  }

  private func open(folder: URL, readOnly: Bool) throws -> Opening {
    if ModelSource.isModel(folder) { return try open(model: folder.path) }
    return try recorded { try OpenedRun(folder, readOnly: readOnly) }
  }

  /// A run that is there, with the recipe it began with.
  private func recorded(_ open: () throws -> OpenedRun) throws -> Opening {
    try refuseFileOptions()
    try options.refuse(
      "a run keeps the recipe it began with; name a recipe or a model to begin another run.")
    let run = try open()
    options.consent(to: run.recipe, from: nil)
    return .recorded(run)
  }

  private func refuseFileOptions() throws {
    try refuse(
      ["--style": style != nil, "--gold": gold != nil],
      "they are for a file of problems; a recipe has task.style, and a run keeps its answers.")
  }

  private func open(model: String) throws -> Opening {
    try refuseFileOptions()
    try refuse(["--model": options.model != nil], "\(model) is a model too; name one of them.")
    var options = options
    options.model = model
    return try RunSource(path: nil, options: options, server: server).begin(named: model)
  }

  private func begin(
    named name: String, recipeFile: String? = nil, over defaults: Recipe = Recipe(),
    problems: [AskedProblem] = []
  ) throws -> Opening {
    let recipe = try served(try options.recipe(from: recipeFile, over: defaults))
    let folder = recipeFile.map { URL(fileURLWithPath: $0).deletingLastPathComponent() }
    let model = try Locations.model(recipe.model, besides: folder)
    return .beginning(
      RunBeginning(
        recipe: recipe,
        recipeForModel: { model in
          try served(try options.recipe(from: recipeFile, over: defaults, for: model))
        }, recipeFolder: folder,
        isLimitChosen: recipeFile != nil || options.sets(RecipeChange.Key.limit.rawValue),
        model: model, source: name, problems: problems))
  }

  /// The recipe with the servers of the command line; where a server draws, nothing learns here, so
  /// nothing is put beside the weights.
  private func served(_ recipe: Recipe) throws -> Recipe {
    var recipe = recipe
    server.put(into: &recipe)
    guard recipe.server.isNamed else { return recipe }
    try refuse(
      ["--adapter": options.adapter != nil],
      "a server draws, so it has to hold the adapter: --server-adapter FOLDER.")
    (recipe.adapter.rank, recipe.adapter.start) = (0, AdapterChoice.new)
    try recipe.check()
    return recipe
  }

  private func begin(problems file: URL) throws -> Opening {
    let stem = file.deletingPathExtension().lastPathComponent
    let source = ProblemSource(file: file, style: style, gold: gold)
    let problems = try source.problems { "\(stem)/\($0 + 1)" }
    var defaults = Recipe()
    defaults.task.ask(problems, of: file, style: style)
    return try begin(named: file.path, over: defaults, problems: problems)
  }
}
