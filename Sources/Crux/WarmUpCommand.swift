import ArgumentParser
import Foundation
import LanguageModel
import Learning
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
  var noise: Double = 0.55

  @Option(help: "Greedy accuracy at eight hard steps, every line right, to stop at.")
  var greedy: Double = 0.75

  @Option(help: "Sampled accuracy at three hard steps, every line right, to stop at.")
  var sampled: Double = 0.05

  @Option(help: "Most steps.")
  var steps: Int = 3000

  func run() throws {
    Interruption.watch()
    let target = URL(fileURLWithPath: out)
    guard !FileManager.default.fileExists(atPath: target.path) else {
      throw Complaint("\(target.path) exists already; choose another folder or remove it.")
    }
    let began = Date()
    let warmUp = try WarmUp(settings())
    let outcome = try warmUp.run { report in
      tellProgress(report.line)
      if report.isCheck {
        endProgress()
        tell(report.line)
      }
      return Interruption.isAsked ? .stop : .goOn
    }
    endProgress()
    guard let outcome else { throw ExitCode(Interruption.exitCode) }
    try save(outcome, to: target)
    print(outcome.line)
    tell(String(format: "%@ is written; %.0f s.", target.path, Date().timeIntervalSince(began)))
    guard outcome.reached else {
      throw Complaint("The targets were not reached in \(steps) steps; try another seed.")
    }
  }
}
