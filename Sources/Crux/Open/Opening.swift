import Foundation
import LanguageModel
import Learning
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

  /// Reads the weights, and begins the run where there is none; `report` hears what share is read
  /// and answers whether to go on.
  func load(_ report: @escaping (Double) -> Bool) throws -> Trainer {
    switch self {
    case .recorded(let run): try Trainer(run, report: report)
    case .beginning(let beginning): try beginning.begin(report)
    }
  }
}

/// A run to begin: its recipe, its model, and the problems it answers first.
struct RunBeginning {
  /// What was chosen, as far as it does not hang on the model.
  var recipe: Recipe
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
  func begin(_ report: @escaping (Double) -> Bool) throws -> Trainer {
    let folder = recipeFile.map { URL(fileURLWithPath: $0).deletingLastPathComponent() }
    let model = try LoadedModel(model, report: report).adapted(as: recipe, besides: folder)
    let recipe = try recipe(for: model)
    let task = try recipe.makeTask()
    try RecipeOptions.check(model, fits: task, of: recipe)
    // A folder that is made while the reader already leaves would be of no use to anyone.
    guard report(1) else { throw ModelLoadingStopped() }
    let run = try Trainer.begin(
      recipe, model: model, task: task, in: try RunNames.folder(nil, for: source))
    return try Trainer(run, begunWith: model)
  }

  /// The recipe; where nobody wrote one, the defaults that the model can answer to.
  private func recipe(for model: LoadedModel) throws -> Recipe {
    guard recipeFile == nil, model.tokenizer.token(for: ClockChains.mark) == nil else {
      return recipe
    }
    return try options.recipe(from: nil, over: .forLanguageModels)
  }
}

extension Recipe {
  /// The defaults for a model that reads English: sums in plain words, longer answers, small
  /// updates that do not spoil what it knows.
  fileprivate static var forLanguageModels: Recipe {
    var recipe = Recipe()
    recipe.task.name = .sums
    recipe.sampling.limit = 256
    recipe.steps.minimumTokens = 4
    recipe.objective.groups = 6
    recipe.optimiser.learningRate = 1e-5
    recipe.optimiser.warmUp = 2
    recipe.evaluation.every = 0
    recipe.evaluation.problems = 100
    recipe.record.checkpointEvery = 0
    return recipe
  }

  /// The policy's name in few words.
  var policyName: String { URL(fileURLWithPath: model).lastPathComponent }
}
