import Foundation
import LanguageModel
import Learning
import Trajectories
import Workbench

// From a recipe and a model to what answers and what learns.

extension RecipeOptions {
  /// The policy of a recipe, ready for problems of its task.
  ///
  /// - Parameters:
  ///   - file: The recipe; nil where nobody wrote one.
  ///   - defaults: What holds for a model of the embedded tasks.
  ///   - adjust: What the command's own options change.
  /// - Returns: The policy with its task.
  /// - Throws: A sentence where there is no such policy, or it does not know the task's words.
  func explorer(
    _ file: String?, over defaults: Recipe = Recipe(),
    adjust: (inout Recipe) throws -> Void = { _ in }
  ) throws -> Explorer {
    let (recipe, model) = try prepare(file, over: defaults, adjust: adjust)
    let task = try recipe.makeTask(report: tell)
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
    return [first] + (others ?? [])
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
