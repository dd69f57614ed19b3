import Foundation
import Grading
import Records
import Session
import Trajectories

/// How far Crux's judgements agree with verdicts that others gave.
struct GraderCheck {
  let files: [String]
  /// Where the rows go that Crux judges otherwise; nil for nowhere.
  let differences: String?
  let json: Bool

  func run() throws {
    guard !files.isEmpty else {
      throw Complaint("--check-grader needs a file with verdicts; name one.")
    }
    let writer = try differences.map { try LineWriter($0) }
    var everything = AgreementTable(name: "\(files.count) files")
    for file in files {
      let verdicts = try VerdictFile.read(URL(fileURLWithPath: file))
      var table = AgreementTable(name: verdicts.name)
      let isJudged = verdicts.rows.contains { $0.truth != nil }
      for row in verdicts.rows {
        let score = Self.score(row)
        table.add(row, score: score, isJudged: isJudged)
        everything.add(row, score: score, isJudged: isJudged, as: verdicts.name)
        guard let writer, let verdict = row.verdict, !GraderAgreement.agree(score, verdict) else {
          continue
        }
        try writer.write(
          Difference(
            id: row.problem.id, reference: row.problem.reference, answer: row.answer,
            verdict: verdict, crux: score))
      }
      if json { show(try table.json(), json: true) }
      // A table of one line stands in the last one too.
      if !json, files.count == 1 || table.categories > 1 { show(table.text) }
    }
    if !json, files.count > 1 { show(everything.text) }
  }

  private struct Difference: Encodable {
    var id: String
    var reference: String
    var answer: String
    var verdict: Double
    var crux: Double
  }

  /// The judge's score; reasoning-gym's verdicts are of answers that were already found.
  private static func score(_ row: VerdictRow) -> Double {
    guard let grading = row.problem.grading, grading.rule == .reasoningGym else {
      return Judge.judge(row.answer, to: row.problem).reward
    }
    return ReasoningGym.score(
      answer: row.answer, reference: row.problem.reference, facts: grading.facts)
  }
}
