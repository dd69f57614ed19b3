import Foundation
import LanguageModel
import Learning
import Trajectories

// From a recipe and a model to what answers and what learns.

extension RecipeOptions {
  /// The policy of a recipe, ready for problems of its task; `file` is where the recipe lies.
  ///
  /// - Throws: A sentence where there is no such policy, or it does not know the task's words.
  func explorer(_ recipe: Recipe, besides file: String?) throws -> Explorer {
    let model = try load(recipe, besides: file)
    let task = try recipe.makeTask()
    try Self.check(model, fits: task, of: recipe)
    return Explorer(
      policy: model.policy, codec: try model.codec(for: recipe), task: task, recipe: recipe,
      version: 0)
  }
}

extension Recipe {
  /// Checks that the choices make sense together.
  ///
  /// - Throws: A sentence for each that does not.
  func check() throws {
    let problems = problems()
    guard problems.isEmpty else { throw Complaint(problems.joined(separator: "\n")) }
  }
}

extension Explorer {
  /// The problem of the task that is worded so.
  ///
  /// - Throws: A sentence with another problem of the task, where this is none.
  func problem(worded prompt: String) throws -> Problem {
    if let known = task.problem(id: "problem", prompt: prompt) { return known }
    throw Complaint(
      "“\(prompt)” is no problem of the task \(recipe.task.name.rawValue); "
        + "one is “\(problem(.drawn, [0]).prompt)”.")
  }
}

extension LoadedModel {
  /// A loop that begins to train this policy; `now` are seconds from any beginning.
  func loop(
    of recipe: Recipe, now: @escaping () -> Double = { ProcessInfo.processInfo.systemUptime }
  ) throws -> TrainingLoop {
    // A copy of the start costs a pass an update; it is made only where the loss asks for it.
    let start = recipe.objective.klCoefficient > 0 ? policy.copy() : nil
    return try TrainingLoop(
      policy: policy, reference: start.map { start in { () -> any Policy in start } },
      codec: try codec(for: recipe), task: try recipe.makeTask(), recipe: recipe, now: now)
  }
}
