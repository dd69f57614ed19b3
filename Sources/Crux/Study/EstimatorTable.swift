import Foundation
import Learning
import Trajectories

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
