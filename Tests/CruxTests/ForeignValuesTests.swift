import Foundation
import Learning
import Records
import Testing
import Trajectories

@testable import Crux
@testable import TerminalTesting

/// Values that others estimated, where they lie beside the package.
private enum Foreign {
  static let data = Workplace.root.deletingLastPathComponent().appendingPathComponent("shared/data")
  static let sentences = data.appendingPathComponent(
    "third-party/step-values/thought_anchors/mc_values_per_sentence.jsonl")
  static let rollouts = data.appendingPathComponent("own/rollouts_tiny/mc_values.jsonl")
  static let folder = data.appendingPathComponent("own/rollouts_tiny/thought_anchors")

  static func has(_ url: URL) -> Bool { FileManager.default.fileExists(atPath: url.path) }

  static func lines<Line: Decodable>(_ url: URL, as type: Line.Type) throws -> [Line] {
    try String(contentsOf: url, encoding: .utf8).split(separator: "\n").map {
      try JSONDecoder().decode(type, from: Data($0.utf8))
    }
  }

  /// Steps whose score is the largest, by plain arithmetic; nil stands for what nobody valued.
  static func best(_ values: [Double?], _ score: (Double) -> Double) -> [Int] {
    let scores = (0..<values.count - 1).map { step -> Double in
      guard let before = values[step], let after = values[step + 1] else { return -.infinity }
      return score(after - before)
    }
    return scores.indices.filter { scores[$0] == scores.max() }
  }
}

private let rules: [(Rule, @Sendable (Double) -> Double)] = [
  (.paperAbsolute, { abs($0) }), (.paperSigned, { $0 }), (.largestDrop, { -$0 }),
]

@Suite struct ForeignValuesTests {
  @Test func `a step beside a boundary that nobody valued has no advantage`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let chunks = [(0.5, 10), (0.75, 8), (0, 0), (1, 4)].enumerated().map {
      #"{"i": \#($0), "accuracy": \#($1.0), "n_resamples": \#($1.1)}"#
    }
    let line = #"{"base_is_correct": true, "chunks": [\#(chunks.joined(separator: ", "))]}"#
    let file = try place.file("values.jsonl", line)
    let json = try place.run(["values", file.path, "--json"])
    let row = try #require(
      JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
    let advantages = try #require(row["advantages"] as? [Any])
    #expect(advantages.map { $0 as? Double } == [0.25, nil, nil, 0])
    #expect((row["critical"] as? [String: Any])?["leader"] as? Int == 0)
  }
}

@Suite(
  .enabled(if: Foreign.has(Foreign.sentences), "../shared/data/third-party is not there"))
struct PublishedValuesTests {
  private struct Line: Decodable {
    struct Chunk: Decodable {
      var accuracy: Double
      var n_resamples: Int
      var resampling_importance_accuracy: Double
    }
    var base_is_correct: Bool
    var chunks: [Chunk]
  }

  @Test func `advantages are the published differences, to the last bit`() throws {
    let read = try ValueDump.read(Foreign.sentences)
    let lines = try Foreign.lines(Foreign.sentences, as: Line.self)
    #expect(read.count == 20 && read.count == lines.count)
    var compared = 0
    for (answer, line) in zip(read, lines) {
      let valuation = StepValues(answer).valuation()
      for (step, pair) in zip(line.chunks, line.chunks.dropFirst()).enumerated() {
        guard pair.0.n_resamples > 0, pair.1.n_resamples > 0 else { continue }
        #expect(valuation.advantages[step] == pair.1.accuracy - pair.0.accuracy)
        #expect(abs(valuation.advantages[step] - pair.0.resampling_importance_accuracy) < 1e-12)
        compared += 1
      }
    }
    #expect(compared > 2600)
  }

