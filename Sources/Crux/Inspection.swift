import Foundation
import Trajectories

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
