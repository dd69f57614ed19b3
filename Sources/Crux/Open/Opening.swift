import Foundation
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
  func begin(_ report: @escaping (Double) -> Bool) throws -> Trainer {
    let folder = recipeFile.map { URL(fileURLWithPath: $0).deletingLastPathComponent() }
    let base = try LoadedModel(model, report: report)
    let recipe = try options.recipe(from: recipeFile, over: defaults, for: base)
    let model = try base.adapted(as: recipe, besides: folder)
    let task = try recipe.makeTask()
    try RecipeOptions.check(model, fits: task, of: recipe)
    // A folder that is made while the reader already leaves would be of no use to anyone.
    guard report(1) else { throw ModelLoadingStopped() }
    let run = try Trainer.begin(
      recipe, model: model, task: task, in: try RunNames.folder(nil, for: source))
    return try Trainer(run, begunWith: model)
  }
}