  @Test func `every rule names the sentence that the published rates name`() throws {
    let lines = try Foreign.lines(Foreign.sentences, as: Line.self)
    for (answer, line) in zip(try ValueDump.read(Foreign.sentences), lines) {
      let values = StepValues(answer)
      let rates = line.chunks.map { $0.n_resamples > 0 ? $0.accuracy : nil }
      for (rule, score) in rules {
        let critical = try #require(values.criticalStep(Recipe(), rule: rule))
        let expected = Foreign.best(rates + [line.base_is_correct ? 1 : 0], score)
        #expect(expected.contains(critical.leader), "\(answer.trajectory.id), \(rule.rawValue)")
        // The end is no sentence's rate; the sentence is the same without it.
        #expect(Foreign.best(rates, score).contains(critical.leader))
      }
    }
  }

  @Test func `intervals hold 95 % of the posterior of the counts`() throws {
    for answer in try ValueDump.read(Foreign.sentences).prefix(4) {
      for (value, count) in zip(StepValues(answer).valuation().values, answer.counts)
      where count.rollouts > 0 {
        let posterior = BetaPosterior(rewardSum: count.sum, rollouts: count.rollouts)
        let inside = posterior.cumulative(value.high) - posterior.cumulative(value.low)
        #expect(inside > 0.9499 && inside <= 1)
        #expect(value.low <= value.mean && value.mean <= value.high)
      }
    }
  }
}

@Suite(.enabled(if: Foreign.has(Foreign.rollouts), "../shared/data/own is not there"))
struct RawRolloutTests {
  private struct Line: Decodable {
    struct Boundary: Decodable {
      struct Rollout: Decodable { var reward: Double }
      struct Count: Decodable { var successes: Int; var n: Int }
      var rollouts: [Rollout]
      var v_512: Count
    }
    var reward: Double
    var boundaries: [Boundary]
    var advantage_v512: [Double]
  }

  @Test func `advantages and critical steps follow from the raw rollouts`() throws {
    let lines = try Foreign.lines(Foreign.rollouts, as: Line.self)
    let read = try ValueDump.read(Foreign.rollouts)
    #expect(read.count == lines.count)
    for (answer, line) in zip(read, lines) {
      let values = StepValues(answer)
      let means = line.boundaries.map { boundary in
        boundary.rollouts.reduce(0) { $0 + $1.reward } / Double(boundary.rollouts.count)
      }
      let all = means + [line.reward]
      #expect(values.valuation().advantages == zip(all.dropFirst(), all).map { $0 - $1 })
      for (rule, score) in rules {
        let critical = try #require(values.criticalStep(Recipe(), rule: rule))
        #expect(Foreign.best(all, score).contains(critical.leader))
        #expect(critical.low <= critical.advantage && critical.advantage <= critical.high)
      }
    }
  }

  @Test func `intervals hold what 512 more rollouts say`() throws {
    var held = 0
    var steps = 0
    for (answer, line) in zip(
      try ValueDump.read(Foreign.rollouts), try Foreign.lines(Foreign.rollouts, as: Line.self))
    {
      let values = StepValues(answer).valuation().values
      for (value, boundary) in zip(values, line.boundaries) {
        let rate = Double(boundary.v_512.successes) / Double(boundary.v_512.n)
        held += (value.low - 0.02...value.high + 0.02).contains(rate) ? 1 : 0
        steps += 1
      }
    }
    #expect(Double(held) >= 0.93 * Double(steps))
  }

  @Test func `the counterfactual scores add up and folders of rollouts are read`() throws {
    for answer in try ValueDump.read(Foreign.rollouts) {
      let anchors = try #require(answer.anchors)
      for (step, anchor) in anchors.enumerated() {
        let later = step + 1 < anchors.count ? answer.counts[step + 1].rollouts : 0
        #expect(anchor.kept + anchor.changed == answer.counts[step].rollouts + later)
        #expect(try #require(anchor.divergence) >= 0)
      }
    }
    let folders = try ValueDump.read(Foreign.folder)
    #expect(folders.count == 4)
    #expect(folders.allSatisfy { $0.hasRollouts && $0.counts.allSatisfy { $0.rollouts > 0 } })
  }
}
