import ArgumentParser
import Foundation
import LanguageModel
import Learning
import Records
import Session
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
    try model.check(fits: task, of: recipe)
    let asked = try file.map { try Self.problems(URL(fileURLWithPath: $0), of: task, recipe) }
    if !json { show("temperature  answer right       every line right") }
    for temperature in try parsedTemperatures() {
      var evaluation = Evaluation(recipe, task: task, codec: try model.codec(for: recipe))
      if let asked { evaluation.given = asked }
      if let seed = options.seed { evaluation.seed = seed }
      evaluation.greedy = temperature == 0
      evaluation.samples = temperature == 0 ? 0 : recipe.evaluation.samples
      evaluation.sampling.temperature = Float(temperature)
      let result = try evaluation(of: model.policy)
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

/// What a benchmark came to, as text or JSON.
struct EvaluatedSet: Encodable {
  private let name: String
  private let kind: BenchmarkKind
  private let oddRows: Int
  private let temperature: Double
  private let samples: Int
  private let seconds: Double
  private let results: [BenchmarkResult]

  init(
    _ set: BenchmarkSet, _ report: BenchmarkReport, temperature: Double, samples: Int,
    seconds: Double
  ) {
    (name, kind, oddRows) = (set.name, set.kind, set.oddRows.count)
    (self.temperature, self.samples, self.seconds) = (temperature, samples, seconds)
    results = report.results
  }

  func json() throws -> String { try jsonLine(self) }

  /// A head line, then a line for each budget and way to answer.
  var text: String {
    let count = results.first?.problems ?? 0
    let left = oddRows == 0 ? "" : ", \(oddRows) rows left out"
    let head =
      "\(name) (\(kind.rawValue)): \(count) problems\(left), "
      + String(format: "%.0f s", seconds)
    let lines = results.flatMap { result in
      [result.greedy.map { line("greedy", result.limit, $0) }]
        + [result.sampled.map { line(drawn, result.limit, $0) }]
    }
    return ([head] + lines.compactMap { $0 }).joined(separator: "\n")
  }

  private var drawn: String { String(format: "%d drawn at %g", samples, temperature) }

  private func line(_ way: String, _ limit: Int, _ score: BenchmarkScore) -> String {
    let right = score.right
    var parts = [
      "  \(limit) tokens, \(way): "
        + String(format: "right %.3f [%.3f %.3f]", right.mean, right.low, right.high)
        + " (\(right.successes) of \(right.trials))"
    ]
    if abs(score.mean - right.mean) > 1e-9 { parts.append(String(format: "mean %.3f", score.mean)) }
    for k in score.pass.keys.sorted() where way != "greedy" {
      parts.append(
        String(format: "pass@%d %.3f ± %.3f", k, score.pass[k] ?? 0, score.passError[k] ?? 0))
    }
    parts.append(String(format: "cut %.3f, %.0f tokens", score.truncated, score.tokens))
    return parts.joined(separator: ", ")
  }
}
