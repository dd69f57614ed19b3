import Foundation
import Learning
import Records
import Trajectories

/// A process on which starts are compared.
struct TheoryCase {
  var name: String
  var process: TabularProcess

  /// Eight steps, each a coin: whole answers are rarely right.
  static let sparse = TheoryCase(
    name: "sparse", process: TabularProcess(chances: Array(repeating: 0.5, count: 8)))

  /// From where resets buy most to where they buy nothing or cost.
  static let all = [
    sparse,
    TheoryCase(
      name: "sparse, lucky 1 in 4",
      process: TabularProcess(chances: Array(repeating: 0.5, count: 8), luck: 0.25)),
    TheoryCase(
      name: "easy", process: TabularProcess(chances: Array(repeating: 0.9, count: 8))),
    TheoryCase(
      name: "hard first step",
      process: TabularProcess(chances: [0.02] + Array(repeating: 0.9, count: 7))),
    TheoryCase(
      name: "hard last step",
      process: TabularProcess(chances: Array(repeating: 0.9, count: 7) + [0.02])),
  ]

  private static let starts: [(name: String, starts: ResetLearning.Starts)] = [
    ("prompt", .prompt), ("half even", .even), ("half critical", .critical), ("last", .last),
  ]

  /// Every way to start, learnt again and again: rows of a table, and curves.
  func outcomes(
    repetitions: Int, seed: UInt64
  ) -> (rows: [[String]], panel: LineCharts.Panel) {
    let learner = ResetLearning(process)
    var rows: [[String]] = []
    var lines: [LineCharts.Line] = []
    var plain: [Double] = []
    for (word, starts) in Self.starts {
      let runs = (0..<repetitions).map {
        learner.learn(starts, seed: seed &* 1_000_003 &+ UInt64($0))
      }
      let ends = runs.compactMap { ResetLearning.regret(of: $0, after: learner.budget) }
      if starts == .prompt { plain = ends }
      let mismatch = process.mismatch(
        process.start, from: learner.distribution(starts, process.start))
      rows.append(row(word, mismatch, ends, plain))
      lines.append(LineCharts.Line(name: word, points: Self.curve(runs, learner.budget)))
    }
    return (rows, LineCharts.Panel(title: "regret, \(name)", lines: lines))
  }

  private func row(
    _ starts: String, _ mismatch: Double, _ ends: [Double], _ plain: [Double]
  ) -> [String] {
    let spread = Spread(ends)
    let gap = Spread(zip(ends, plain).map { $0 - $1 })
    let difference = gap.interval().map {
      String(format: "%+.4f [%+.4f %+.4f]", gap.mean, $0.lowerBound, $0.upperBound)
    }
    return [
      name, starts, mismatch.isFinite ? String(format: "%.1f", mismatch) : "∞",
      String(format: "%.4f ± %.4f", spread.mean, spread.standardError ?? 0),
      starts == "prompt" ? "-" : difference ?? "-",
    ]
  }

  /// The mean regret at even numbers of steps.
  private static func curve(
    _ runs: [[(steps: Int, regret: Double)]], _ budget: Int
  ) -> [LineCharts.Point] {
    stride(from: 0, through: budget, by: budget / 20).map { steps in
      let values = runs.compactMap { ResetLearning.regret(of: $0, after: steps) }
      return LineCharts.Point(x: Double(steps), y: Spread(values).mean)
    }
  }
}
