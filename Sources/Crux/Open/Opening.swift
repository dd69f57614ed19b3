import Foundation
import LanguageModel
import Learning
import ModelFiles
import Records
import Tensors
import Trajectories

/// What is behind the first frame: a run that is there, or one that begins once its model is loaded.
enum Opening {
  /// A run that is there.
  case recorded(OpenedRun)
  /// A run to begin.
  case beginning(RunBeginning)

  /// The run; nil while it has not begun.
  var run: OpenedRun? {
    switch self {
    case .recorded(let run): run
    case .beginning: nil
    }
  }

  /// What the title line says is open.
  var name: String {
    switch self {
    case .recorded(let run): run.name
    case .beginning(let beginning): beginning.name
    }
  }

  /// The policy's name as the title line shows it.
  var policyName: String {
    switch self {
    case .recorded(let run): run.policyName
    case .beginning(let beginning): beginning.recipe.policyName
    }
  }

  /// Why nothing may be changed; nil when all may.
  var readOnly: String? { run?.readOnly }

  /// Problems that the policy answers first.
  var problems: [AskedProblem] {
    switch self {
    case .recorded: []
    case .beginning(let beginning): beginning.problems
    }
  }

  /// Whether the limit of answers may be raised unasked: where nobody chose it.
  func lengthens(for model: LoadedModel) -> Bool {
    guard case .beginning(let beginning) = self, model.statedTask == nil else { return false }
    return beginning.recipeFile == nil && !beginning.options.sets(RecipeChange.Key.limit.rawValue)
  }

  /// Reads the weights, and begins the run where there is none; `progress` hears what share is
  /// read.
  func load(_ progress: WorkProgress<Double>) throws -> Trainer {
    switch self {
    case .recorded(let run): try Trainer(run, progress: progress)
    case .beginning(let beginning): try beginning.begin(progress)
    }
  }
}

/// A run to begin: its recipe, its model, and the problems it answers first.
struct RunBeginning {
  /// What was chosen, as far as it does not hang on the model.
  var recipe: Recipe
  /// What holds where neither a recipe nor the choices beside it say otherwise.
  var defaults = Recipe()
  /// Where the recipe lies; nil where nobody wrote one.
  var recipeFile: String?
  /// The choices beside it.
  var options: RecipeOptions
  /// The model's files.
  var model: URL
  /// The file that the run is named after.
  var source: String
  var problems: [AskedProblem] = []

  /// The file's own name.
  var name: String { URL(fileURLWithPath: source).lastPathComponent }

  /// Loads the model and makes the run's folder.
  func begin(_ progress: WorkProgress<Double>) throws -> Trainer {
    let folder = recipeFile.map { URL(fileURLWithPath: $0).deletingLastPathComponent() }
    let base = try LoadedModel(model, progress: progress)
    let recipe = try options.recipe(from: recipeFile, over: defaults, for: base)
    let model = try base.adapted(as: recipe, besides: folder)
    let task = try recipe.makeTask()
    try RecipeOptions.check(model, fits: task, of: recipe)
    // A folder that is made while the reader already leaves would be of no use to anyone.
    try progress(1)
    let run = try Trainer.begin(
      recipe, model: model, task: task, in: try RunNames.folder(nil, for: source))
    return try Trainer(run, begunWith: model)
  }
}

/// A run that was opened: its folder, its events and its recipe; no weights yet.
struct OpenedRun {
  let folder: URL
  let store: RunStore
  /// What the run goes by: the recipe of its record, with the edits that were accepted.
  private(set) var recipe: Recipe
  /// What recipe.toml says otherwise, which nobody has accepted yet.
  private(set) var edits: [RecipeEdit]
  private var written: Recipe
  /// Why nothing may be changed; nil when all may.
  let readOnly: String?

  /// The run's name as the title line shows it.
  var name: String {
    let parent = folder.deletingLastPathComponent().lastPathComponent
    return "\(parent)/\(folder.lastPathComponent)"
  }

  /// The policy's name as the title line shows it.
  var policyName: String { recipe.policyName }

