import ArgumentParser
import Foundation
import LanguageModel
import Learning
import ModelFiles
import Session
import Trajectories

/// Trains the starting policy of the embedded tasks.
struct WarmUpCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "warm-up",
    abstract: "Train a starting policy by supervised learning until it reaches measured targets.",
    discussion: """
      The results of hard lines are noisy on purpose, so that sampling errs where the likeliest \
      token does not: that is what the method has to mend.
      """)

  @Option(help: "Folder to write; it must not exist.")
  var out: String

  @Option(help: "Seed of the weights and of the problems.")
  var seed: UInt64 = 0

  @Option(help: "Probability that the result of a hard line is replaced by a random value.")
  var noise: Double = WarmUpSettings().noise

  @Option(help: "Share of the examples that are countdowns.")
  var countdown: Double = WarmUpSettings().countdownShare

  @Option(help: "Greedy accuracy at eight hard steps, every line right, to stop at.")
  var greedy: Double = WarmUpSettings().greedyTarget

  @Option(help: "Sampled accuracy at three hard steps, every line right, to stop at.")
  var sampled: Double = WarmUpSettings().sampledTarget

  @Option(help: "Most steps.")
  var steps: Int = WarmUpSettings().mostSteps

  private var settings: WarmUpSettings {
    var settings = WarmUpSettings()
    settings.seed = seed
    settings.noise = noise
    settings.countdownShare = countdown
    settings.greedyTarget = greedy
    settings.sampledTarget = sampled
    settings.mostSteps = steps
    return settings
  }

  func run() throws {
    Interruption.watch()
    let target = URL(fileURLWithPath: out)
    guard !FileManager.default.fileExists(atPath: target.path) else {
      throw Complaint("\(target.path) exists already; choose another folder or remove it.")
    }
    let warmUp = try WarmUp(settings)
    let policy = Transformer(architecture: warmUp.architecture, seed: seed)
    let progress = WorkProgress<WarmUpReport> { report throws(Stopped) in
      tellProgress(String(format: "step %d  loss %.4f", report.step, report.loss))
      if let check = report.check {
        endProgress()
        tell("step \(report.step): \(Self.text(of: check))")
      }
      try Interruption.check()
    }
    let outcome = warmUp(policy, progress: progress)
    endProgress()
    guard !Interruption.isAsked, let check = outcome.check else {
      throw ExitCode(Interruption.exitCode)
    }
    guard outcome.reached else {
      throw Complaint(
        "After \(outcome.steps) steps the targets are not reached (\(Self.text(of: check))); "
          + "nothing is written. Try another seed.")
    }
    try save(policy, warmUp, outcome.steps, check, to: target)
    show("\(outcome.steps) steps: \(Self.text(of: check)); \(target.path) is written")
  }

  private func save(
    _ policy: Transformer, _ warmUp: WarmUp, _ steps: Int, _ check: WarmUpCheck, to target: URL
  ) throws {
    let tokenizer = try Tokenizer.wordLevel(
      vocabulary: warmUp.vocabulary.words, endToken: TaskVocabulary.end,
      padToken: TaskVocabulary.padding)
    var configuration = Configuration(architecture: policy.architecture)
    configuration.endTokens = Array(tokenizer.endTokens)
    configuration.padToken = tokenizer.padToken
    configuration.state(.chains)
    var folder = ModelFiles(
      configuration: configuration, parameters: policy.parameters, tokenizer: tokenizer)
    folder.modelCard = card(steps, check, policy)
    try folder.save(to: target)
  }

  private static func text(of check: WarmUpCheck) -> String {
    String(
      format: "every line right, greedy at 8 hard steps %.3f, sampled at 3 hard steps %.3f",
      check.greedyChain, check.sampledChain)
  }

  private func card(_ steps: Int, _ check: WarmUpCheck, _ policy: Transformer) -> String {
    """
    # A small policy for clock chains

    A Llama-style decoder with \(policy.parameters.count) weights. It answers chains of arithmetic
    modulo 31 (`17 *3 +2 … ?v :`), one line a step, with the value, a letter or yes and no.

    It was warmed up on **noisy labels on purpose**: with probability \(noise) the result of a
    multiplication was replaced by a random value. So its likeliest token is mostly right while its
    samples often err. That leaves something for learning from rewards to mend; it is no measure of
    what a model of this size could learn.

    Made by `crux warm-up --out … --seed \(seed) --noise \(noise) --countdown \(countdown)` in \
    \(steps) steps. Measured on 200 held-out problems: \(Self.text(of: check)).

    """
  }
}
