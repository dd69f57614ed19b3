import ArgumentParser
import Foundation
import LanguageModel
import Learning
import Records
import Trajectories

/// Measures held-out accuracy over temperatures.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Measure held-out accuracy of a policy at one or several temperatures.",
    discussion: """
      The task draws the problems, as many as the recipe says, unless a file names them: JSON \
      lines, {"prompt": …, "reference": …} or {"question": …, "answer": …}, all of them problems \
      of the task. --seed decides which problems are drawn, and the answers to them.
      """)

  @Argument(help: "A file of problems (JSON lines).")
  var file: String?

  @Option(help: "A recipe (TOML) with the task and the evaluation.")
  var recipe: String?

  @Option(help: "Temperatures, separated by commas; 0 takes the likeliest tokens.")
  var temperatures = "1,0.7,0.5,0.3,0"

  @Flag(help: "Print JSON lines.")
  var json = false

  @OptionGroup var options: RecipeOptions

  func run() throws {
    let (recipe, model) = try options.prepare(recipe)
    let task = try recipe.makeTask(report: tell)
    try RecipeOptions.check(model, fits: task, of: recipe)
    let asked = try file.map { try Self.problems(URL(fileURLWithPath: $0), of: task, recipe) }
    if !json { show("temperature  answer right       every line right") }
    for temperature in try parsedTemperatures() {
      var evaluation = Evaluation(recipe, task: task, codec: try model.codec(for: recipe))
      if let asked { evaluation.given = asked }
      if let seed = options.seed { evaluation.seed = seed }
      evaluation.greedy = temperature == 0
      evaluation.samples = temperature == 0 ? 0 : recipe.evaluation.samples
      evaluation.sampling.temperature = Float(temperature)
      guard let result = evaluation(of: model.policy) else { return }
      try task.check()
      show(try json ? jsonLine(result) : Self.row(result, temperature), json: json)
    }
  }

  private static func problems(
    _ file: URL, of task: any ReasoningTask, _ recipe: Recipe
  ) throws -> [Problem] {
    try ProblemFile.read(file).map { entry in
      let known = task.problem(id: entry.problem.id, prompt: entry.problem.prompt)
      guard let known, known.reference == entry.problem.reference else {
        throw Complaint(
          "\(entry.problem.id) is no problem of the task \(recipe.task.name.rawValue)"
            + (known.map { ", or its answer is \($0.reference)" } ?? "") + ".")
      }
      return known
    }
  }

  private func parsedTemperatures() throws -> [Double] {
    try temperatures.split(separator: ",").map { word in
      guard let value = Double(word), (0...10).contains(value) else {
        throw ValidationError("“\(word)” is no temperature between 0 and 10.")
      }
      return value
    }
  }

  private static func row(_ result: EvaluationResult, _ temperature: Double) -> String {
    let greedy = temperature == 0
    let (mean, error) =
      greedy ? (result.greedy, result.greedyError) : (result.sampled, result.sampledError)
    let chain = (greedy ? result.greedyChain : result.sampledChain)
    let name = greedy ? "greedy" : String(format: "%.2f", temperature)
    return name.padding(toLength: 13, withPad: " ", startingAt: 0)
      + String(format: "%.3f ± %.3f      ", mean, error)
      + (chain.map { String(format: "%.3f", $0) } ?? "-")
  }
}
