import Foundation
import Learning
import Records
import Trajectories

/// How far Crux's judgements agree with verdicts that others gave.
struct GraderCheck {
  let files: [String]
  let json: Bool

  func run() throws {
    guard !files.isEmpty else {
      throw Complaint("--check-grader needs a file with verdicts; name one.")
    }
    for file in files {
      let verdicts = try VerdictFile.read(URL(fileURLWithPath: file))
      var table = AgreementTable(name: verdicts.name)
      for row in verdicts.rows { table.add(row, score: Self.score(row)) }
      print(try json ? table.json() : table.text)
    }
  }

  private static func score(_ row: VerdictRow) -> Double {
    guard let grading = row.problem.grading, grading.rule == .reasoningGym else {
      return ExtractedAnswer(of: row.answer).matches(row.problem.reference) ? 1 : 0
    }
    return ReasoningGym.score(
      answer: row.answer, reference: row.problem.reference, facts: grading.facts)
  }
}

/// Counts of agreement by category.
struct AgreementTable: Encodable {
  let name: String
  private var rows: [String: Count] = [:]
  private var all = Count()

  init(name: String) { self.name = name }

  /// Agreement of one category.
  struct Count: Encodable {
    var rows = 0
    /// Rows where Crux says what the verdict says.
    var agreeing = 0
    /// Right by the verdict, refused by Crux.
    var missed = 0
    /// Wrong by the verdict, accepted by Crux.
    var acceptedWrongly = 0
    /// Rows that a third judge, where there is one, decides against the verdict, and Crux with him.
    var betterThanVerdict = 0
    /// Rows without a verdict to compare with.
    var undecided = 0
  }

  mutating func add(_ row: VerdictRow, score: Double) {
    rows[row.category, default: Count()].add(row, score: score)
    all.add(row, score: score)
  }

  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }

  var text: String {
    let width = max(12, (rows.keys.map(\.count).max() ?? 0) + 2)
    let head =
      "\(name)\n" + "category".padding(toLength: width, withPad: " ", startingAt: 0)
      + "   rows  agree  missed  false accepts  right against the verdict  undecided"
    let lines = rows.sorted { $0.key < $1.key }.map { line($0.key, $0.value, width) }
    return ([head] + lines + [line("all", all, width)]).joined(separator: "\n")
  }

  private func line(_ name: String, _ count: Count, _ width: Int) -> String {
    name.padding(toLength: width, withPad: " ", startingAt: 0)
      + String(
        format: "%7d%7d%8d%15d%27d%11d", count.rows, count.agreeing, count.missed,
        count.acceptedWrongly, count.betterThanVerdict, count.undecided)
  }
}

extension AgreementTable.Count {
  fileprivate mutating func add(_ row: VerdictRow, score: Double) {
    rows += 1
    guard let verdict = row.verdict else {
      undecided += 1
      return
    }
    // Scores in parts agree to nine digits.
    if abs(score - verdict) < 1e-9 {
      agreeing += 1
      return
    }
    if let truth = row.truth, (truth ? 1 : 0) == score {
      betterThanVerdict += 1
    } else if score > verdict {
      acceptedWrongly += 1
    } else {
      missed += 1
    }
  }
}
