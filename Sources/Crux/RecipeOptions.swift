import ArgumentParser
import Foundation
import LanguageModel
import Learning
import ModelFiles
import Records
import Session
import Tensors
import Trajectories
import Workbench

/// Where the choices of a command come from: a recipe, with single values set beside it.
struct RecipeOptions: ParsableArguments {
  @Option(
    name: .customLong("set"),
    help: ArgumentHelp(
      "Set one value of the recipe, such as task.hard=4; may be repeated; crux help recipe lists the "
        + "keys.", valueName: "key=value"), completion: .list(Recipe.keys.map { $0.name + "=" }))
  var changes: [String] = []

  @Option(help: "Seed of everything random; the recipe's where it is not given.")
  var seed: UInt64?

  @Option(help: "Folder of the policy; the recipe's where it is not given.")
  var model: String?

  @Option(help: "Folder of an adapter (PEFT) of that policy; the recipe's where it is not given.")
  var adapter: String?

  @Flag(help: "Let task.reward_command of the recipe or the run judge without being asked.")
  var trustCommand = false

  /// Allows the reward command and the servers of a recipe as far as the command line says so (see
  /// `RewardConsent` and `ServerConsent`).
  ///
  /// - Parameters:
  ///   - recipe: The recipe, with the changes made.
  ///   - file: The recipe or study that the command line names; nil where it names none, or a run.
  func consent(to recipe: Recipe, from file: String?) {
    let isOwn = file.map { RewardConsent.isOwn($0) } ?? false
    if isOwn || sets("server.urls") { ServerConsent.grant(recipe.server) }
    let isNamed = isOwn && !TerminalQuestion.isAtTerminal
    guard trustCommand || sets("task.reward_command") || isNamed else { return }
    RewardConsent.grant(recipe.task.rewardCommand)
  }

  /// The recipe in a file, else the defaults, with the changes made.
  func recipe(from file: String?, over defaults: Recipe = Recipe()) throws -> Recipe {
    // All changes at once: one may need another to make sense.
    var recipe = try changed(try file.map { try Self.recipe(in: $0) } ?? defaults)
    if let seed { recipe.seed = seed }
    if let model { recipe.model = model }
    if let adapter { recipe.adapter.start = adapter }
    try recipe.check()
    consent(to: recipe, from: file)
    return recipe.withWholePaths(
      in: file.map { URL(fileURLWithPath: $0).deletingLastPathComponent() })
  }

  /// The study in a file, with the changes made to each of its recipes.
  ///
  /// - Throws: A sentence for each fault, or where the seed of one training was given.
  func study(from file: URL) throws -> Study {
    try refuseSeed(
      "a study has seeds of its own; write seeds = [0, 1] at its top, or name them to crux compare "
        + "with --seeds.")
    var study = try StudyFile.read(file)
    for method in study.recipes.indices {
      for task in study.recipes[method].indices {
        study.recipes[method][task] = try recipe(from: nil, over: study.recipes[method][task])
        consent(to: study.recipes[method][task], from: file.path)
      }
    }
    return study
  }

  private static func recipe(in file: String) throws -> Recipe {
    let url = URL(fileURLWithPath: file)
    guard try !StudyFile.isStudy(url) else {
      throw Complaint(
        "\(file) is a study, not a recipe: crux compare \(shellWord(file)) trains it, and crux open "
          + "\(shellWord(file)) shows it.")
    }
    return try RecipeFile.read(url)
  }

  /// The key and the value of `task.reward=strict`; what follows the sign is the value as it stands.
  private static func parts(of change: String) throws -> (key: String, value: String) {
    guard let sign = change.firstIndex(of: "=") else {
      throw ValidationError("“--set \(change)” is not of the form key=value.")
    }
    let key = change[..<sign].trimmingCharacters(in: .whitespaces)
    guard !key.isEmpty else {
      throw ValidationError("“--set \(change)” is not of the form key=value.")
    }
    return (key, String(change[change.index(after: sign)...]))
  }

  /// A recipe with the single values that were set.
  func changed(_ recipe: Recipe) throws -> Recipe {
    try RecipeFile.recipe(setting: try changes.map(Self.parts), name: "--set", over: recipe)
  }

  /// Whether no other keys of the recipe were set beside it.
  func setsOnly(_ keys: [String]) -> Bool {
    changes.allSatisfy { change in keys.contains { (try? Self.parts(of: change))?.key == $0 } }
  }

  /// Whether a key of the recipe was set beside it.
  func sets(_ key: String) -> Bool {
    changes.contains { (try? Self.parts(of: $0))?.key == key }
  }

  /// The model a recipe names, in memory; what is to be known of it is told unless a run will.
  ///
  /// - Throws: A sentence where there is no such model, or a server shall draw and the command does
  ///   not let it (`serves`).
  func load(
    _ recipe: Recipe, besides file: String?, telling: Bool = true, serves: Bool = false
  ) throws -> LoadedModel {
    if !serves { try refuseServer(of: recipe) }
    let folder = file.map { URL(fileURLWithPath: $0).deletingLastPathComponent() }
    let place = try Locations.model(recipe.model, besides: folder)
    let model = try LoadedModel(place, isServed: recipe.server.isNamed)
      .adapted(as: recipe, besides: folder)
    if telling { model.warnings.forEach(tell) }
    return model
  }
}

// What holds where nobody wrote a recipe: it hangs on the model.

