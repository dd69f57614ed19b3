import ArgumentParser
import Foundation
import LanguageModel
import Learning
import Records
import Session
import Trajectories

/// Checks how often the interval shown for the leading step holds the truth.
struct StudyCoverageCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "coverage",
    abstract: "Check how often the interval of the leading step holds its true advantage.",
    discussion: """
      Two tables: an answer of nine steps whose value is ½ before each, and answers of the policy to \
      chains, whose values are enumerated. Rollouts are drawn from the exact values, the recipe's \
      rule chooses a step, and its interval holds the exact advantage or not. “plain” is a 95 % \
      interval that ignores the choice; “shown” is the one that Crux shows.
      """)

  @Option(help: "A recipe (TOML) with the task and the rule.")
  var recipe: String?

  @Option(help: "Answers of the policy.")
  var trajectories = 24

  @Option(help: "Times each answer is valued; the flat one as often as all of them.")
  var repeats = 100

  @Option(help: "Rollouts at each boundary, separated by commas.")
  var rollouts = "4,8,32"

  @Flag(help: "Print the tables as Markdown.")
  var markdown = false

  @OptionGroup var options: RecipeOptions

  private var counts: [Int] { rollouts.split(separator: ",").compactMap { Int($0) } }

  func validate() throws {
    guard trajectories >= 1, repeats >= 1, !counts.isEmpty, counts.allSatisfy({ $0 >= 1 }) else {
      throw ValidationError("--trajectories, --repeats and all of --rollouts are at least 1.")
    }
  }

  func run() throws {
    Interruption.watch()
    var defaults = Recipe()
    defaults.task.hard = 4
    let sampler = try options.sampler(recipe, over: defaults)
    let recipe = sampler.recipe
    guard recipe.task.name == .chains else {
      throw Complaint("Exact values are known of chains alone; set task.name to \"chains\".")
    }
    let flat = CoverageStudy(
      of: [CoverageStudy.flat(steps: 9, value: 0.5)], rollouts: counts,
      repetitions: repeats * trajectories, recipe: recipe)
    let chains = CoverageStudy(
      of: try exact(sampler), rollouts: counts, repetitions: repeats, recipe: recipe)
    let tables = [
      table("Nine steps, V = ½ before each", flat),
      table("\(trajectories) answers to chains, values enumerated", chains),
    ]
    show(tables.map { markdown ? $0.markdown : $0.text }.joined(separator: "\n\n"))
  }

  /// Answers of the policy with their exact values.
  private func exact(_ sampler: RolloutSampler) throws -> [StepValues] {
    let valuer = StepValuer(sampler)
    var found: [StepValues] = []
    for number in 0..<trajectories {
      tellProgress("answer \(number + 1) of \(trajectories)")
      let seed = sampler.recipe.seed(for: .drawn, [number, 1])
      let answers = try sampler.sample(sampler.problem(.drawn, [number]), seeds: [seed]) { _ in
        "answer-\(number + 1)"
      }
      var values = answers.filter { !$0.steps.isEmpty }.map { valuer.nothingKnown(of: $0) }
      try valuer.value(&values, .search(by: .exact))
      found += values
      if Interruption.isAsked { throw ExitCode(Interruption.exitCode) }
    }
    endProgress()
    return found
  }

  private func table(_ title: String, _ study: CoverageStudy) -> TextTable {
    func words(_ share: Proportion) -> String {
      String(format: "%.3f [%.3f %.3f]", share.mean, share.low, share.high)
    }
    return TextTable(
      title: title, columns: ["rollouts", "plain", "shown", "width"],
      rows: study.rows.map {
        ["\($0.rollouts)", words($0.plain), words($0.shown), String(format: "%.2f", $0.width)]
      })
  }
}
