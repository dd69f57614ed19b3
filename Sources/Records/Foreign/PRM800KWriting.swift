import Foundation
import Trajectories

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
