import ArgumentParser
import Foundation
import Learning
import Records
import Trajectories
import Workbench

/// Brings choices of critical steps into other formats and back.
struct LabelsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "labels", abstract: "Write people's choices as PRM800K labels, or read such.",
    subcommands: [LabelsExportCommand.self, LabelsImportCommand.self])
}

/// Writes what people chose.
struct LabelsExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write people's choices of critical steps as PRM800K labels (JSON lines).",
    discussion: """
      A step that a person chose is rated -1 where the answer is wrong and 1 where it is right; \
      steps that nobody rated have no rating. The key label.crux keeps the choice itself.
      """)

  @Argument(help: "A run's folder.")
  var path: String

  @Argument(help: "The file to write.")
  var out: String

  func run() throws {
    let store = try RunStore(opening: URL(fileURLWithPath: path), readOnly: true)
    let recorded = try store.events()
    let history = RunHistory(recorded.map(\.event))
    let solutions = recorded.compactMap { one -> RatedSolution? in
      guard case .labelled(let label) = one.event,
        let trajectory = history.trajectory(label.trajectory)
      else { return nil }
      return RatedSolution(label, of: trajectory, at: one.time)
    }
    guard !solutions.isEmpty else {
      throw Complaint(
        "Nobody chose a critical step in \(path); crux open \(shellWord(path)) --blind asks.")
    }
    try PRM800KFile.write(solutions, to: URL(fileURLWithPath: out))
    show("\(out): \(solutions.count) labels of \(path)")
  }
}

extension RatedSolution {
  /// A person's choice in the words of PRM800K.
  init(_ label: StepLabel, of trajectory: Trajectory, at time: Double) {
    let chosen = label.step(in: trajectory.steps)
    var ratings = label.ratings
    if ratings.count != trajectory.steps.count {
      let rating = trajectory.reward >= 0.5 ? 1 : -1
      ratings = trajectory.steps.indices.map { $0 == chosen ? rating : nil }
    }
    let isError = chosen.map { ratings[$0] == -1 } ?? false
    let last = trajectory.steps.count - 1
    self.init(
      labeler: label.person,
      timestamp: Date(timeIntervalSince1970: time).ISO8601Format(),
      problem: trajectory.problem.prompt, answer: trajectory.problem.reference,
      steps: trajectory.steps.enumerated().map { place, step in
        let text = place == last ? withoutEndMark(step.text) : step.text
        return text.hasSuffix("\n") ? String(text.dropLast()) : text
      }, ratings: ratings, finish: label.finish ?? (isError ? .foundError : .solution),
      seconds: label.seconds, chosen: chosen, blind: label.blind)
  }
}

/// Reads what people rated.
struct LabelsImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Read PRM800K labels into a run: trajectories, each with a person's choice.",
    discussion: """
      The first step that was rated -1 counts as the person's critical step; where none was, the \
      person holds none to be critical. The run's policy cuts the text into tokens and scores them. \
      A solution that the run holds already, with the same problem and text, gets the choice alone; \
      a new one is marked there too, so that training resets to it.
      """)

  @Argument(help: "A file of PRM800K labels (JSON lines).")
  var file: String

  @Argument(help: "A run's folder.")
  var path: String

  @Option(help: "At most so many lines.")
  var limit: Int?

  @Flag(help: "Write no marks, so that training does not reset to these steps.")
  var noMarks = false

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit is \(limit); take 1 or more.") }
  }

  func run() throws {
    Interruption.watch()
    let url = URL(fileURLWithPath: file)
    let solutions = try PRM800KFile.read(url).prefix(limit ?? .max)
    let trainer = try Trainer(try OpenedRun(URL(fileURLWithPath: path), readOnly: false))
    var intake = try LabelIntake(trainer, stem: url.deletingPathExtension().lastPathComponent)
    for (place, solution) in solutions.enumerated() {
      guard !Interruption.isAsked else { throw ExitCode(Interruption.exitCode) }
      tellProgress("\(place + 1) of \(solutions.count)")
      try intake.take(solution, number: place + 1, marks: !noMarks)
    }
    endProgress()
    show("\(path): \(intake.summary)")
    if intake.refused > 0, let reason = intake.reason {
      tell("\(intake.refused) lines were left out; the first: \(reason)")
    }
  }
}
