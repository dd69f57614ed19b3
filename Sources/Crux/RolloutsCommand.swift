import ArgumentParser
import Foundation
import LanguageModel
import ModelFiles
import Records
import Session
import Trajectories
import Workbench

/// Prints the rollouts that a value rests on.
struct RolloutsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollouts",
    abstract: "Print the rollouts behind the values of an answer, as its run keeps them.",
    discussion: """
      A run keeps them as its record.rollouts says: all, the first four of each boundary by seed, or \
      none. Without --step all boundaries are printed.
      """)

  @Argument(help: "A run's folder.")
  var path: String

  @Option(help: "Number of the answer, from 1, as the workbench shows it.")
  var trajectory: Int

  @Option(help: "Number of the step before which they start, from 1.")
  var step: Int?

  @Option(help: "Updates the policy had seen; the newest valuation's where it is not given.")
  var update: Int?

  @Flag(help: "Print a JSON line for each rollout.")
  var json = false

  private struct Line: Encodable {
    var trajectory: String
    var policyVersion: Int
    var step: Int
    var number: Int
    var reward: Double
    var truncated: Bool
    var seed: String
    var tokens: [Int32]
    var logProbabilities: [Float]
    var text: String?
  }

  func run() throws {
    let store = try RunStore(opening: URL(fileURLWithPath: path), readOnly: true)
    let history = RunHistory(try store.events().map(\.event))
    guard history.trajectories.indices.contains(trajectory - 1) else {
      throw ValidationError(
        "There is no trajectory \(trajectory); there are \(history.trajectories.count).")
    }
    let answer = history.trajectories[trajectory - 1]
    if let step, !answer.steps.indices.contains(step - 1) {
      throw ValidationError("There is no step \(step); there are \(answer.steps.count).")
    }
    guard let version = update ?? history.newestValuation(of: answer.id)?.policyVersion,
      let valuation = history.valuation(of: answer.id, version: version)
    else {
      throw Complaint("\(answer.id) was not valued\(update.map { " under update \($0)" } ?? "").")
    }
    let evidence = try store.evidence(of: answer, version: version)
    let tokenizer = BaseModel.tokenizer(of: store.folder)
    for place in answer.steps.indices where step == nil || step == place + 1 {
      let parts = evidence.filter { $0.start == answer.steps[place].start }
      if !json { show(heading(answer, place, valuation, kept: parts), json: false) }
      for part in parts {
        for (offset, rollout) in part.rollouts.enumerated() {
          let line = line(rollout, answer, place, version, part.first + offset, tokenizer)
          show(json ? try jsonLine(line) : text(of: line), json: json)
        }
      }
    }
  }

  private func heading(
    _ answer: Trajectory, _ place: Int, _ valuation: Valuation, kept: [BoundaryRollouts]
  ) -> String {
    let value = valuation.values[place]
    let count = kept.reduce(0) { $0 + $1.rollouts.count }
    return "before step \(place + 1) of \(answer.id), update \(valuation.policyVersion): "
      + "V \(value.mean), \(value.rollouts) rollouts, \(count) of them kept"
  }

  private func line(
    _ rollout: RolloutRecord, _ answer: Trajectory, _ place: Int, _ version: Int, _ number: Int,
    _ tokenizer: Tokenizer?
  ) -> Line {
    Line(
      trajectory: answer.id, policyVersion: version, step: place + 1, number: number + 1,
      reward: rollout.reward, truncated: rollout.truncated, seed: "\(rollout.seed)",
      tokens: rollout.tokens, logProbabilities: rollout.logProbabilities,
      text: tokenizer?.decode(rollout.tokens))
  }

  private func text(of line: Line) -> String {
    let cut = line.truncated ? ", cut off" : ""
    let said = line.text ?? line.tokens.map(String.init).joined(separator: " ")
    return "  #\(line.number)  reward \(line.reward), \(line.tokens.count) tokens\(cut): "
      + inert(said.trimmingCharacters(in: .newlines).replacing("\n", with: " / "))
  }
}
