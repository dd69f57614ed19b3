import ArgumentParser
import Foundation
import LanguageModel
import Learning
import Records
import Session
import Terminal
import Trajectories
import Workbench

/// Trains a recipe, or goes on with a run that was interrupted.
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train a recipe; the run is written to runs/ and may be watched with crux open.")

  @Argument(help: "A recipe (TOML); with --resume a run's folder.")
  var recipe: String

  @Flag(help: "Go on with the run at its newest checkpoint.")
  var resume = false

  @Option(help: "Name of the run; the recipe's name and a number where it is not given.")
  var name: String?

  @Option(help: "Stop after this update; --resume goes on.")
  var until: Int?

  @Flag(help: "With --resume: go on with a recipe.toml that was edited since.")
  var acceptChanges = false

  @Flag(help: "Leave the run as one plain file that opens in folders that cannot be written.")
  var seal = false

  @OptionGroup var options: RecipeOptions

  func validate() throws {
    if let until, until < 1 { throw ValidationError("--until is \(until); take 1 or more.") }
    guard resume else {
      return try refuse(
        ["--accept-changes": acceptChanges],
        "it goes with --resume; a new run begins as it is told.")
    }
    let reason = "a run goes on under its name with its recipe; without --resume another begins."
    try refuse(["--name": name != nil], reason)
    try Crux.refuse(
      [
        "--seed": options.seed != nil, "--model": options.model != nil,
        "--adapter": options.adapter != nil,
        "--set": !options.setsOnly(RecipeChange.Key.allCases.map(\.rawValue)),
      ], reason + " Only --set updates=N and --set sampling.limit=N go with --resume.")
  }

  func run() throws {
    Interruption.watch()
    let run = try train()
    try run.store.close()
    if seal { try RunStore.seal(run.folder) }
  }

  private func train() throws -> OpenedRun {
    let run = try resume ? resumed() : begin()
    // Closed in good order, a run is one plain file.
    defer { try? run.store.close() }
    options.consent(to: run.recipe, from: nil)
    let trainer = try Trainer(run)
    try trainer.takeLock(acceptingEdits: acceptChanges)
    if resume { try change(trainer) }
    let folder = shellWord(run.folder.path)
    tell("Training in \(run.folder.path); crux open \(folder) watches it.")
    (trainer.history.warnings + [trainer.history.skipped.words].compactMap { $0 })
      .forEach { tell(inert($0)) }
    var printer = TrainingPrinter()
    var underWay: LoopProgress?
    let progress = WorkProgress<LoopProgress> { report throws(Stopped) in
      underWay = report
      printer.show(report, of: trainer)
      try Interruption.check()
    }
    while try trainer.step(progress) {
      printer.line(for: trainer)
      if let until, trainer.loop.state.update >= until {
        try trainer.checkpoint()
        break
      }
      guard !Interruption.isAsked else {
        try EndRequests.held { try trainer.checkpoint() }
        endProgress()
        tell(
          Self.interruption(underWay, at: trainer.loop.state.update)
            + "; crux train --resume \(folder) goes on.")
        throw ExitCode(Interruption.exitCode)
      }
    }
    printer.line(for: trainer)
    endProgress()
    printer.summary(of: trainer)
    return run
  }

  /// Makes the changes that go with a run that goes on; says how where it is at its end.
  private func change(_ trainer: Trainer) throws {
    let wanted = try options.changed(trainer.loop.recipe)
    for key in RecipeChange.Key.allCases {
      try trainer.change(key, to: wanted[key], because: "asked for")
    }
    if trainer.loop.isFinished {
      tell("The recipe's last update was made; --set updates=N makes more.")
    }
  }

  /// What became of the work under way when somebody asked to stop.
  static func interruption(_ underWay: LoopProgress?, at update: Int) -> String {
    let stand = "the run stands at update \(update)"
    guard let underWay else { return "Interrupted; " + stand }
    if underWay.phase == .evaluating {
      return "Interrupted while held-out accuracy was measured, which is measured anew; " + stand
    }
    guard underWay.update > update else { return "Interrupted after a whole update; " + stand }
    return "Interrupted; update \(underWay.update), which was under way, is dropped and made anew; "
      + stand
  }

  /// The run that goes on; one that was killed before its first checkpoint begins again.
  private func resumed() throws -> OpenedRun {
    let run = try OpenedRun(URL(fileURLWithPath: recipe), readOnly: false)
    guard run.neverBegan else { return run }
    tell("\(run.folder.path) was stopped before it began, so it begins now.")
    try run.store.close()
    return try begin(try options.changed(run.recipe)) { run.folder }
  }

  private func begin() throws -> OpenedRun {
    try begin(try options.recipe(from: recipe)) { try RunNames.folder(name, for: self.recipe) }
  }

  private func begin(_ recipe: Recipe, in folder: () throws -> URL) throws -> OpenedRun {
    recipe.choicesWithoutEffect().forEach { tell($0) }
    if let problem = recipe.trainingProblem { throw Complaint(problem) }
    let model = try options.load(recipe, besides: self.recipe, telling: false)
    let task = try recipe.makeTask(report: tell)
    try model.check(fits: task, of: recipe)
    return try Trainer.begin(
      recipe, model: model, task: task, in: try folder())
  }
}

