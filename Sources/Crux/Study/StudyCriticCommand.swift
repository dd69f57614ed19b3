import ArgumentParser
import Foundation
import LanguageModel
import Learning
import Session
import Trajectories
import Workbench

/// Asks whether a critic knows which step was critical.
struct StudyCriticCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "critic",
    abstract: "Train a critic, then compare its critical steps with those of many rollouts.",
    discussion: """
      Without --run, PPO is trained first, as the recipe says; without a recipe on a chain of 8 \
      operations, 4 of them hard. Then the policy answers new problems, right or wrong; each \
      boundary gets the rollouts of the reference, and the critic's step with the largest |A| is \
      compared with the reference's. Explained variance is 1 for a critic that foresees everything \
      and at most 0 for one that knows no more than a mean.
      """)

  @Argument(help: "A recipe (TOML) whose method has a critic.")
  var recipe: String?

  @Option(
    name: .customLong("run"),
    help: "A run with a critic, at its newest checkpoint, in place of training.")
  var folder: String?

  @Option(help: "Answers to compare on.")
  var trajectories = 128

  @Option(help: "Rollouts of the reference at each boundary.")
  var rollouts = 64

  @Option(help: "Rollouts at each boundary of the cheap estimate beside the critic.")
  var cheap = 4

  @Flag(help: "Print JSON.")
  var json = false

  @OptionGroup var options: RecipeOptions

  func validate() throws {
    guard trajectories > 0, rollouts > 0, cheap > 0 else {
      throw ValidationError("--trajectories, --rollouts and --cheap are at least 1.")
    }
    guard folder != nil else { return }
    let reason = "a run keeps the recipe it began with; leave out --run to train another critic."
    try refuse(["the recipe": recipe != nil], reason)
    try options.refuse(reason)
  }

  func run() throws {
    Interruption.watch()
    let (sampler, metrics) = try studied()
    let answers = try answers(sampler)
    var study = try CriticStudy(
      StepValuer(sampler), on: answers, rollouts: rollouts, cheap: cheap,
      progress: WorkProgress { drawn throws(Stopped) in
        if drawn.done % 500 == 0 { tellProgress("\(drawn.done) of \(drawn.total) rollouts") }
        try Interruption.check()
      })
    endProgress()
    study.trainingExplained = CriticStudy.trainingExplained(metrics)
    show(try json ? jsonLine(study) : Self.text(study), json: json)
  }

  /// The policy with its critic, and the metrics of its training.
  private func studied() throws -> (RolloutSampler, [Metrics]) {
    if let folder {
      let opened = try OpenedRun(URL(fileURLWithPath: folder), readOnly: true)
      try Self.checkCritic(opened.recipe)
      let trainer = try Trainer(opened)
      return (trainer.loop.sampler, trainer.history.metrics)
    }
    var defaults = Recipe.standard(for: .ppo)
    defaults.task.hard = 4
    defaults.resets.start = .none
    var recipe = try options.recipe(from: self.recipe, over: defaults)
    recipe.record.trajectories = 0
    try Self.checkCritic(recipe)
    return try trained(recipe)
  }

  private static func checkCritic(_ recipe: Recipe) throws {
    guard recipe.objective.hasCritic else {
      throw Complaint(
        "The method \(recipe.objective.method.rawValue) has no critic; take a recipe or a run of ppo."
      )
    }
  }

  private func trained(_ recipe: Recipe) throws -> (RolloutSampler, [Metrics]) {
    let model = try options.load(recipe, besides: self.recipe)
    let loop = try model.loop(of: recipe)
    try model.check(fits: loop.task, of: recipe)
    var metrics: [Metrics] = []
    while !loop.isFinished {
      tellProgress("update \(loop.state.update + 1) of \(recipe.updates)")
      let made = try loop.update(progress: .until { Interruption.isAsked })
      try Interruption.check()
      try loop.task.check()
      metrics.append(made)
    }
    endProgress()
    return (loop.sampler, metrics)
  }

  private func answers(_ sampler: RolloutSampler) throws -> [Trajectory] {
    let questions = (0..<trajectories).map {
      Question(
        problem: sampler.problem(.drawn, [$0]), seed: sampler.recipe.seed(for: .drawn, [$0, 1]),
        id: "answer-\($0 + 1)")
    }
    let all = try sampler.sample(questions, progress: .until { Interruption.isAsked })
    let cut = all.filter { $0.steps.count > 1 }
    guard !cut.isEmpty else {
      throw Complaint("No answer has two steps; there is nothing to compare.")
    }
    return cut
  }

  private static func text(_ study: CriticStudy) -> String {
    func number(_ value: Double?) -> String { value.map { String(format: "%+.3f", $0) } ?? "-" }
    let rows = study.agreements.map {
      String(
        format: "| %@ | %.3f | %.3f | %.3f | %.3f |", $0.name, $0.all, $0.withoutLast, $0.last,
        $0.regret)
    }
    return """
      explained variance while training, last updates: \(number(study.trainingExplained))
      \(study.answers) new answers: of their rewards \(number(study.rewardsExplained)), \
      of the values of boundaries (K = \(study.rollouts)) \(number(study.valuesExplained))

      | largest absolute A by | same step as K = \(study.rollouts) | last step left out \
      | names the last step | regret |
      |---|---|---|---|---|
      \(rows.joined(separator: "\n"))
      """
  }
}
