import Foundation
import Trajectories

/// What `crux inspect` says of one answer.
struct Inspection {
  let trajectory: Trajectory
  let valuation: Valuation
  let critical: CriticalStep

  /// One JSON object on a line.
  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let row = Row(
      trajectory: trajectory, values: valuation.values, advantages: valuation.advantages,
      critical: critical, tokens: valuation.tokens, seconds: valuation.seconds)
    return String(decoding: try encoder.encode(row), as: UTF8.self)
  }

  private struct Row: Encodable {
    var trajectory: Trajectory
    var values: [StepValue]
    var advantages: [Double]
    var critical: CriticalStep
    var tokens: Int
    var seconds: Double
  }

  /// The same for a reader.
  var text: String {
    var lines = [
      "\(trajectory.problem.prompt)   reward \(short(trajectory.reward)), "
        + "answer \(trajectory.problem.reference)"
    ]
    lines.append("  step                   V before          interval      n       A")
    for (index, step) in trajectory.steps.enumerated() { lines.append(row(index, step)) }
    lines.append(verdict)
    if let fresh = critical.fresh {
      lines.append(
        "fresh rollouts say A \(signed(fresh.advantage)) "
          + "[\(signed(fresh.low)) \(signed(fresh.high))], \(fresh.before.rollouts) on each side")
    }
    lines.append(
      "\(critical.rollouts) rollouts, \(valuation.tokens) tokens, "
        + String(format: "%.2f s", valuation.seconds))
    return lines.joined(separator: "\n") + "\n"
  }

  private func row(_ index: Int, _ step: Step) -> String {
    let value = valuation.values[index]
    let words = step.text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    let name = words.padding(toLength: 20, withPad: " ", startingAt: 0)
    let mark = critical.step == index ? "◆" : " "
    let numbers = String(
      format: "%6.3f   [%.3f %.3f] %5d  %+.3f", value.mean, value.low, value.high, value.rollouts,
      valuation.advantages[index])
    return "\(mark)\(String(format: "%2d", index + 1))  \(name) \(numbers)  \(step.note)"
  }

  private var verdict: String {
    let estimator = critical.estimator.map { ", estimator \($0.rawValue)" } ?? ""
    let caution = critical.estimator?.caution.map { " (\($0))" } ?? ""
    let name = "rule \(critical.rule.rawValue)\(estimator)\(caution)"
    let sure = String(format: "%.2f", critical.confidence)
    guard let step = critical.step else {
      return "\(name): none is clear; step \(critical.leader + 1) leads with probability \(sure)"
    }
    let luck = critical.luckyGuess ? "; it looks like a lucky guess" : ""
    return "\(name): step \(step + 1) is critical, A \(signed(critical.advantage)) "
      + "[\(signed(critical.low)) \(signed(critical.high))], probability \(sure)\(luck)"
  }

  private func short(_ value: Double) -> String { String(format: "%.2f", value) }
  private func signed(_ value: Double) -> String { String(format: "%+.2f", value) }
}
