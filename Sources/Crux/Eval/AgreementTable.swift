import Foundation
import Grading
import Records
import Session

/// How often a grader agrees with others, by category.
struct AgreementTable: Encodable {
  let name: String
  private var rows: [String: GraderAgreement] = [:]
  private var all = GraderAgreement()

  /// An empty table of that name.
  init(name: String) { self.name = name }

  /// How many categories there are.
  var categories: Int { rows.count }

  /// Adds a row to its category, or to another; with a third judge, what he does not decide is open.
  mutating func add(
    _ row: VerdictRow, score: Double, isJudged: Bool, as category: String? = nil
  ) {
    rows[category ?? row.category, default: GraderAgreement()].add(
      score, verdict: row.verdict, truth: row.truth, isJudged: isJudged)
    all.add(score, verdict: row.verdict, truth: row.truth, isJudged: isJudged)
  }

  func json() throws -> String { try jsonLine(self) }

  var text: String {
    let width = max(12, (rows.keys.map(\.count).max() ?? 0) + 2)
    let above = "".padding(toLength: width, withPad: " ", startingAt: 0)
    let head =
      "\(name)\n\(above)                 --- Crux ----  -- verdict --\n"
      + "category".padding(toLength: width, withPad: " ", startingAt: 0)
      + "   rows  agree   missed  false   missed  false   open  not compared"
    let sorted = rows.sorted { $0.key < $1.key }
    let lines = sorted.count > 1 ? sorted.map { line($0.key, $0.value, width) } : []
    return ([head] + lines + [line("all", all, width)]).joined(separator: "\n")
  }

  private func line(_ name: String, _ count: GraderAgreement, _ width: Int) -> String {
    name.padding(toLength: width, withPad: " ", startingAt: 0)
      + String(
        format: "%7d%7d%9d%7d%9d%7d%7d%14d", count.rows, count.agreeing, count.missed,
        count.acceptedWrongly, count.verdictMissed, count.verdictAcceptedWrongly, count.open,
        count.notCompared)
  }
}
