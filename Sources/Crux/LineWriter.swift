import Foundation
import Learning
import Records
import Session
import Trajectories

/// Writes a file of JSON lines, one after the other.
struct LineWriter {
  private let file: FileHandle

  /// Begins a file anew.
  init(_ path: String) throws {
    guard FileManager.default.createFile(atPath: path, contents: nil) else {
      throw Complaint("\(path) cannot be written.")
    }
    file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
  }

  func write(_ line: some Encodable) throws {
    try file.write(contentsOf: Data((try jsonLine(line) + "\n").utf8))
  }

  private struct Answer: Encodable {
    var id: String
    var prompt: String
    var reference: String
    var response: String
    var greedy: Bool
    var judgements: [BenchmarkAnswer.AtLimit]
  }

  /// Writes every answer of a measurement.
  func write(_ report: BenchmarkReport, of set: BenchmarkSet) throws {
    for answer in report.answers {
      let problem = set.problems[answer.problem]
      try write(
        Answer(
          id: problem.id, prompt: problem.prompt, reference: problem.reference,
          response: answer.text, greedy: answer.isGreedy, judgements: answer.judgements))
    }
  }
}
