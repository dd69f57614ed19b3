import Foundation
import Trajectories

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
