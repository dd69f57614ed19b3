import ArgumentParser
import Foundation
import Learning
import Trajectories

/// Measures held-out accuracy over temperatures.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Measure held-out accuracy of a policy at one or several temperatures.")

  @Option(help: "A recipe (TOML) with the task and the evaluation.")
  var recipe: String?

  @Option(help: "Temperatures, separated by commas; 0 takes the likeliest tokens.")
  var temperatures = "1,0.7,0.5,0.3,0"

  @Flag(help: "Print JSON lines.")
  var json = false

  @OptionGroup var options: RecipeOptions

  func run() throws {
    let recipe = try options.recipe(from: recipe)
    let model = try options.load(recipe, besides: self.recipe)
    let task = try recipe.task.makeTask()
    try RecipeOptions.check(model, fits: task, of: recipe)
    if !json { print("temperature  answer right       every line right") }
    for temperature in try parsedTemperatures() {
      var evaluation = Evaluation(recipe, task: task, codec: model.codec)
      evaluation.greedy = temperature == 0
      evaluation.samples = temperature == 0 ? 0 : recipe.evaluation.samples
      evaluation.sampling.temperature = Float(temperature)
      guard let result = evaluation(of: model.policy) else { return }
      print(try json ? Self.line(result) : Self.row(result, temperature))
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

  private static func line(_ result: EvaluationResult) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return String(decoding: try encoder.encode(result), as: UTF8.self)
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
