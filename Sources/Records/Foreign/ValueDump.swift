public import Foundation
public import Trajectories

/// An answer whose steps somebody else valued.
public struct ValuedAnswer: Equatable, Sendable {
  /// The answer; its steps are known, its tokens are not.
  public var trajectory: Trajectory
  /// What was counted before each step.
  public var counts: [ValueCount]
  /// The rollouts before each step, where the file holds them.
  public var rollouts: [[DumpedRollout]]

  /// Whether the rollouts themselves are known.
  public var hasRollouts: Bool { rollouts.contains { !$0.isEmpty } }
}

/// Rewards of some rollouts, added up.
public struct ValueCount: Equatable, Sendable {
  /// Sum of the rewards.
  public var sum: Double
  /// Number of rollouts.
  public var rollouts: Int

  /// A count with every field given.
  public init(sum: Double, rollouts: Int) {
    self.sum = sum
    self.rollouts = rollouts
  }

  /// The count behind a success rate that was published with the number of its rollouts.
  ///
  /// Some rollouts may have given no answer and were left out of the rate, so the number is the
  /// largest, not above the published one, of which the rate is a whole count, to the last bit.
  public init(rate: Double, of published: Int) {
    let fitting = stride(from: published, to: published / 2, by: -1).first {
      (rate * Double($0)).rounded() / Double($0) == rate
    }
    let rollouts = fitting ?? published
    let sum = rate * Double(rollouts)
    self.init(sum: fitting == nil ? sum : sum.rounded(), rollouts: rollouts)
  }
}

/// A rollout of a dump.
public struct DumpedRollout: Equatable, Sendable {
  /// What was written after the boundary.
  public var text: String
  /// The judge's number, 0…1.
  public var reward: Double
  /// What it ends on; nil where the file does not say.
  public var answer: String?
}

/// Step values that somebody else estimated, as files.
///
/// Three forms are read: JSON lines with `steps` and `boundaries`, each with its `rollouts` (`text`,
/// `reward`); JSON lines with `chunks`, each with its success rate `accuracy` and `n_resamples`
/// (Thought Anchors' summaries); and folders of Thought Anchors' rollouts (`chunks.json`,
/// `chunk_0/solutions.json` …), alone or somewhere below the folder that is named.
public enum ValueDump {
  /// Reads a file or a folder.
  ///
  /// - Throws: A sentence that names the file and the line that does not fit.
  public static func read(_ url: URL) throws -> [ValuedAnswer] {
    var isFolder: ObjCBool = false
    _ = FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder)
    if isFolder.boolValue { return try AnchorFolder.readAll(below: url) }
    return try answers(in: try JSONLines(reading: url))
  }

  /// Reads the bytes of a file of JSON lines.
  public static func answers(from data: Data, name: String) throws -> [ValuedAnswer] {
    try answers(in: try JSONLines(data, name: name))
  }

  private static func answers(in file: JSONLines) throws -> [ValuedAnswer] {
    let example =
      "{\"steps\": […], \"reward\": 1, \"boundaries\": [{\"rollouts\": [{\"text\": …, "
      + "\"reward\": 1}]}]}"
    let found = try file.map(Line.self, example: example) { try $0.answer }
    return zip(found, file.lines).map { answer, line in
      var answer = answer
      if answer.trajectory.id.isEmpty { answer.trajectory.id = "\(file.name)/\(line.number)" }
      answer.trajectory.problem.id = answer.trajectory.id
      return answer
    }
  }

  /// An answer without tokens, cut as the dump says.
  static func trajectory(
    id: String, prompt: String, reference: String, steps: [String], reward: Double
  ) -> Trajectory {
    let problem = Problem(
      id: id, task: Problem.fileTask, prompt: prompt, reference: reference, guessChance: 0)
    return Trajectory(
      id: id, problem: problem, promptTokens: [], responseTokens: [], logProbabilities: [],
      steps: steps.map { Step(start: 0, end: 0, text: $0) }, reward: reward, chainCorrect: nil,
      seed: 0, policyVersion: 0, truncated: false)
  }
}

// One line of a file.
extension ValueDump {
  private struct Line: Decodable {
    var problemId: String?
    var problem: String?
    var model: String?
    var base: String?
    var prompt: String?
    var gold: String?
    var steps: [String]?
    var reward: Double?
    var boundaries: [Boundary]?
    var baseIsCorrect: Bool?
    var chunks: [Chunk]?

    enum CodingKeys: String, CodingKey {
      case problem, model, base, prompt, gold, steps, reward, boundaries, chunks
      case problemId = "problem_id"
      case baseIsCorrect = "base_is_correct"
    }

    var answer: ValuedAnswer {
      get throws {
        if let chunks { return try summary(chunks) }
        guard let steps, let boundaries else {
          throw RecordsError("there are neither “steps” and “boundaries” nor “chunks”")
        }
        guard let reward else { throw RecordsError("there is no “reward” of the answer") }
        guard !steps.isEmpty, boundaries.count == steps.count else {
          throw RecordsError(
            "there are \(steps.count) steps but \(boundaries.count) boundaries, one before each")
        }
        return ValuedAnswer(
          trajectory: trajectory(
            id: problemId ?? "", prompt: prompt ?? "", reference: gold ?? "", steps: steps,
            reward: reward),
          counts: boundaries.map { boundary in
            ValueCount(
              sum: boundary.rollouts.reduce(0) { $0 + $1.reward },
              rollouts: boundary.rollouts.count)
          },
          rollouts: boundaries.map { boundary in
            boundary.rollouts.map {
              DumpedRollout(text: $0.text, reward: $0.reward, answer: $0.answer)
            }
          })
      }
    }

    private func summary(_ chunks: [Chunk]) throws -> ValuedAnswer {
      guard let baseIsCorrect, !chunks.isEmpty else {
        throw RecordsError("“chunks” need “base_is_correct” and at least one chunk")
      }
      let id = [model, base, problem ?? problemId].compactMap { $0 }.joined(separator: "/")
      return ValuedAnswer(
        trajectory: trajectory(
          id: id, prompt: id, reference: "", steps: chunks.map(\.words),
          reward: baseIsCorrect ? 1 : 0),
        counts: try chunks.map { chunk in
          guard (0...1).contains(chunk.accuracy), chunk.resamples >= 0 else {
            throw RecordsError("chunk \(chunk.i): accuracy is no share or n_resamples no count")
          }
          return ValueCount(rate: chunk.accuracy, of: chunk.resamples)
        }, rollouts: chunks.map { _ in [] })
    }
  }

  private struct Boundary: Decodable {
    var rollouts: [Rollout]
  }

  private struct Rollout: Decodable {
    var text: String
    var reward: Double
    var answer: String?
  }

  private struct Chunk: Decodable {
    var i: Int
    var accuracy: Double
    var resamples: Int
    var tags: [String]?
    var text: String?

    enum CodingKeys: String, CodingKey {
      case i, accuracy, text
      case resamples = "n_resamples"
      case tags = "function_tags"
    }

    var words: String {
      text ?? "sentence \(i)" + (tags.map { " (" + $0.joined(separator: ", ") + ")" } ?? "")
    }
  }
}
