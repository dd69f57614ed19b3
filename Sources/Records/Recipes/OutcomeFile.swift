public import Foundation
public import Trajectories

/// What makes two trainings the same: the same numbers come of both.
public struct OutcomeKey: Codable, Hashable, Sendable {
  /// The recipe's keys that differ from the defaults, as a recipe file says them; without the
  /// model's place and what is recorded.
  public var recipe: [String]
  /// Fingerprint of the starting policy's weights.
  public var model: String
  /// What the training might use.
  public var budget: TrainingBudget
  /// Whether the starting policy was measured without training.
  public var isUntrained: Bool

  /// The key of a recipe with its seed.
  public init(_ recipe: Recipe, model: String, budget: TrainingBudget, isUntrained: Bool) {
    // At temperature 1 it is the same which temperature scores are at.
    let isPlain = recipe.sampling.temperature == 1
    let kept = RecipeFile.changes(of: recipe).filter {
      !$0.hasPrefix("model = ") && !$0.hasPrefix("record.")
        && !(isPlain && $0.hasPrefix("objective.score_temperature = "))
    }
    // Nothing of an untrained policy depends on the seed of a training.
    self.recipe = isUntrained ? kept.filter { !$0.hasPrefix("seed = ") } : kept
    self.model = model
    self.budget = budget
    self.isUntrained = isUntrained
  }

  /// Reads a key; keys of the recipe that had another name are known by that of today.
  public init(from decoder: any Decoder) throws {
    let box = try decoder.container(keyedBy: CodingKeys.self)
    recipe = try box.decode([String].self, forKey: .recipe).map(RecipeFile.present)
    model = try box.decode(String.self, forKey: .model)
    budget = try box.decode(TrainingBudget.self, forKey: .budget)
    isUntrained = try box.decode(Bool.self, forKey: .isUntrained)
  }
}

/// One finished training as a line of the file says it.
public struct OutcomeLine: Codable, Equatable, Sendable {
  /// What was trained.
  public var key: OutcomeKey
  /// What the study called the method, the task setting and the seed.
  public var name: String
  /// What came of it.
  public var outcome: TrainingOutcome

  /// A line with every field given.
  public init(key: OutcomeKey, name: String, outcome: TrainingOutcome) {
    self.key = key
    self.name = name
    self.outcome = outcome
  }
}

/// The file of a study's finished trainings, a JSON line each, added when a training ends.
public final class OutcomeFile {
  /// What is known, by key; of two lines with the same key the later one.
  public private(set) var outcomes: [OutcomeKey: TrainingOutcome] = [:]
  private let file: GrowingLines

  /// Where the finished trainings of a study's file are kept: beside it, ending in `.jsonl`.
  public static func place(of study: URL) -> URL {
    study.deletingPathExtension().appendingPathExtension("jsonl")
  }

  /// Opens a file to read it and, where `isWritten`, to add to it; made if it does not exist.
  ///
  /// - Throws: A sentence where a line is no outcome, or another process is adding to it.
  public init(_ url: URL, isWritten: Bool) throws {
    file = try GrowingLines(
      url, isWritten: isWritten, whenTaken: "wait for it, or look with --finished")
    guard !file.lines.isEmpty else { return }
    let lines = JSONLines(file.lines, name: url.lastPathComponent)
    let example = "crux compare writes"
    for line in try lines.map(OutcomeLine.self, example: example, { $0 }) {
      outcomes[line.key] = line.outcome
    }
  }

  /// Adds a finished training; on disk when this returns.
  public func append(_ line: OutcomeLine) throws {
    outcomes[line.key] = line.outcome
    try file.append(line)
  }
}
