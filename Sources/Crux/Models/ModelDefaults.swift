import Foundation
import LanguageModel
import Learning
import Trajectories

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
  ///   - adjust: What the command's own options change.
  /// - Returns: Both, the model with the recipe's adapter.
  /// - Throws: A sentence where there is no such model, or the recipe does not fit.
  func prepare(
    _ file: String?, over defaults: Recipe = Recipe(),
    adjust: (inout Recipe) throws -> Void = { _ in }
  ) throws -> (recipe: Recipe, model: LoadedModel) {
    let folder = file.map { URL(fileURLWithPath: $0).deletingLastPathComponent() }
    let named = try recipe(from: file, over: defaults).model
    let model = try LoadedModel(try Locations.model(named, besides: folder))
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
    recipe.sampling.weights = .bf16
    recipe.sampling.temperature = 0.7
    recipe.steps.minimumTokens = 12
    recipe.values.budget = 128
    recipe.resets.newPerUpdate = 2
    recipe.objective.groups = 4
    recipe.adapter.rank = 16
    recipe.optimiser.learningRate = 1e-4
    recipe.optimiser.warmUp = 2
    recipe.evaluation.every = 0
    recipe.evaluation.problems = 32
    recipe.record.checkpointEvery = 5
    return recipe
  }

  /// The policy's name in few words.
  var policyName: String {
    let name = URL(fileURLWithPath: model).lastPathComponent
    return name.hasSuffix(".gguf") ? String(name.dropLast(5)) : name
  }
}
