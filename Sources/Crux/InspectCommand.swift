import ArgumentParser
import Foundation
import LanguageModel
import Learning
import Session
import Trajectories

/// Values every boundary of answers and names their critical steps.
struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Value every step of an answer by rollouts and name the critical one.",
    discussion: """
      Without --problem and a file, the policy answers a problem that the task draws. A file holds \
      JSON lines, {"prompt": …, "reference": …, "response": …}; where there is no response the \
      policy answers. What trainers wrote (see crux open) is inspected on the tokens that were drawn; \
      --model names the policy that wrote it.
      """)

  @Argument(help: "A file of problems (JSON lines), or what a trainer wrote.")
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

  @OptionGroup var server: ServerOptions
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
    try server.serving(try options.sampler(recipe, serves: true, adjust: adjust), inspect)
  }

  /// Answers that a server values at once: with eight steps of eight rollouts some hundred each.
  private static let atOnceOnServer = 16

  private func inspect(_ sampler: RolloutSampler) throws {
    var tally = InspectionTally()
    let found = try trajectories(sampler)
    guard !found.isEmpty else {
      throw Complaint("No answer is \(only.rawValue); leave out --only, or draw more by --count.")
    }
    // A server draws many rollouts at once; here one answer is read while the next is valued.
    let atOnce = sampler.recipe.server.isNamed ? Self.atOnceOnServer : 1
    for first in stride(from: 0, to: found.count, by: atOnce) {
      let batch = Array(found[first..<min(found.count, first + atOnce)])
      for inspection in try inspect(batch, StepValuer(sampler)) {
        tally.add(inspection)
        if !summary { show(json ? try inspection.json() : inspection.text, json: json) }
      }
    }
    if summary { show(tally.text) }
  }

  private func adjust(_ recipe: inout Recipe) {
    if let rollouts { recipe.values.rollouts = rollouts }
    if adaptive { recipe.values.estimator = .topTwo }
    if let estimator { recipe.values.estimator = estimator }
    if let rule { recipe.values.rule = rule }
    server.put(into: &recipe)
  }

  private func trajectories(_ sampler: RolloutSampler) throws -> [Trajectory] {
    if let file {
      let dump = DumpSource(path: file)
      let asked =
        try dump.reader().map(dump.answers)
        ?? ProblemSource(file: URL(fileURLWithPath: file)).problems { "line-\($0 + 1)" }
      return try asked.flatMap { try sampler.answers(to: $0, count: count).filter(isWanted) }
    }
    if let problem {
      let seeds = (0..<count).map { sampler.recipe.seed(for: .drawn, [$0]) }
      return try sampler.answers(toTyped: problem, seeds: seeds) { "answer-\($0 + 1)" }
        .filter(isWanted)
    }
    return try drawn(sampler)
  }

  /// Draws problems until enough answers are of the wanted kind.
  private func drawn(_ sampler: RolloutSampler) throws -> [Trajectory] {
    var found: [Trajectory] = []
    for number in 0..<max(1000, 200 * count) where found.count < count {
      let problem = sampler.problem(.drawn, [number])
      let seed = sampler.recipe.seed(for: .drawn, [number, 1])
      let answers = try sampler.sample(problem, seeds: [seed]) { _ in "answer-\(number + 1)" }
      found += answers.filter(isWanted)
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

  private func inspect(_ batch: [Trajectory], _ valuer: StepValuer) throws -> [Inspection] {
    let began = Date()
    var known = batch.map { valuer.nothingKnown(of: $0) }
    try valuer.value(
      &known,
      progress: WorkProgress { report throws(Stopped) in
        tellProgress("\(batch[report.index].id): \(report.finished) of \(report.total) rollouts")
        try Interruption.check()
      })
    let seconds = Date().timeIntervalSince(began) / Double(batch.count)
    endProgress()
    let found = try zip(batch, known).map { try inspection(of: $0, $1, seconds: seconds, valuer) }
    try valuer.sampler.task.check()
    return found
  }

  private func inspection(
    of trajectory: Trajectory, _ values: StepValues, seconds: Double, _ valuer: StepValuer
  ) throws -> Inspection {
    guard var critical = values.criticalStep(valuer.recipe) else {
      throw Complaint("\(trajectory.id) has no steps: its response is empty.")
    }
    if fresh {
      critical.fresh =
        try EffectEstimator(valuer)
        .fresh(of: trajectory, step: critical.leader, rollouts: 64).effect
    }
    return Inspection(
      trajectory: trajectory, valuation: valuer.valuation(of: values, seconds: seconds),
      critical: critical, floor: valuer.recipe.values.floor)
  }
}

/// What `crux inspect` says of one answer.
struct Inspection {
  let trajectory: Trajectory
  let valuation: Valuation
  let critical: CriticalStep
  /// The recipe's floor above the chance of guessing.
  let floor: Double

  /// One JSON object on a line.
  func json() throws -> String {
    let row = Row(
      trajectory: trajectory, values: valuation.values,
      advantages: valuation.advantages.enumerated().map { isKnown($0) ? $1 : nil },
      anchors: valuation.anchors, critical: critical, tokens: valuation.tokens,
      seconds: valuation.seconds)
    return try jsonLine(row)
  }

  private struct Row: Encodable {
    var trajectory: Trajectory
    var values: [StepValue]
    /// Nothing where a boundary of the step has no rollouts.
    var advantages: [Double?]
    var anchors: [StepAnchor]?
    var critical: CriticalStep
    var tokens: Int
    var seconds: Double
  }

  /// The same for a reader.
  var text: String { text(most: .max) }

  /// The same with only the steps of largest |A|, where there are more than that many.
  func text(most: Int) -> String {
    var lines = [
      "\(trajectory.problem.prompt)   reward \(short(trajectory.reward))"
        + (trajectory.problem.reference.isEmpty ? "" : ", answer \(trajectory.problem.reference)")
    ]
    let shown = shownSteps(most)
    lines.append(
      "  step                   V before          interval      n       A"
        + (valuation.anchors == nil ? "" : "  kept-else  (else)    KL"))
    for index in shown { lines.append(row(index, trajectory.steps[index])) }
    if shown.count < trajectory.steps.count {
      lines.append(
        "the \(shown.count) steps of largest |A| of \(trajectory.steps.count)" + unvalued)
    }
    lines += [verdict, resets]
    if let fresh = critical.fresh {
      lines.append(
        "fresh rollouts say A \(signed(fresh.advantage)) "
          + "[\(signed(fresh.low)) \(signed(fresh.high))], \(fresh.before.rollouts) on each side")
    }
    lines.append(spending)
    return lines.joined(separator: "\n") + "\n"
  }

  private func shownSteps(_ most: Int) -> [Int] {
    let advantages = valuation.advantages
    guard advantages.count > most else { return Array(advantages.indices) }
    let known = advantages.indices.filter { isKnown($0) }
    return known.sorted { (abs(advantages[$1]), $0) < (abs(advantages[$0]), $1) }.prefix(most)
      .sorted()
  }

  /// Whether both boundaries of a step were valued; the end always is.
  private func isKnown(_ step: Int) -> Bool {
    let isEnd = step + 2 == valuation.values.count
    return valuation.values[step].isKnown && (isEnd || valuation.values[step + 1].isKnown)
  }

  private var unvalued: String {
    let count = valuation.values.dropLast().count { !$0.isKnown }
    return count == 0 ? "" : "; no rollouts before \(count)"
  }

  private var spending: String {
    guard valuation.tokens > 0 else { return "\(critical.rollouts) rollouts" }
    return "\(critical.rollouts) rollouts, \(valuation.tokens) tokens, "
      + String(format: "%.2f s", valuation.seconds)
  }

  private func row(_ index: Int, _ step: Step) -> String {
    let value = valuation.values[index]
    let words = step.text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    let name = words.padding(toLength: 20, withPad: " ", startingAt: 0)
    let mark = critical.step == index ? "◆" : " "
    let start = "\(mark)\(String(format: "%2d", index + 1))  \(name) "
    guard value.isKnown else { return start + "     -" }
    let numbers = String(
      format: "%6.3f   [%.3f %.3f] %5d", value.mean, value.low, value.high, value.rollouts)
    let gain = isKnown(index) ? String(format: "  %+.3f", valuation.advantages[index]) : "       -"
    return start + numbers + gain + anchor(index) + "  \(step.note)"
  }

  /// What keeping the step is worth against saying something else, and the answers' KL.
  private func anchor(_ index: Int) -> String {
    guard let anchors = valuation.anchors, anchors.indices.contains(index) else { return "" }
    let it = anchors[index]
    let worth = it.counterfactual.map { String(format: "%+.3f", $0) } ?? "     -"
    let divergence = it.divergence.map { String(format: "%.2f", $0) } ?? "   -"
    return "     \(worth) \(String(format: "%7d", it.changed))  \(divergence)"
  }

  private var verdict: String {
    let estimator = critical.estimator.map { ", estimator \($0.rawValue)" } ?? ""
    let caution = critical.estimator?.caution.map { " (\($0))" } ?? ""
    let name = "rule \(critical.rule.rawValue)\(estimator)\(caution)"
    let sure = String(format: "%.2f", critical.confidence)
    if critical.rule == .prefixArgmax, trajectory.reward >= 1 {
      return "\(name): speaks of failed answers alone"
    }
    guard let step = critical.step else {
      return "\(name): none is clear; step \(critical.leader + 1) leads with probability \(sure)"
    }
    return "\(name): step \(step + 1) is critical, A \(signed(critical.advantage)) "
      + "[\(signed(critical.low)) \(signed(critical.high))] after choosing, probability \(sure)"
      + luck
  }

  /// Where training would reset the answer to, or why it would not.
  private var resets: String {
    let places = critical.resets.map { "\($0 + 1)" }.joined(separator: ", ")
    guard places.isEmpty else { return "training would reset to step \(places)" }
    let verdict = critical.candidate(critical.leader)?.verdict ?? .lowerRanked
    return "training would not reset this answer: step \(critical.leader + 1) is "
      + verdict.rawValue
  }

  private var luck: String {
    let found = Luck(trajectory, valuation: valuation, choice: critical, floor: floor)
    switch found?.reason {
    case nil: return ""
    case .wrongStep(let step)?: return "; lucky: step \(step + 1) is wrong"
    case .hardlyAboveGuessing(_, let value, let least)?:
      return "; lucky: V before it \(short(value.mean)) over \(value.rollouts) rollouts, "
        + "guessing and floor make \(short(least))"
    }
  }

  private func short(_ value: Double) -> String { String(format: "%.2f", value) }
  private func signed(_ value: Double) -> String { String(format: "%+.2f", value) }
}

/// How often the leading step is one that the task itself calls decisive.
struct InspectionTally {
  private var answers = 0
  private var clear = 0
  private var hard = 0
  private var firstWrong = 0
  private var rollouts = 0
  private var seconds = 0.0

  mutating func add(_ inspection: Inspection) {
    let trajectory = inspection.trajectory
    let leader = inspection.critical.leader
    answers += 1
    clear += inspection.critical.step == nil ? 0 : 1
    hard += ClockChains.hardSteps(of: trajectory.problem).contains(leader) ? 1 : 0
    firstWrong += trajectory.steps.firstIndex { $0.verdict == .wrong } == leader ? 1 : 0
    rollouts += inspection.critical.rollouts
    seconds += inspection.valuation.seconds
  }

  var text: String {
    let count = Double(max(1, answers))
    return "\(answers) answers: the leading step is a hard one in \(hard), the first wrong line in "
      + "\(firstWrong); clear in \(clear)\n"
      + String(
        format: "%.0f rollouts and %.3f s an answer", Double(rollouts) / count, seconds / count)
  }
}
