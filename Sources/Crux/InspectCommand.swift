import ArgumentParser
import Foundation
import LanguageModel
import Learning
import Records
import Trajectories

/// Values every boundary of answers and names their critical steps.
struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Value every step of an answer by rollouts and name the critical one.",
    discussion: """
      Without --problem and a file, the policy answers a problem that the task draws. A file holds \
      JSON lines, {"prompt": …, "reference": …, "response": …}; where there is no response the \
      policy answers.
      """)

  @Argument(help: "A file of problems (JSON lines).")
  var file: String?

  @Option(
    help: ArgumentHelp(
      "A problem such as \"17 *3 +2 ?v :\", or \"6 * 7 = => 42\" with its right answer behind an "
        + "arrow where you know it."))
  var problem: String?

  @Option(help: "A recipe (TOML) with the task and the choices of valuing.")
  var recipe: String?

  @Option(help: "Rollouts from each boundary; the recipe's where it is not given.")
  var rollouts: Int?

  @Option(help: "Estimator; the recipe's where it is not given.")
  var estimator: Estimator?

  @Flag(help: "Spend rollouts where the doubt is: the same as --estimator top-two.")
  var adaptive = false

  @Option(help: "Rule; the recipe's where it is not given.")
  var rule: Rule?

  @Option(help: "Answers to inspect.")
  var count = 1

  @Option(help: "Only answers that are right or wrong.")
  var only = Wanted.any

  @Flag(help: "Measure the proposed step again on fresh rollouts.")
  var fresh = false

  @Flag(help: "Print JSON lines.")
  var json = false

  @Flag(help: "Print only how often the leading step is a hard or the first wrong one (chains).")
  var summary = false

  @OptionGroup var options: RecipeOptions

  enum Wanted: String, ExpressibleByArgument, CaseIterable {
    case any, right, wrong
  }

  func validate() throws {
    guard count > 0 else { throw ValidationError("--count is \(count); take 1 or more.") }
    try refuse(["--problem": file != nil && problem != nil], "the file holds the problems.")
    try refuse(
      ["--adaptive": adaptive && estimator != nil], "--estimator says how rollouts are spent.")
    try refuse(["--json": summary && json], "--summary prints two lines of text.")
  }

  func run() throws {
    Interruption.watch()
    let explorer = try options.explorer(recipe, adjust: adjust)
    var tally = InspectionTally()
    let found = try trajectories(explorer)
    guard !found.isEmpty else {
      throw Complaint("No answer is \(only.rawValue); leave out --only, or draw more by --count.")
    }
    for trajectory in found {
      guard let inspection = try inspect(trajectory, explorer) else {
        throw ExitCode(Interruption.exitCode)
      }
      try explorer.task.check()
      tally.add(inspection)
      if !summary { show(json ? try inspection.json() : inspection.text, json: json) }
    }
    if summary { show(tally.text) }
  }

  private func adjust(_ recipe: inout Recipe) {
    if let rollouts { recipe.values.rollouts = rollouts }
    if adaptive { recipe.values.estimator = .topTwo }
    if let estimator { recipe.values.estimator = estimator }
    if let rule { recipe.values.rule = rule }
  }

  private func trajectories(_ explorer: Explorer) throws -> [Trajectory] {
    if let file {
      let asked = try AskedProblem.read(URL(fileURLWithPath: file)) { "line-\($0 + 1)" }
      return try asked.flatMap { try explorer.answers(to: $0, count: count).filter(isWanted) }
    }
    if let problem {
      let seeds = (0..<count).map { explorer.recipe.seed(for: .drawn, [$0]) }
      return try explorer.answers(toTyped: problem, seeds: seeds) { "answer-\($0 + 1)" }
        .filter(isWanted)
    }
    return try drawn(explorer)
  }

  /// Draws problems until enough answers are of the wanted kind.
  private func drawn(_ explorer: Explorer) throws -> [Trajectory] {
    var found: [Trajectory] = []
    for number in 0..<max(1000, 200 * count) where found.count < count {
      let problem = explorer.problem(.drawn, [number])
      let seed = explorer.recipe.seed(for: .drawn, [number, 1])
      let answers = try explorer.sample(problem, seeds: [seed]) { _ in "answer-\(number + 1)" }
      found += (answers ?? []).filter(isWanted)
    }
    guard found.count == count else {
      throw Complaint("Only \(found.count) answers of that kind turned up; take an easier task.")
    }
    return found
  }

  private func isWanted(_ trajectory: Trajectory) -> Bool {
    switch only {
    case .any: true
    case .right: trajectory.chainCorrect ?? (trajectory.reward > 0.5)
    case .wrong: trajectory.reward < 0.5
    }
  }

  private func inspect(_ trajectory: Trajectory, _ explorer: Explorer) throws -> Inspection? {
    let began = Date()
    let values = explorer.values(of: trajectory) { report in
      tellProgress("\(trajectory.id): \(report.finished) of \(report.total) rollouts")
      return Interruption.isAsked ? .stop : .goOn
    }
    guard let values else { return nil }
    let seconds = Date().timeIntervalSince(began)
    endProgress()
    guard var critical = values.criticalStep(explorer.recipe) else {
      throw Complaint("\(trajectory.id) has no steps: its response is empty.")
    }
    if fresh {
      critical.fresh =
        explorer.freshEffect(of: trajectory, step: critical.leader, rollouts: 64)?.effect
    }
    return Inspection(
      trajectory: trajectory, valuation: explorer.valuation(of: values, seconds: seconds),
      critical: critical, floor: explorer.recipe.values.floor)
  }
}
