import Foundation
import LanguageModel
import Learning
import Records
import Tensors
import Trajectories

/// The recipes and policies of a study, checked before anything is trained.
struct StudyPlan {
  private var recipes: [[Recipe]]
  private let study: Study
  private let folders: [URL]
  private var fingerprints: [String: String] = [:]
  private var largest = 0

  /// Looks up and reads every policy once.
  ///
  /// - Parameters:
  ///   - study: What is compared.
  ///   - folders: For each method the folder its recipe's paths are looked up from.
  /// - Throws: A sentence where a policy is not found or does not know the words of a task.
  init(_ study: Study, folders: [URL]) throws {
    self.study = study
    self.folders = folders
    recipes = study.recipes
    var uses: [String: [(recipe: Recipe, folder: URL)]] = [:]
    for method in recipes.indices {
      for task in recipes[method].indices {
        var recipe = recipes[method][task]
        recipe.model = try Locations.model(recipe.model, besides: folders[method]).path
        recipe = recipe.withWholePaths(in: folders[method])
        recipe.record.trajectories = 0
        if study.methods[method].isUntrained { recipe.updates = 0 }
        recipes[method][task] = recipe
        uses[Self.place(of: recipe), default: []].append((recipe, folders[method]))
      }
    }
    for place in uses.keys.sorted() { if let some = uses[place] { try read(some) } }
  }

  /// The same where every path is looked up from one folder, that of the study's file.
  init(_ study: Study, in folder: URL) throws {
    try self.init(study, folders: study.methods.map { _ in folder })
  }

  /// Takes a policy's fingerprint, and checks that it knows the words of every task it is to meet.
  private mutating func read(_ uses: [(recipe: Recipe, folder: URL)]) throws {
    let (recipe, folder) = uses[0]
    let model = try Self.load(recipe, folder: folder)
    let adapter = model.policy.adapter == nil ? "" : "+" + model.policy.parameters.fingerprint
    fingerprints[Self.place(of: recipe)] = model.policy.base.fingerprint + adapter
    largest = max(largest, model.policy.base.count)
    for (recipe, _) in uses {
      if recipe.updates > 0, let problem = recipe.trainingProblem { throw Complaint(problem) }
      try RecipeOptions.check(model, fits: try recipe.makeTask(), of: recipe)
    }
  }

  /// Trainings at once: as many as processors, but one of a large policy.
  var jobs: Int { largest < RunStart.largePolicy ? Machine.processors : 1 }

  private static func place(of recipe: Recipe) -> String {
    recipe.model + "\n" + recipe.adapter.start
  }

  private static func load(_ recipe: Recipe, folder: URL) throws -> LoadedModel {
    try LoadedModel(URL(fileURLWithPath: recipe.model)).adapted(as: recipe, besides: folder)
  }

  /// The recipe of a training.
  func recipe(of cell: StudyCell) -> Recipe {
    var recipe = recipes[cell.method][cell.task]
    recipe.seed = cell.seed
    return recipe
  }

  /// What the outcome of a training is kept under.
  func key(of cell: StudyCell, budget: TrainingBudget) -> OutcomeKey {
    let recipe = recipe(of: cell)
    return OutcomeKey(
      recipe, model: fingerprints[Self.place(of: recipe)] ?? "", budget: budget,
      isUntrained: study.methods[cell.method].isUntrained)
  }

  /// What the accuracy of the starting policy depends on.
  func evaluation(of cell: StudyCell) -> [String] {
    let key = key(of: cell, budget: TrainingBudget())
    let sections = ["task.", "prompt.", "sampling.", "evaluation."]
    return [key.model]
      + key.recipe.filter { line in sections.contains { line.hasPrefix($0) } }
  }

  /// A loop at its start, with a policy of its own; `now` are seconds from any beginning.
  func loop(of cell: StudyCell, now: @escaping () -> Double) throws -> TrainingLoop {
    let recipe = recipe(of: cell)
    let model = try Self.load(recipe, folder: folders[cell.method])
    return try model.loop(of: recipe, now: now)
  }
}