/// Training as lines on standard error.
struct TrainingPrinter {
  private var printed = 0
  private var evaluated = -1

  /// How far the present update is.
  func show(_ progress: LoopProgress, of trainer: Trainer) {
    let total = trainer.loop.recipe.updates
    let left = trainer.secondsPerUpdate.map { Double(total - progress.update + 1) * $0 } ?? 0
    let time = left > 0 ? String(format: ", about %.0f s left", left) : ""
    tellProgress(
      "update \(progress.update) of \(total): \(progress.phase.rawValue) "
        + "\(progress.done)/\(progress.total)\(time)")
  }

  /// A line for the update that was made and one for an evaluation, each once.
  mutating func line(for trainer: Trainer) {
    if let result = trainer.evaluation, result.policyVersion > evaluated {
      evaluated = result.policyVersion
      endProgress()
      tell(Self.text(of: result))
    }
    guard let metrics = trainer.metrics, metrics.update > printed else { return }
    printed = metrics.update
    endProgress()
    tell(
      String(
        format: "%4d  reward %.3f  loss %+.4f  entropy %.3f  gradient %.3f  buffer %d  %.2f s",
        metrics.update, metrics.reward, metrics.loss, metrics.entropy, metrics.gradientNorm,
        metrics.bufferSize, metrics.seconds) + Self.critic(metrics) + Self.gap(metrics))
  }

  /// What the critic knows and loses; empty without one.
  private static func critic(_ metrics: Metrics) -> String {
    guard let loss = metrics.valueLoss else { return "" }
    let explained = metrics.explainedVariance.map { String(format: "%+.3f", $0) } ?? "-"
    return String(format: "  value loss %.4f, explained variance %@", loss, explained)
  }

  /// The shape of the last answers, by which a policy that games steps or length is found out.
  private static func answers(_ metrics: Metrics) -> String {
    let steps = metrics.stepsPerAnswer.map { String(format: "%.1f steps an answer, ", $0) } ?? ""
    return String(
      format: "update %d: responses of %.1f tokens, %@%.1f %% cut off by the length limit",
      metrics.update, metrics.responseLength, steps, 100 * metrics.truncatedShare)
  }

  /// What drawing with rounded weights does to the log-probabilities; empty where it does not.
  private static func gap(_ metrics: Metrics) -> String {
    guard let gap = metrics.samplerGap, let divergence = metrics.samplerKL else { return "" }
    return String(format: "  sampler |Δ log p| %.4f, KL %.6f", gap, divergence)
  }

  /// What the run came to, on standard output.
  func summary(of trainer: Trainer) {
    if let result = trainer.evaluation { Crux.show(Self.text(of: result)) }
    guard let metrics = trainer.metrics else { return }
    Crux.show(
      "tokens: \(metrics.trainingTokens) to learn from, "
        + "\(metrics.estimationTokens) to estimate values")
    Crux.show(Self.answers(metrics))
  }

  static func text(of result: EvaluationResult) -> String {
    let chain = result.sampledChain.map { String(format: ", every line right %.3f", $0) } ?? ""
    let greedyChain = result.greedyChain.map { String(format: ", every line right %.3f", $0) } ?? ""
    return String(
      format: "update %d, %d held-out problems: sampled %.3f ± %.3f%@; greedy %.3f ± %.3f%@",
      result.policyVersion, result.problems, result.sampled, result.sampledError, chain,
      result.greedy, result.greedyError, greedyChain)
  }
}