  /// Whether it was killed before its first checkpoint, so that it can be begun again.
  var neverBegan: Bool { (try? store.neverBegan) == true }

  init(_ folder: URL, readOnly wish: Bool) throws {
    self.folder = folder
    let writable = FileManager.default.isWritableFile(atPath: folder.path)
    let readOnly = wish || !writable
    store = try RunStore(opening: folder, readOnly: readOnly)
    self.readOnly =
      !readOnly ? nil : wish ? "opened with --read-only" : "the folder cannot be written"
    written = try OpenedRun.writtenRecipe(in: folder)
    (recipe, edits) = try store.recipe(written)
  }

  /// Reads recipe.toml anew: it may have been edited since.
  mutating func readRecipe() throws {
    written = try OpenedRun.writtenRecipe(in: folder)
    (recipe, edits) = try store.recipe(written)
  }

  /// Lets the run go by recipe.toml as it is now; answers what was edited, to be recorded as of an
  /// update.
  mutating func acceptEdits(at update: Int) -> [RecipeEdit] {
    defer { (recipe, edits) = (written, []) }
    return edits.map { edit in
      var edit = edit
      edit.update = update
      return edit
    }
  }

  private static func writtenRecipe(in folder: URL) throws -> Recipe {
    try RecipeFile.read(folder.appendingPathComponent(RunStore.recipeName), over: before)
  }

  /// What held where a run's recipe, which has every key of its day, does not have one: a run goes
  /// on as it began.
  private static var before: Recipe {
    var recipe = Recipe()
    recipe.objective.scoreTemperature = .one
    return recipe
  }

  /// The run that ships with Crux, copied to where runs are written, so that it may be marked.
  static func sample(readOnly: Bool) throws -> OpenedRun {
    let shipped = try Locations.shipped("samples/run")
    if readOnly { return try OpenedRun(shipped, readOnly: true) }
    let copy = Locations.runs.appendingPathComponent("sample")
    let files = FileManager.default
    if !files.fileExists(atPath: copy.path) {
      let aside = Locations.runs.appendingPathComponent(".sample-\(getpid())")
      do {
        try files.createDirectory(at: Locations.runs, withIntermediateDirectories: true)
        try? files.removeItem(at: aside)
        try files.copyItem(at: shipped, to: aside)
        // A second Crux that started at the same moment may have been faster.
        if !files.fileExists(atPath: copy.path) { try files.moveItem(at: aside, to: copy) }
        try? files.removeItem(at: aside)
      } catch {
        throw Complaint(
          "The sample run cannot be copied to \(copy.path): \(error.localizedDescription) "
            + "Use --read-only, or set CRUX_RUNS to a folder that can be written.")
      }
    }
    return try OpenedRun(copy, readOnly: false)
  }
}

/// What may be opened: a run as it is, or something that begins one.
struct RunSource {
  let path: String?
  let options: RecipeOptions
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
    guard let path else {
      try refuseFileOptions()
      if let model = options.model { return try begin(named: model) }
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
    return try RunSource(path: nil, options: options).begin(named: model)
  }

  private func begin(
    named name: String, recipeFile: String? = nil, over defaults: Recipe = Recipe(),
    problems: [AskedProblem] = []
  ) throws -> Opening {
    let recipe = try options.recipe(from: recipeFile, over: defaults)
    let folder = recipeFile.map { URL(fileURLWithPath: $0).deletingLastPathComponent() }
    let model = try Locations.model(recipe.model, besides: folder)
    return .beginning(
      RunBeginning(
        recipe: recipe, defaults: defaults, recipeFile: recipeFile, options: options, model: model,
        source: name, problems: problems))
  }

  private func begin(problems file: URL) throws -> Opening {
    let stem = file.deletingPathExtension().lastPathComponent
    let problems = try AskedProblem.read(file, style: style, gold: gold) {
      "\(stem)/\($0 + 1)"
    }
    var defaults = Recipe()
    defaults.task.ask(problems, of: file, style: style)
    return try begin(named: file.path, over: defaults, problems: problems)
  }
}
