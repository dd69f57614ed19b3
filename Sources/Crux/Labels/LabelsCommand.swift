import ArgumentParser
import Foundation
import LanguageModel
import Learning
import Records
import Session
import Tensors
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

/// Takes labelled solutions into a run, one after the other.
struct LabelIntake {
  private let trainer: Trainer
  private let stem: String
  private let history: RunHistory
  private var known: [String: Trajectory] = [:]
  private var said: Set<String> = []
  private(set) var added = 0
  private(set) var labels = 0
  private(set) var repeated = 0
  private(set) var refused = 0
  /// Why the first line was left out.
  private(set) var reason: String?

  init(_ trainer: Trainer, stem: String) throws {
    self.trainer = trainer
    self.stem = stem
    history = RunHistory(try trainer.run.store.events().map(\.event))
    for trajectory in history.trajectories {
      known[Self.key(trajectory.problem.prompt, trajectory.steps.map(\.text))] = trajectory
    }
    for label in history.labels { said.insert(Self.key(label)) }
  }

  /// What became of the lines.
  var summary: String {
    "\(labels) labels, \(added) new trajectories"
      + (repeated > 0 ? ", \(repeated) labels were known already" : "")
  }

  /// Writes down a solution and what a person said of it; the number is its line's.
  mutating func take(_ solution: RatedSolution, number: Int, marks: Bool) throws {
    var events: [RunEvent] = []
    var trajectory = known[Self.key(solution.problem, solution.steps)]
    if trajectory == nil {
      do { trajectory = try record(solution, number: number) } catch {
        refused += 1
        reason = reason ?? "\(error)"
        return
      }
      events += [trajectory].compactMap { $0 }.map { .sampled($0) }
    }
    guard let trajectory else { return }
    let label = StepLabel(
      person: solution.labeler.isEmpty ? stem : solution.labeler, trajectory: trajectory.id,
      step: solution.critical, starts: trajectory.steps.map(\.start),
      blind: solution.blind ?? true, seconds: solution.seconds, ratings: solution.ratings,
      finish: solution.finish)
    guard said.insert(Self.key(label)).inserted else {
      repeated += 1
      return
    }
    if marks, !events.isEmpty, let step = solution.critical {
      events.append(.marked(Mark(trajectory: trajectory.id, step: step, kind: .marked)))
    }
    try trainer.run.store.append(events + [.labelled(label)])
    added += events.isEmpty ? 0 : 1
    labels += 1
    known[Self.key(solution.problem, solution.steps)] = trajectory
  }

  private func record(_ solution: RatedSolution, number: Int) throws -> Trajectory {
    guard let answer = solution.answer, !answer.isEmpty else {
      throw Complaint("Solution \(number) has no right answer, so it cannot be judged.")
    }
    let id = "\(stem)/\(number)"
    guard history.trajectory(id) == nil else {
      throw Complaint("The run holds another trajectory \(id); give the file another name.")
    }
    let sampler = trainer.loop.sampler
    let text = ([solution.problem] + solution.steps).joined(separator: "\n")
    if let unknown = sampler.codec.unknownPieces(in: text).first {
      throw Complaint("The policy does not know “\(unknown)” of solution \(number).")
    }
    // A problem that the task can read is judged by the task.
    let problem =
      sampler.task.problem(id: id, prompt: solution.problem)
      ?? Problem(
        id: id, task: Problem.fileTask, prompt: solution.problem, reference: answer, guessChance: 0)
    return try sampler.recorded(steps: solution.steps, to: problem, id: id)
  }

  /// A text by which the same solution is found again.
  private static func key(_ problem: String, _ steps: [String]) -> String {
    let texts = steps.enumerated().map { place, text in
      let shown = place + 1 == steps.count ? withoutEndMark(text) : text
      return shown.trimmingCharacters(in: .newlines)
    }
    return ([problem] + texts).joined(separator: "\n")
  }

  /// A label by what it says.
  private static func key(_ label: StepLabel) -> String {
    "\(label.person)\n\(label.trajectory)\n\(label.step ?? -1)\n\(label.blind)"
  }
}
