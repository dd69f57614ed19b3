public import Foundation
public import Trajectories

/// A problem of one's own, perhaps with a response to look at.
public struct ProblemEntry: Equatable, Sendable {
  /// The problem; its task is `file` and its id names the file and the line.
  public var problem: Problem
  /// A response to inspect; nil where the policy shall answer itself.
  public var response: String?

  /// A problem with what came with it.
  public init(problem: Problem, response: String?) {
    self.problem = problem
    self.response = response
  }
}

/// Problems as JSON lines, such as `{"prompt": "…", "reference": "…", "response": "…"}`.
///
/// `problem` and `question` stand for `prompt`, `answer` for `reference`; an answer may be a number.
/// Other keys are left alone, so most data sets of problems can be read as they are.
public enum ProblemFile {
  /// Reads a file.
  ///
  /// - Throws: A sentence with the number of the first line that does not fit.
  public static func read(_ url: URL) throws -> [ProblemEntry] {
    try entries(of: try JSONLines(reading: url))
  }

  /// Reads the bytes of a file.
  ///
  /// - Parameters:
  ///   - data: The file.
  ///   - name: What the file is called in sentences and in the ids of its problems.
  /// - Returns: The problems, in order; at least one.
  /// - Throws: As `read`.
  public static func entries(from data: Data, name: String) throws -> [ProblemEntry] {
    try entries(of: try JSONLines(data, name: name))
  }

  private static func entries(of file: JSONLines) throws -> [ProblemEntry] {
    let example = "{\"prompt\": \"2+2=\", \"reference\": \"4\"}"
    let found = try file.map(Line.self, example: example) { line in
      guard let prompt = line.prompt ?? line.problem ?? line.question, !prompt.isEmpty else {
        throw RecordsError("there is no “prompt”")
      }
      guard let reference = (line.reference ?? line.answer)?.text, !reference.isEmpty else {
        throw RecordsError("there is no “reference”")
      }
      let problem = Problem(
        id: "", task: Problem.fileTask, prompt: prompt, reference: reference, guessChance: 0)
      return ProblemEntry(problem: problem, response: line.response)
    }
    return zip(found, file.lines).map { entry, line in
      var entry = entry
      entry.problem.id = "\(file.name)/\(line.number)"
      return entry
    }
  }

  private struct Line: Decodable {
    var prompt: String?
    var problem: String?
    var question: String?
    var reference: Answer?
    var answer: Answer?
    var response: String?
  }

  /// Text, or a number as it would be written.
  private struct Answer: Decodable {
    let text: String

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let whole = try? container.decode(Int64.self) {
        text = "\(whole)"
      } else if let number = try? container.decode(Double.self) {
        text = "\(number)"
      } else {
        text = try container.decode(String.self)
      }
    }
  }
}
