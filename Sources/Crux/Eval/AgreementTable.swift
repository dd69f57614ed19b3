import Foundation
import Records
import Session

/// How often a grader agrees with others, by category.
struct AgreementTable: Encodable {
  let name: String
  private var rows: [String: Count] = [:]
  private var all = Count()

  /// An empty table of that name.
  init(name: String) { self.name = name }

  /// Agreement of one category.
  ///
  /// Misses and false accepts count against the third judge where there is one, else against the
  /// verdict.
  struct Count: Encodable {
    var rows = 0
    /// Rows where Crux says what the verdict says.
    var agreeing = 0
    /// Right, and refused by Crux.
    var missed = 0
    /// Wrong, and accepted by Crux.
    var acceptedWrongly = 0
    /// Right by the third judge, and refused by the verdict.
    var verdictMissed = 0
    /// Wrong by the third judge, and accepted by the verdict.
    var verdictAcceptedWrongly = 0
    /// Rows that Crux and the verdict judge differently and the third judge leaves open.
    var open = 0
    /// Rows without a verdict.
    var notCompared = 0
  }

  /// How many categories there are.
  var categories: Int { rows.count }

  /// Adds a row to its category, or to another; with a third judge, what he does not decide is open.
  mutating func add(
    _ row: VerdictRow, score: Double, isJudged: Bool, as category: String? = nil
  ) {
    rows[category ?? row.category, default: Count()].add(row, score: score, isJudged: isJudged)
    all.add(row, score: score, isJudged: isJudged)
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

  private func line(_ name: String, _ count: Count, _ width: Int) -> String {
    name.padding(toLength: width, withPad: " ", startingAt: 0)
      + String(
        format: "%7d%7d%9d%7d%9d%7d%7d%14d", count.rows, count.agreeing, count.missed,
        count.acceptedWrongly, count.verdictMissed, count.verdictAcceptedWrongly, count.open,
        count.notCompared)
  }
}

extension VerdictRow {
  /// Whether a score is the verdict's: scores in parts agree to nine digits.
  func agrees(_ score: Double) -> Bool { verdict.map { abs(score - $0) < 1e-9 } ?? false }
}

extension AgreementTable.Count {
  fileprivate mutating func add(_ row: VerdictRow, score: Double, isJudged: Bool) {
    rows += 1
    guard let verdict = row.verdict else {
      notCompared += 1
      return
    }
    agreeing += row.agrees(score) ? 1 : 0
    if let isRight = row.truth {
      let truth: Double = isRight ? 1 : 0
      missed += score < truth ? 1 : 0
      acceptedWrongly += score > truth ? 1 : 0
      verdictMissed += verdict < truth ? 1 : 0
      verdictAcceptedWrongly += verdict > truth ? 1 : 0
    } else if !row.agrees(score) {
      open += isJudged ? 1 : 0
      missed += !isJudged && score < verdict ? 1 : 0
      acceptedWrongly += !isJudged && score > verdict ? 1 : 0
    }
  }
}
