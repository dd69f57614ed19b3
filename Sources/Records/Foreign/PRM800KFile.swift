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

/// A line of a file, with every key that the published files have.
///
/// What is not known stands as null, since readers ask for the keys. Source: the annotated line in
/// the README of github.com/openai/prm800k.
struct PRM800KLine: Decodable {
  var labeler: String?
  var timestamp: String?
  var question: Question
  var label: Label

  struct Question: Decodable {
    var problem: String
    var groundTruthAnswer: String?
    var preGeneratedSteps: [String]?

    enum CodingKeys: String, CodingKey {
      case problem
      case groundTruthAnswer = "ground_truth_answer"
      case preGeneratedSteps = "pre_generated_steps"
    }
  }

  struct Label: Decodable {
    var steps: [RatedStep]
    var totalTime: Double?
    var finishReason: String?
    var crux: Choice?

    enum CodingKeys: String, CodingKey {
      case steps, crux
      case totalTime = "total_time"
      case finishReason = "finish_reason"
    }
  }

  struct RatedStep: Decodable {
    var completions: [Completion]?
    var humanCompletion: Completion?
    var chosenCompletion: Int?

    enum CodingKeys: String, CodingKey {
      case completions
      case humanCompletion = "human_completion"
      case chosenCompletion = "chosen_completion"
    }
  }

  struct Completion: Decodable {
    var text: String
    var rating: Int?
    var flagged: Bool?

    enum CodingKeys: String, CodingKey { case text, rating, flagged }
  }

  /// What Crux adds.
  struct Choice: Codable {
    var criticalStep: Int?
    var blind: Bool

    enum CodingKeys: String, CodingKey {
      case blind
      case criticalStep = "critical_step"
    }
  }
}

extension PRM800KLine.Completion {
  init(from decoder: any Decoder) throws {
    // What a person wrote stands as an object in some files and as plain text in others.
    if let text = try? decoder.singleValueContainer().decode(String.self) {
      self.init(text: text, rating: nil, flagged: nil)
      return
    }
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      text: try container.decode(String.self, forKey: .text),
      rating: try container.decodeIfPresent(Int.self, forKey: .rating),
      flagged: try container.decodeIfPresent(Bool.self, forKey: .flagged))
  }
}

// Reading.
extension PRM800KLine {
  func solution() throws -> RatedSolution {
    guard !question.problem.isEmpty else { throw RecordsError("“question.problem” is empty") }
    let generated = question.preGeneratedSteps ?? []
    let taken = try label.steps.enumerated().map { place, step in
      let text = generated.indices.contains(place) ? generated[place] : nil
      return try step.taken(number: place + 1, generated: text)
    }
    guard !taken.isEmpty else { throw RecordsError("“label.steps” is empty") }
    if let chosen = label.crux?.criticalStep, !taken.indices.contains(chosen) {
      throw RecordsError("“label.crux.critical_step” is \(chosen) of \(taken.count) steps")
    }
    return RatedSolution(
      labeler: labeler ?? "", timestamp: timestamp, problem: question.problem,
      answer: question.groundTruthAnswer, steps: taken.map(\.text), ratings: taken.map(\.rating),
      finish: label.finishReason.flatMap(LabelFinish.init), seconds: seconds,
      chosen: label.crux?.criticalStep, blind: label.crux?.blind)
  }

  /// Whether nothing of it was rated.
  var isGivenUp: Bool {
    let finish = label.finishReason.flatMap(LabelFinish.init)
    return label.steps.isEmpty && (finish == .giveUp || finish == .badProblem)
  }

  /// Milliseconds in the file.
  private var seconds: Double? {
    guard let time = label.totalTime, time.isFinite, time >= 0 else { return nil }
    return time / 1000
  }
}

extension PRM800KLine.RatedStep {
  /// The completion that the solution went on with.
  func taken(number: Int, generated: String?) throws -> PRM800KLine.Completion {
    let all = completions ?? []
    let found: PRM800KLine.Completion?
    if let chosen = chosenCompletion {
      guard all.indices.contains(chosen) else {
        throw RecordsError(
          "“chosen_completion” of step \(number) is \(chosen) of \(all.count) completions")
      }
      found = all[chosen]
    } else {
      found =
        humanCompletion ?? all.first { $0.text == generated } ?? all.first { $0.rating == -1 }
        ?? all.first
    }
    guard let found, !found.text.isEmpty else { throw RecordsError("step \(number) has no text") }
    if let rating = found.rating, !(-1...1).contains(rating) {
      throw RecordsError("the rating of step \(number) is \(rating), not -1, 0 or 1")
    }
    return found
  }
}

// Writing: every key of the published files, null where nothing is known.

extension PRM800KLine {
  init(_ solution: RatedSolution) {
    labeler = solution.labeler
    timestamp = solution.timestamp
    question = Question(
      problem: solution.problem, groundTruthAnswer: solution.answer,
      preGeneratedSteps: solution.steps)
    let rated = solution.steps.enumerated().map { place, text in
      let rating = solution.ratings.indices.contains(place) ? solution.ratings[place] : nil
      return RatedStep(
        completions: [Completion(text: text, rating: rating, flagged: false)],
        humanCompletion: nil, chosenCompletion: 0)
    }
    label = Label(
      steps: rated, totalTime: solution.seconds.map { ($0 * 1000).rounded() },
      finishReason: solution.finish?.rawValue,
      crux: solution.blind.map { Choice(criticalStep: solution.chosen, blind: $0) })
  }
}

extension PRM800KLine: Encodable {
  /// Keys of which Crux knows nothing, or that are the same in all that it writes.
  private enum OuterKeys: String, CodingKey {
    case labeler, timestamp, generation, question, label
    case isQualityControl = "is_quality_control_question"
    case isInitialScreening = "is_initial_screening_question"
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: OuterKeys.self)
    try container.encode(labeler, forKey: .labeler)
    try container.encode(timestamp, forKey: .timestamp)
    try container.encodeNil(forKey: .generation)
    try container.encode(false, forKey: .isQualityControl)
    try container.encode(false, forKey: .isInitialScreening)
    try container.encode(question, forKey: .question)
    try container.encode(label, forKey: .label)
  }
}

extension PRM800KLine.Question: Encodable {
  private enum UnknownKeys: String, CodingKey, CaseIterable {
    case solution = "ground_truth_solution"
    case preGeneratedAnswer = "pre_generated_answer"
    case verifierScore = "pre_generated_verifier_score"
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(problem, forKey: .problem)
    try container.encode(groundTruthAnswer, forKey: .groundTruthAnswer)
    try container.encode(preGeneratedSteps, forKey: .preGeneratedSteps)
    var others = encoder.container(keyedBy: UnknownKeys.self)
    for key in UnknownKeys.allCases { try others.encodeNil(forKey: key) }
  }
}

extension PRM800KLine.Label: Encodable {
  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(steps, forKey: .steps)
    try container.encode(totalTime, forKey: .totalTime)
    try container.encode(finishReason, forKey: .finishReason)
    try container.encodeIfPresent(crux, forKey: .crux)
  }
}

extension PRM800KLine.RatedStep: Encodable {
  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(completions, forKey: .completions)
    try container.encode(humanCompletion, forKey: .humanCompletion)
    try container.encode(chosenCompletion, forKey: .chosenCompletion)
  }
}

extension PRM800KLine.Completion: Encodable {
  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(text, forKey: .text)
    try container.encode(rating, forKey: .rating)
    try container.encode(flagged, forKey: .flagged)
  }
}
