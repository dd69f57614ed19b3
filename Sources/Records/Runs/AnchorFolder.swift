import Foundation
import Trajectories

/// A folder of Thought Anchors' rollouts: one answer, its chunks, and rollouts from before each.
enum AnchorFolder {
  /// Every answer at or below a folder, by path.
  static func readAll(below folder: URL) throws -> [ValuedAnswer] {
    let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
    let found = (files?.compactMap { $0 as? URL } ?? []).filter {
      $0.lastPathComponent == "chunks.json"
    }
    guard !found.isEmpty else {
      throw RecordsError(
        "\(folder.lastPathComponent) holds no chunks.json; name a file of JSON lines or a folder "
          + "of Thought Anchors' rollouts.")
    }
    return try found.map { $0.deletingLastPathComponent() }.sorted { $0.path < $1.path }
      .map(read)
  }

  /// The answer of one folder.
  static func read(_ folder: URL) throws -> ValuedAnswer {
    let chunks = try decode(Chunks.self, folder.appendingPathComponent("chunks.json")).chunks
    guard !chunks.isEmpty else {
      throw RecordsError("\(folder.lastPathComponent)/chunks.json holds no chunks.")
    }
    let base = try decode(Base.self, folder.appendingPathComponent("base_solution.json"))
    let problem = try? decode(Stated.self, folder.appendingPathComponent("problem.json"))
    let parent = folder.deletingLastPathComponent().lastPathComponent
    let rollouts = try chunks.indices.map { index in
      let file = folder.appendingPathComponent("chunk_\(index)/solutions.json")
      return try decode([Solution].self, file).compactMap(\.rollout)
    }
    return ValuedAnswer(
      trajectory: ValueDump.trajectory(
        id: "\(parent)/\(folder.lastPathComponent)", prompt: problem?.problem ?? base.prompt ?? "",
        reference: problem?.answer ?? "", steps: chunks, reward: base.isCorrect ? 1 : 0),
      counts: rollouts.map { drawn in
        ValueCount(sum: drawn.reduce(0) { $0 + $1.reward }, rollouts: drawn.count)
      }, rollouts: rollouts)
  }

  private static func decode<File: Decodable>(_ type: File.Type, _ url: URL) throws -> File {
    let data = try DurableFiles.bytes(of: url, limit: JSONLines.sizeLimit)
    do { return try JSONDecoder().decode(type, from: data) } catch {
      let place = url.pathComponents.suffix(3).joined(separator: "/")
      throw RecordsError("\(place) is no file of Thought Anchors; its keys do not fit.")
    }
  }

  private struct Chunks: Decodable {
    var chunks: [String]
  }

  private struct Base: Decodable {
    var prompt: String?
    var isCorrect: Bool

    enum CodingKeys: String, CodingKey {
      case prompt
      case isCorrect = "is_correct"
    }
  }

  private struct Stated: Decodable {
    var problem: String
    var answer: String?

    enum CodingKeys: String, CodingKey {
      case problem
      case answer = "gt_answer"
    }
  }

  private struct Solution: Decodable {
    var rollout: DumpedRollout?

    enum CodingKeys: String, CodingKey {
      case rollout, answer
      case isCorrect = "is_correct"
    }

    /// A rollout that failed to be drawn has an error in the place of its judgement.
    init(from decoder: any Decoder) throws {
      let keys = try decoder.container(keyedBy: CodingKeys.self)
      guard let isCorrect = try? keys.decode(Bool.self, forKey: .isCorrect) else { return }
      let text = try keys.decodeIfPresent(String.self, forKey: .rollout) ?? ""
      let answer = try? keys.decodeIfPresent(String.self, forKey: .answer)
      rollout = DumpedRollout(text: text, reward: isCorrect ? 1 : 0, answer: answer)
    }
  }
}
