import ArgumentParser
import Foundation
import LanguageModel
import Learning
import Session
import Trajectories

/// Compares the estimators of step values under several rules.
struct StudyEstimatorsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "estimators",
    abstract: "Compare estimators: rollouts spent, agreement with many rollouts, regret.",
    discussion: """
      The policy answers problems of the task until there are enough right answers (and failed ones \
      for the rules that speak of those). Every boundary of every answer gets the reference's \
      rollouts; then each estimator searches each answer several times with rollouts of its own. \
      Agreement is the share of searches whose leading step is the reference's; regret is what the \
      leading step lacks to the reference's, in the reference's values. Standard errors are over \
      answers. Without a recipe the task is a chain of 8 operations, 4 of them hard.
      """)

  @Option(help: "A recipe (TOML) with the task and the sampling.")
  var recipe: String?

  @Option(help: "Answers of each kind.")
  var trajectories = 48

  @Option(help: "Rollouts of the reference at each boundary.")
  var reference = 256

  @Option(help: "Searches of each answer by each estimator.")
  var repeats = 4

  @Option(help: "Rules, separated by commas.")
  var rules = "paper-signed,paper-absolute,largest-drop,prefix-argmax"

  @Option(help: "Only estimators whose name begins so, separated by commas.")
  var only: String?

  @Flag(help: "Print comma-separated values.")
  var csv = false

  @Flag(help: "Print JSON lines.")
  var json = false

  @OptionGroup var server: ServerOptions
  @OptionGroup var options: RecipeOptions

  func validate() throws {
    guard trajectories >= 2, reference >= 1, repeats >= 1 else {
      throw ValidationError("--trajectories is at least 2, --reference and --repeats at least 1.")
    }
    guard !(csv && json) else { throw ValidationError("Take one of --csv and --json.") }
    let known = EstimatorArm.all.map(\.name)
    for name in names where !known.contains(where: { $0.hasPrefix(name) }) {
      throw ValidationError(
        "No estimator begins with “\(name)”; they are \(known.joined(separator: ", ")).")
    }
  }

  func run() throws {
    Interruption.watch()
    let rules = try Rule.named(in: rules, valuesOnly: true)
    try server.serving(try sampler()) { try study($0, rules) }
  }

  private func study(_ sampler: RolloutSampler, _ rules: [Rule]) throws {
    var outcomes: [EstimatorOutcome] = []
    for failures in [false, true] {
      let asked = rules.filter { $0.isForFailures == failures }
      guard !asked.isEmpty else { continue }
      let answers = try answers(sampler, wrong: failures)
      outcomes += try compare(answers, sampler, asked)
    }
    let ordered = rules.flatMap { rule in outcomes.filter { $0.rule == rule } }
    let table = EstimatorTable(outcomes: ordered, reference: reference)
    show(json ? try table.json() : csv ? table.csv : table.text, json: json)
  }

  private func sampler() throws -> RolloutSampler {
    var defaults = Recipe()
    defaults.task.hard = 4
    return try options.sampler(recipe, over: defaults, serves: true, adjust: server.put)
  }

  /// The beginnings of names that were asked for.
  private var names: [String] { (only ?? "").split(separator: ",").map(String.init) }

  private var arms: [EstimatorArm] {
    guard only != nil else { return EstimatorArm.all }
    return EstimatorArm.all.filter { arm in names.contains { arm.name.hasPrefix($0) } }
  }

  /// Answers problem after problem until enough are of the wanted kind.
  private func answers(_ sampler: RolloutSampler, wrong: Bool) throws -> [Trajectory] {
    var found: [Trajectory] = []
    var number = 0
    while found.count < trajectories, number < max(4096, 400 * trajectories) {
      let questions = (number..<number + 64).map {
        Question(
          problem: sampler.problem(.drawn, [$0]),
          seed: sampler.recipe.seed(for: .drawn, [$0, 1]), id: "answer-\($0 + 1)")
      }
      number += questions.count
      let answers = try sampler.sample(questions, progress: .until { Interruption.isAsked })
      found += answers.filter { answer in
        guard answer.steps.count > 1 else { return false }
        return wrong ? answer.reward < 0.5 : answer.chainCorrect ?? (answer.reward > 0.5)
      }
      tellProgress("\(min(found.count, trajectories)) of \(trajectories) answers")
    }
    endProgress()
    guard found.count >= trajectories else {
      throw Complaint(
        "Only \(found.count) \(wrong ? "wrong" : "right") answers turned up in \(number); "
          + "take another task or fewer --trajectories.")
    }
    return Array(found.prefix(trajectories))
  }

  /// Whether an estimator has what it needs: chains to enumerate, and weights or entropies, which no
  /// server gives.
  private func mayRun(_ arm: EstimatorArm, _ sampler: RolloutSampler) -> Bool {
    let isServed = server.choice(over: sampler.recipe.server).isNamed
    switch arm.estimator {
    case .exact: return sampler.recipe.task.name == .chains && !isServed
    case .entropy, .valueHead: return !isServed
    default: return true
    }
  }

  private func compare(
    _ answers: [Trajectory], _ sampler: RolloutSampler, _ rules: [Rule]
  ) throws -> [EstimatorOutcome] {
    let study = try EstimatorStudy(
      StepValuer(sampler), trajectories: answers, reference: reference,
      progress: WorkProgress { drawn throws(Stopped) in
        tellProgress("reference: \(drawn.done) of \(drawn.total) rollouts")
        try Interruption.check()
      })
    var found: [EstimatorOutcome] = []
    for arm in arms where mayRun(arm, sampler) {
      tellProgress(arm.name)
      found += try study.outcomes(
        of: arm, rules: rules, repetitions: repeats, progress: .until { Interruption.isAsked })
    }
    endProgress()
    return found
  }
}

