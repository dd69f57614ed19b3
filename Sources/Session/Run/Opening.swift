package import Foundation
import LanguageModel
import Learning
import ModelFiles
import Records
import Tensors
package import Trajectories

/// What is behind the first frame: a run that is there, or one that begins once its model is loaded.
package enum Opening {
  /// A run that is there.
  case recorded(OpenedRun)
  /// A run to begin.
  case beginning(RunBeginning)

  /// The run; nil while it has not begun.
  package var run: OpenedRun? {
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
  package var problems: [AskedProblem] {
    switch self {
    case .recorded: []
    case .beginning(let beginning): beginning.problems
    }
  }

  /// Whether the limit of answers may be raised unasked: where nobody chose it.
  func lengthens(for model: LoadedModel) -> Bool {
    guard case .beginning(let beginning) = self, model.statedTask == nil else { return false }
    return !beginning.isLimitChosen
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
package struct RunBeginning {
  /// What was chosen, as far as it does not hang on the model.
  var recipe: Recipe
  /// The whole recipe, once the model is in memory and says what it was made for.
  var recipeForModel: (LoadedModel) throws -> Recipe
  /// The folder of the recipe; nil where nobody wrote one.
  var recipeFolder: URL?
  /// Whether somebody chose how long answers may get.
  var isLimitChosen: Bool
  /// The model's files.
  var model: URL
  /// The file that the run is named after.
  var source: String
  /// Problems that the policy answers first.
  var problems: [AskedProblem]
  /// Where the run's folder is made.
  var runs: URL

  package init(
    recipe: Recipe, recipeForModel: @escaping (LoadedModel) throws -> Recipe, recipeFolder: URL?,
    isLimitChosen: Bool, model: URL, source: String, problems: [AskedProblem],
    runs: URL = Locations.runs
  ) {
    self.runs = runs
    (self.recipe, self.recipeForModel) = (recipe, recipeForModel)
    (self.recipeFolder, self.isLimitChosen) = (recipeFolder, isLimitChosen)
    (self.model, self.source, self.problems) = (model, source, problems)
  }

  /// The file's own name.
  var name: String { URL(fileURLWithPath: source).lastPathComponent }

  /// Loads the model and makes the run's folder.
  func begin(_ progress: WorkProgress<Double>) throws -> Trainer {
    let base = try LoadedModel(model, isServed: recipe.server.isNamed, progress: progress)
    let recipe = try recipeForModel(base)
    let model = try base.adapted(as: recipe, besides: recipeFolder)
    let task = try recipe.makeTask()
    try model.check(fits: task, of: recipe)
    // A folder that is made while the reader already leaves would be of no use to anyone.
    try progress(1)
    let run = try Trainer.begin(
      recipe, model: model, task: task, in: try RunNames.folder(nil, for: source, in: runs))
    return try Trainer(run, begunWith: model)
  }
}
