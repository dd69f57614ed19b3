import ArgumentParser
import Foundation
import Learning
import Records
import Session
import Trajectories

/// Checks the method's theory in numbers, on processes whose values are known exactly.
struct StudyTheoryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "theory",
    abstract: "Check the theory on small processes whose values and best policy are known.",
    discussion: """
      Three tables: how fast values by rollouts come to the exact ones; GPO's offline objective \
      against its closed form; and what starting rollouts elsewhere than at the prompt buys, by the \
      mismatch between a best policy's states and those of training.
      """)

  @Option(help: "Trainings of each learner.")
  var repetitions = 100

  @Option(help: "Seed of everything random.")
  var seed: UInt64 = 0

  @Flag(help: "Print the tables as Markdown.")
  var markdown = false

  @Option(help: "Write the curves to a file (SVG).")
  var svg: String?

  func validate() throws {
    guard (2...100_000).contains(repetitions) else {
      throw ValidationError("--repetitions is \(repetitions); take 2 to 100000.")
    }
  }

  func run() throws {
    Interruption.watch()
    let convergence = ValueConvergence(TheoryCase.sparse.process, seed: seed)
    var rows: [[String]] = []
    var panels = [Self.panel(convergence)]
    for study in TheoryCase.all {
      tellProgress("learning: \(study.name)")
      let found = study.outcomes(repetitions: repetitions, seed: seed)
      rows += found.rows
      panels.append(found.panel)
      if Interruption.isAsked { throw ExitCode(Interruption.exitCode) }
    }
    endProgress()
    let tables = [
      Self.table(convergence), Self.regression(),
      TextTable(
        title: "What starts buy: regret after 6000 steps, \(repetitions) learners each",
        columns: ["process", "starts", "mismatch at first", "regret", "less prompt's [95 %]"],
        rows: rows),
    ]
    show(tables.map { markdown ? $0.markdown : $0.text }.joined(separator: "\n\n"))
    let charts = LineCharts(panels: panels, across: 3, xTitle: "steps drawn")
    if let svg { try Data(charts.svg.utf8).write(to: URL(fileURLWithPath: svg)) }
    guard !markdown else { return }
    let columns = ProcessInfo.processInfo.environment["COLUMNS"].flatMap { Int($0) } ?? 120
    show("")
    TerminalCharts(charts).show(columns: columns)
  }

  private static func table(_ found: ValueConvergence) -> TextTable {
    TextTable(
      title: String(
        format: "Values by rollouts: the error falls as n to the %.3f ± %.3f (theory: −0.5)",
        found.slope, found.slopeError),
      columns: ["rollouts a state", "error", "theory"],
      rows: found.points.map {
        ["\($0.rollouts)", String(format: "%.4f", $0.error), String(format: "%.4f", $0.expected)]
      })
  }

  private static func panel(_ found: ValueConvergence) -> LineCharts.Panel {
    LineCharts.Panel(
      title: "error of values",
      lines: [
        LineCharts.Line(
          name: "measured",
          points: found.points.map { LineCharts.Point(x: Double($0.rollouts), y: $0.error) }),
        LineCharts.Line(
          name: "theory",
          points: found.points.map { LineCharts.Point(x: Double($0.rollouts), y: $0.expected) }),
      ], isLogarithmic: true, xTitle: "rollouts a state")
  }

  private static func regression() -> TextTable {
    let process = TheoryCase.sparse.process
    let (start, gains) = (process.start, process.advantages(process.start))
    let before = process.values(start)[0]
    let rows = [1.0, 0.3, 0.1].map { beta -> [String] in
      let objective = WeightedRegression(beta: beta)
      let closed = objective.closedForm(start, gains)
      let regression = WeightedRegression.distance(closed, objective.ascent(start, gains))
      let pulled = WeightedRegression.distance(closed, objective.pulledAscent(start, gains))
      return [
        String(format: "%g", beta), String(format: "%.1e", regression),
        String(format: "%.1e", pulled),
        String(format: "%.4f", before), String(format: "%.4f", process.values(closed)[0]),
      ]
    }
    return TextTable(
      title: "Two maxima by ascent against π_ref exp(A / β), normalised: largest difference",
      columns: ["β", "E log π exp(A / β)", "E A − β KL", "value before", "value after"],
      rows: rows)
  }
}

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
      let ends = ResetLearning.regrets(of: runs, after: learner.budget)
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
      LineCharts.Point(x: Double(steps), y: ResetLearning.meanRegret(of: runs, after: steps))
    }
  }
}
