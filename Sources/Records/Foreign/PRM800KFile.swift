public import Foundation
public import Trajectories

/// A solution whose steps a person rated, as PRM800K keeps it.
public struct RatedSolution: Equatable, Sendable {
  /// Who rated.
  public var labeler: String
  /// When, as ISO 8601; nil where nobody wrote it down.
  public var timestamp: String?
  /// The problem.
  public var problem: String
  /// Its right answer; nil where the file does not tell.
  public var answer: String?
  /// The steps that were taken, in order.
  public var steps: [String]
  /// The rating of each step: −1 bad, 0 neutral, 1 good, nil unrated.
  public var ratings: [Int?]
  /// Why the person stopped.
  public var finish: LabelFinish?
  /// Seconds it took.
  public var seconds: Double?
  /// The step that the person called critical, where Crux wrote the file and the person named one.
  public var chosen: Int?
  /// Whether the person saw no values, where Crux wrote the file; nil elsewhere.
  public var blind: Bool?

  /// A solution with every field given.
  public init(
    labeler: String, timestamp: String? = nil, problem: String, answer: String?, steps: [String],
    ratings: [Int?], finish: LabelFinish?, seconds: Double? = nil, chosen: Int? = nil,
    blind: Bool? = nil
  ) {
    self.labeler = labeler
    self.timestamp = timestamp
    self.problem = problem
    self.answer = answer
    self.steps = steps
    self.ratings = ratings
    self.finish = finish
    self.seconds = seconds
    self.chosen = chosen
    self.blind = blind
  }

  /// The critical step: the one that Crux wrote down, in other files the first that was rated −1.
  public var critical: Int? { blind == nil ? ratings.firstIndex { $0 == -1 } : chosen }
}

/// Ratings of steps in the format of PRM800K (Lightman and others 2023), one JSON object a line.
///
/// Of each step the chosen completion is read, or the one a person wrote; where a person stopped at
/// an error and chose none, that of the solution that was generated beforehand, else the first that
/// was rated −1. Solutions that a person gave up before the first step are left out. What Crux
/// writes has one key more, `label.crux`, with the critical step and whether it was chosen blind;
/// readers of PRM800K pass over it.
public enum PRM800KFile {
  private static let example =
    "{\"question\": {\"problem\": \"2+2=\", \"ground_truth_answer\": \"4\"}, \"label\": "
    + "{\"steps\": [{\"completions\": [{\"text\": \"4\", \"rating\": 1}], "
    + "\"chosen_completion\": 0}], \"finish_reason\": \"solution\"}}"

  /// Reads a file.
  ///
  /// - Throws: A sentence with the number of the first line that does not fit.
  public static func read(_ url: URL) throws -> [RatedSolution] {
    try solutions(of: try JSONLines(reading: url))
  }

  /// Reads the bytes of a file.
  ///
  /// - Parameters:
  ///   - data: The file.
  ///   - name: What the file is called in sentences.
  /// - Returns: The solutions, in order.
  /// - Throws: As `read`.
  public static func solutions(from data: Data, name: String) throws -> [RatedSolution] {
    try solutions(of: try JSONLines(data, name: name))
  }

  private static func solutions(of file: JSONLines) throws -> [RatedSolution] {
    try file.map(PRM800KLine.self, example: example) { line in
      line.isGivenUp ? nil : try line.solution()
    }.compactMap { $0 }
  }

  /// Writes solutions, one a line.
  ///
  /// - Throws: A sentence where the file cannot be written.
  public static func write(_ solutions: [RatedSolution], to url: URL) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let lines = try solutions.map { solution in
      String(decoding: try encoder.encode(PRM800KLine(solution)), as: UTF8.self) + "\n"
    }
    try DurableFiles.write(Data(lines.joined().utf8), to: url)
  }
}
