import ArgumentParser
import Foundation
import LanguageModel
import Learning
import Records
import Trajectories

/// Trains several recipes over several seeds and compares what they reach.
struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Train recipes over seeds and print a table with standard errors.",
    discussion: """
      All recipes start from the same policy and meet the same held-out problems. Tokens drawn to \
      estimate values are counted apart. Nothing is written to runs/.
      """)

  @Argument(help: "Recipes (TOML).")
  var recipes: [String]

  @Option(help: "Seeds, separated by commas.")
  var seeds = "0,2,4,6"

  @Option(help: "Append a JSON line for every finished training; what is there is not made again.")
  var log: String?

  @OptionGroup var options: RecipeOptions

  func run() throws {
    Interruption.watch()
    var outcomes = try finished()
    for recipe in recipes {
      for seed in try parsedSeeds() {
        let key = Outcome.Key(
          recipe: name(of: recipe), model: options.model ?? "", changes: options.changes, seed: seed
        )
        guard !outcomes.contains(where: { $0.key == key }) else { continue }
        let outcome = try train(recipe, key)
        outcomes.append(outcome)
        try append(outcome)
      }
    }
    let keys = recipes.map { name(of: $0) }
    print(ComparisonTable(outcomes: outcomes.filter { isAsked($0, keys) }, order: keys).text)
  }

  private func isAsked(_ outcome: Outcome, _ names: [String]) -> Bool {
    outcome.key.changes == options.changes && outcome.key.model == options.model ?? ""
      && names.contains(outcome.key.recipe)
  }

  private func name(of recipe: String) -> String {
    URL(fileURLWithPath: recipe).deletingPathExtension().lastPathComponent
  }

  private func parsedSeeds() throws -> [UInt64] {
    try seeds.split(separator: ",").map { word in
      guard let seed = UInt64(word) else { throw ValidationError("“\(word)” is no seed.") }
      return seed
    }
  }

  private func train(_ file: String, _ key: Outcome.Key) throws -> Outcome {
    var recipe = try options.recipe(from: file)
    recipe.seed = key.seed
    recipe.record.trajectories = 0
    let model = try options.load(recipe, besides: file)
    let task = try recipe.task.makeTask()
    try RecipeOptions.check(model, fits: task, of: recipe)
    let reference = reference(recipe, model)
    let loop = try TrainingLoop(
      policy: model.policy, reference: reference.map { start in { () -> any Policy in start } },
      codec: try model.codec(for: recipe), task: task, recipe: recipe,
      now: { ProcessInfo.processInfo.systemUptime })
    let began = Date()
    var metrics = Metrics()
    var curve: [EvaluationResult] = []
    while true {
      if loop.wantsEvaluation, let result = loop.evaluate(report: { _ in disposition }) {
        curve.append(result)
      }
      guard !loop.isFinished else { break }
      tellProgress("\(key.recipe), seed \(key.seed): update \(loop.state.update + 1)")
      if let made = try loop.update(report: { _ in disposition }) { metrics = made }
      if Interruption.isAsked { throw ExitCode(Interruption.exitCode) }
    }
    endProgress()
    let outcome = Outcome(
      key: key, curve: curve, trainingTokens: metrics.trainingTokens,
      estimationTokens: metrics.estimationTokens, bufferPurity: metrics.bufferPurity,
      seconds: Date().timeIntervalSince(began))
    tell(outcome.line)
    return outcome
  }

  /// A copy of the start costs a pass an update; it is made only where the loss asks for it.
  private func reference(_ recipe: Recipe, _ model: LoadedModel) -> Transformer? {
    recipe.objective.klCoefficient > 0 ? model.policy.copy() : nil
  }

  private var disposition: Disposition { Interruption.isAsked ? .stop : .goOn }

  private func finished() throws -> [Outcome] {
    guard let log, FileManager.default.fileExists(atPath: log) else { return [] }
    let text = try String(contentsOfFile: log, encoding: .utf8)
    return try text.split(separator: "\n").enumerated().map { number, line in
      do { return try JSONDecoder().decode(Outcome.self, from: Data(line.utf8)) } catch {
        throw Complaint("\(log):\(number + 1) is no outcome of crux compare; take another file.")
      }
    }
  }

  private func append(_ outcome: Outcome) throws {
    guard let log else { return }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let line = try encoder.encode(outcome) + Data("\n".utf8)
    if !FileManager.default.fileExists(atPath: log) {
      guard FileManager.default.createFile(atPath: log, contents: nil) else {
        throw Complaint("\(log) cannot be written.")
      }
    }
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: log))
    defer { try? file.close() }
    try file.seekToEnd()
    try file.write(contentsOf: line)
  }
}
