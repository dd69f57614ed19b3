import ArgumentParser
import Foundation
import Learning
import Session
import Trajectories

/// Lets the policy answer problems.
struct SampleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sample", abstract: "Let the policy answer problems of the task.")

  @Option(help: "A recipe (TOML) with the task and the sampling.")
  var recipe: String?

  @Option(
    help: ArgumentHelp(
      "A problem, with its right answer behind an arrow where you know it, such as \"6 * 7 = => 42\"; "
        + "the task draws problems where it is not given."))
  var problem: String?

  @Option(help: "Answers to draw.")
  var count = 4

  @Flag(help: "Print JSON lines.")
  var json = false

  @OptionGroup var server: ServerOptions
  @OptionGroup var options: RecipeOptions

  func validate() throws {
    guard count > 0 else { throw ValidationError("--count is \(count); take 1 or more.") }
  }

  func run() throws {
    let sampler = try options.sampler(recipe, serves: true, adjust: server.put)
    try server.serving(sampler, sample)
  }

  private func sample(_ sampler: RolloutSampler) throws {
    let seeds = (0..<count).map { sampler.recipe.seed(for: .drawn, [$0, 1]) }
    if let problem {
      let answers = try sampler.answers(toTyped: problem, seeds: seeds) { "answer-\($0 + 1)" }
      return try tell(answers, of: sampler)
    }
    for number in 0..<count {
      let drawn = sampler.problem(.drawn, [number])
      let answers = try sampler.sample(drawn, seeds: [seeds[number]]) { _ in
        "answer-\(number + 1)"
      }
      try tell(answers, of: sampler)
    }
  }

  private func tell(_ answers: [Trajectory], of sampler: RolloutSampler) throws {
    try sampler.task.check()
    for answer in answers { show(try json ? jsonLine(answer) : Self.text(answer), json: json) }
  }

  private static func text(_ trajectory: Trajectory) -> String {
    let answer = trajectory.steps.map { step in
      step.text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        + (step.note.isEmpty ? "" : "   (\(step.note))")
    }.joined(separator: "\n")
    let end = trajectory.truncated ? ", cut at the limit" : ""
    let judgement =
      trajectory.problem.isAgreement
      ? "right answer not known; "
        + (trajectory.reward > 0.5 ? "ends as the first does" : "ends otherwise than the first")
        + ", on \(trajectory.problem.reference)"
      : "reward \(trajectory.reward), answer \(trajectory.problem.reference)"
    return "\(trajectory.problem.prompt)\n\(answer)\n\(judgement)\(end)\n"
  }
}
