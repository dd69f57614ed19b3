import Foundation
import Trajectories

/// A folder of Thought Anchors' rollouts as a row of step values.
final class AnchorTable: DumpTable {
  private let folder: URL

  init(_ folder: URL) { self.folder = folder }

  var count: Int { 1 }
  var format: DumpFormat? { .thoughtAnchors }

  /// How many bytes all that lies in the folder has.
  static func size(of folder: URL) -> Int {
    let files = FileManager.default.enumerator(
      at: folder, includingPropertiesForKeys: [.fileSizeKey])
    return (files?.compactMap { $0 as? URL } ?? []).reduce(0) { sum, url in
      sum + ((try? url.resourceValues(forKeys: [.fileSizeKey]))?.fileSize ?? 0)
    }
  }

  func row(_ index: Int) throws(DumpFault) -> DumpValue {
    let answer: ValuedAnswer
    do { answer = try AnchorFolder.read(folder) } catch {
      let sentence = (error as? RecordsError)?.description ?? "\(error)"
      throw DumpFault(sentence.hasSuffix(".") ? String(sentence.dropLast()) : sentence)
    }
    let counts = answer.counts.map { count -> DumpValue in
      let mean = count.rollouts > 0 ? count.sum / Double(count.rollouts) : .nan
      return .object([
        ("mean", count.rollouts > 0 ? .number(mean) : .null),
        ("rollouts", .integer(Int64(count.rollouts))),
      ])
    }
    return .object([
      ("id", .text(answer.trajectory.id)), ("prompt", .text(answer.trajectory.problem.prompt)),
      ("reference", .text(answer.trajectory.problem.reference)),
      ("steps", .list(answer.trajectory.steps.map { .text($0.text) })),
      ("boundaries", .list(counts)), ("reward", .number(answer.trajectory.reward)),
      ("model", model.map { .text($0) } ?? .null),
    ])
  }

  /// The layout of the published rollouts is `MODEL/temperature_…/…_base_solution/problem_N`.
  var model: String? {
    let parts = folder.pathComponents
    guard let place = parts.lastIndex(where: { $0.hasPrefix("temperature_") }), place > 0 else {
      return nil
    }
    return parts[place - 1]
  }
}
