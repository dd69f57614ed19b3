import ArgumentParser
import Foundation
import Learning
import Trajectories

/// Lets the policy answer problems.
struct SampleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sample", abstract: "Let the policy answer problems of the task.")

  @Option(help: "A recipe (TOML) with the task and the sampling.")
  var recipe: String?

  @Option(help: "A problem as the policy reads it; the task draws problems where it is not given.")
  var problem: String?

  @Option(help: "Answers to draw.")
  var count = 4

  @Flag(help: "Print JSON lines.")
  var json = false

  @OptionGroup var options: RecipeOptions

  func validate() throws {
    guard count > 0 else { throw ValidationError("--count is \(count); take 1 or more.") }
  }

  func run() throws {
    let recipe = try options.recipe(from: recipe)
    let explorer = try options.explorer(recipe, besides: self.recipe)
    for number in 0..<count {
      let asked = try problem.map(explorer.problem(worded:)) ?? explorer.problem(.drawn, [number])
      let seed = recipe.seed(for: .drawn, [number, 1])
      let answers = try explorer.sample(asked, seeds: [seed]) { _ in "answer-\(number + 1)" }
      try explorer.task.check()
      for answer in answers ?? [] {
        show(try json ? jsonLine(answer) : Self.text(answer), json: json)
      }
    }
  }

  private static func text(_ trajectory: Trajectory) -> String {
    let answer = trajectory.steps.map { step in
      step.text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        + (step.note.isEmpty ? "" : "   (\(step.note))")
    }.joined(separator: "\n")
    let end = trajectory.truncated ? ", cut at the limit" : ""
    return "\(trajectory.problem.prompt)\n\(answer)\n"
      + "reward \(trajectory.reward), answer \(trajectory.problem.reference)\(end)\n"
  }
}