/// Outcomes of estimators as text, comma-separated values and JSON lines.
struct EstimatorTable {
  let outcomes: [EstimatorOutcome]
  let reference: Int

  /// For a reader; a mark where at least nine in ten searches agree.
  var text: String {
    var lines: [String] = []
    var rule: Rule?
    for outcome in outcomes {
      if outcome.rule != rule {
        rule = outcome.rule
        let kind = outcome.rule.isForFailures ? "failed" : "right"
        lines += [
          "",
          "rule \(outcome.rule.rawValue), \(outcome.trajectories) \(kind) answers, "
            + "reference \(reference) rollouts a boundary",
          "estimator                 rollouts          agreement        regret",
        ]
      }
      lines.append(row(outcome))
    }
    lines += ["", "✓ agrees in nine of ten searches; ± is the standard error over answers"]
    return lines.dropFirst().joined(separator: "\n")
  }

  private func row(_ it: EstimatorOutcome) -> String {
    let name = it.estimator.padding(toLength: 24, withPad: " ", startingAt: 0)
    let numbers = String(
      format: "%7.1f ± %4.1f   %.3f ± %.3f %@  %.4f ± %.4f", it.rollouts, it.rolloutsError,
      it.agreement, it.agreementError, it.agreement >= 0.9 ? "✓" : " ", it.regret, it.regretError)
    return "\(name) \(numbers)" + (it.caution.map { "   \($0)" } ?? "")
  }

  var csv: String {
    let head =
      "rule,estimator,trajectories,repetitions,rollouts,rollouts_error,tokens,agreement,"
      + "agreement_error,regret,regret_error,caution"
    let rows = outcomes.map { it in
      let numbers = [
        it.rollouts, it.rolloutsError, it.tokens, it.agreement, it.agreementError, it.regret,
        it.regretError,
      ].map { String(format: "%.6g", $0) }.joined(separator: ",")
      return "\(it.rule.rawValue),\"\(it.estimator)\",\(it.trajectories),\(it.repetitions),"
        + "\(numbers),\(it.caution ?? "")"
    }
    return ([head] + rows).joined(separator: "\n")
  }

  func json() throws -> String {
    try outcomes.map { try jsonLine($0) }.joined(separator: "\n")
  }
}
