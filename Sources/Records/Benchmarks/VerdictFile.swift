public import Foundation
public import Trajectories

/// A reference, an answer and what somebody said of them.
public struct VerdictRow: Equatable, Sendable {
  /// The reference, and the grading where the file names a task; its prompt may be empty.
  public var problem: Problem
  /// The answer.
  public var answer: String
  /// The verdict as a score, 0…1; nil where there is none to compare with.
  public var verdict: Double?
  /// What a third judge says; nil where nobody did.
  public var truth: Bool?
  /// What kind of row it is.
  public var category: String
}

/// Verdicts on answers, to check a grader with.
///
/// Either JSON lines with `gold`, `pred` and `verdict` or `expected`, perhaps with `by_eye` and
/// `category`; or reasoning-gym's: `id`, `candidate` and `score`, the instances being in the folder
/// `instances` beside that of the verdicts, under the same name.
public struct VerdictFile: Equatable, Sendable {
  /// What the file is called.
  public var name: String
  /// Its rows.
  public var rows: [VerdictRow]

  /// Reads a file.
  ///
  /// - Throws: A sentence with the first line that does not fit.
  public static func read(_ url: URL) throws -> VerdictFile {
    let data = try DurableFiles.bytes(of: url, limit: JSONLines.sizeLimit)
    let rows = try RawRow.rows(of: data, name: url.lastPathComponent)
    let name = url.lastPathComponent
    guard rows.first?.fields["candidate"] != nil else {
      return VerdictFile(name: name, rows: try rows.map(pair))
    }
    let folder = url.deletingLastPathComponent().deletingLastPathComponent()
    let instances = folder.appendingPathComponent("instances").appendingPathComponent(name)
    let set = try RawRow.rows(
      of: try DurableFiles.bytes(of: instances, limit: JSONLines.sizeLimit), name: name)
    let problems = try set.map { row in
      let (_, problem) = try BenchmarkRow.read(row, stem: name)
      return (row.text("id") ?? "", problem.problem(id: row.text("id") ?? "", style: .bare))
    }
    let known = Dictionary(problems, uniquingKeysWith: { first, _ in first })
    return VerdictFile(name: name, rows: try rows.map { try scored($0, known) })
  }

  private static func pair(_ row: RawRow) throws -> VerdictRow {
    guard let gold = row.text("gold", "reference"),
      let answer = row.text("pred_in", "pred", "answer")
    else {
      throw RecordsError("\(row.place): there is no “gold” or no “pred”; mend the row.")
    }
    let said = row.text("verdict", "expected", "result").flatMap { word -> Double? in
      ["True": 1, "False": 0][word] ?? Double(word)
    }
    let eye = row.text("by_eye").flatMap { ["eq": true, "ne": false][$0] }
    return VerdictRow(
      problem: Problem(
        id: row.text("id") ?? row.place, task: Problem.fileTask, prompt: "", reference: gold,
        guessChance: 0),
      answer: answer, verdict: said, truth: eye, category: row.text("category", "test") ?? "all")
  }

  private static func scored(_ row: RawRow, _ known: [String: Problem]) throws -> VerdictRow {
    guard let id = row.text("id"), let problem = known[id] else {
      throw RecordsError("\(row.place): there is no instance with its id; mend the row.")
    }
    // An error of the library's own is worth nothing. Without an answer there is nothing to compare.
    let score = (row.fields["score"] as? NSNumber)?.doubleValue ?? 0
    let candidate = row.text("candidate")
    return VerdictRow(
      problem: problem, answer: candidate ?? "", verdict: candidate == nil ? nil : score,
      truth: nil,
      category: row.text("task") ?? String(id.prefix { $0 != "-" }))
  }
}