extension RecipeOptions {
  /// The recipe in a file, with the changes made; where there is none, defaults that the model can
  /// answer to, with the changes made.
  ///
  /// - Parameters:
  ///   - file: The recipe; nil where nobody wrote one.
  ///   - defaults: What holds for a model of the embedded tasks.
  ///   - model: Says whether it is one.
  /// - Returns: The recipe.
  /// - Throws: A sentence where something in it does not fit.
  func recipe(
    from file: String?, over defaults: Recipe = Recipe(), for model: LoadedModel
  ) throws -> Recipe {
    guard file == nil, model.statedTask == nil else {
      return try recipe(from: file, over: defaults)
    }
    return try recipe(from: nil, over: defaults.suitedToLanguageModels)
  }

  /// A model in memory and the recipe that a command puts to it.
  ///
  /// - Parameters:
  ///   - file: The recipe; nil where nobody wrote one.
  ///   - defaults: What holds for a model of the embedded tasks.
  ///   - serves: Whether the command lets a server draw where the recipe names one.
  ///   - adjust: What the command's own options change.
  /// - Returns: Both, the model with the recipe's adapter.
  /// - Throws: A sentence where there is no such model, or the recipe does not fit.
  func prepare(
    _ file: String?, over defaults: Recipe = Recipe(), serves: Bool = false,
    adjust: (inout Recipe) throws -> Void = { _ in }
  ) throws -> (recipe: Recipe, model: LoadedModel) {
    let folder = file.map { URL(fileURLWithPath: $0).deletingLastPathComponent() }
    var named = try recipe(from: file, over: defaults)
    try adjust(&named)
    if !serves { try refuseServer(of: named) }
    let model = try LoadedModel(
      try Locations.model(named.model, besides: folder), isServed: named.server.isNamed)
    model.warnings.forEach(tell)
    var recipe = try recipe(from: file, over: defaults, for: model)
    if file == nil {
      // A new adapter says what the model says, only slower; and nothing here asks for haste.
      if !sets("adapter.rank"), adapter == nil { recipe.adapter.rank = 0 }
      if !sets("sampling.weights") { recipe.sampling.weights = .f32 }
    }
    try adjust(&recipe)
    try recipe.check()
    return (recipe, try model.adapted(as: recipe, besides: folder))
  }

  private func refuseServer(of recipe: Recipe) throws {
    guard recipe.server.isNamed else { return }
    throw Complaint(
      "server.urls names a server, but this command computes here; leave the section out of the "
        + "recipe, or take --set server.urls= to empty it.")
  }
}

extension Recipe {
  /// The defaults for a model that reads English: sums in plain words, answers as long as such
  /// models write at the temperature that many of their makers advise, and small matrices that learn
  /// in place of the weights, which keeps what the model knows and fits in memory.
  ///
  /// The rate is ten times that of all weights, as adapters want it. Counts are small, since each
  /// answer takes seconds. A task that was chosen stays.
  var suitedToLanguageModels: Recipe {
    var recipe = self
    if recipe.task.name == .chains { recipe.task.name = .sums }
    recipe.updates = 20
    recipe.sampling.limit = max(recipe.sampling.limit, 512)
    recipe.sampling.temperature = 0.7
    recipe.steps.minimumTokens = 12
    recipe.values.budget = 128
    recipe.resets.newPerUpdate = 2
    recipe.objective.groups = 4
    recipe.adapter.rank = 16
    recipe.optimizer.learningRate = 1e-4
    recipe.optimizer.warmUp = 2
    recipe.evaluation.every = 0
    recipe.evaluation.problems = 32
    recipe.record.checkpointEvery = 5
    return recipe
  }
}

// From a recipe and a model to what answers and what learns.

extension RecipeOptions {
  /// The policy of a recipe, ready for problems of its task.
  ///
  /// - Parameters:
  ///   - file: The recipe; nil where nobody wrote one.
  ///   - defaults: What holds for a model of the embedded tasks.
  ///   - serves: Whether the command lets a server draw where the recipe names one.
  ///   - adjust: What the command's own options change.
  /// - Returns: The policy with its task.
  /// - Throws: A sentence where there is no such policy, or it does not know the task's words.
  func sampler(
    _ file: String?, over defaults: Recipe = Recipe(), serves: Bool = false,
    adjust: (inout Recipe) throws -> Void = { _ in }
  ) throws -> RolloutSampler {
    let (recipe, model) = try prepare(file, over: defaults, serves: serves, adjust: adjust)
    let task = try recipe.makeTask(report: tell)
    try model.check(fits: task, of: recipe)
    return RolloutSampler(
      policy: model.policy, codec: try model.codec(for: recipe), task: task, recipe: recipe,
      version: 0)
  }
}

extension RolloutSampler {
  /// Answers to a problem that was typed, as `i` of the workbench takes it: `6 * 7 = => 42`.
  ///
  /// One that the task can read is judged by the task; else by the answer after the arrow; else
  /// what the first answer ends on is what the others are compared with.
  ///
  /// - Throws: A sentence where the policy does not know a word of it.
  func answers(toTyped line: String, seeds: [UInt64], name: (Int) -> String) throws -> [Trajectory]
  {
    let typed = TypedProblem(line)
    if let unknown = codec.unknownPieces(in: typed.prompt).first {
      throw Complaint(
        "“\(typed.prompt)” is no problem that the policy can read: it does not know “\(unknown)”; one "
          + "of its task \(recipe.task.name.rawValue) is “\(problem(.drawn, [0]).prompt)”.")
    }
    guard let seed = seeds.first else { return [] }
    let first = try answer(
      typed.prompt, reference: typed.reference ?? "", id: name(0), seed: seed)
    guard let first else { return [] }
    let others = try sample(
      first.problem, seeds: Array(seeds.dropFirst()), name: { name($0 + 1) })
    return [first] + others
  }
}
