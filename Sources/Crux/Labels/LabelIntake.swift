import Foundation
import LanguageModel
import Learning
import Records
import Trajectories
import Workbench

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
    let explorer = trainer.loop.explorer
    let text = ([solution.problem] + solution.steps).joined(separator: "\n")
    if let unknown = explorer.codec.unknownPieces(in: text).first {
      throw Complaint("The policy does not know “\(unknown)” of solution \(number).")
    }
    // A problem that the task can read is judged by the task.
    let problem =
      explorer.task.problem(id: id, prompt: solution.problem)
      ?? Problem(
        id: id, task: Problem.fileTask, prompt: solution.problem, reference: answer, guessChance: 0)
    return try explorer.recorded(steps: solution.steps, to: problem, id: id)
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

extension Explorer {
  /// An answer with steps that are given, each a line or several, scored by this policy.
  func recorded(steps: [String], to problem: Problem, id: String) throws -> Trajectory {
    var rows = steps.enumerated().map { place, text in
      codec.encode(place + 1 < steps.count ? text + "\n" : text)
    }
    guard rows.allSatisfy({ !$0.isEmpty }) else {
      throw Complaint("A step of \(id) has no tokens.")
    }
    if let last = rows.last?.last, !codec.endTokens.contains(last) {
      rows[rows.count - 1] += [codec.endToken].compactMap { $0 }
    }
    var trajectory = try recorded(tokens: rows.flatMap { $0 }, to: problem, id: id)
    let pieces = codec.pieces(trajectory.responseTokens)
    var start = 0
    let cut = rows.map { row in
      defer { start += row.count }
      let range = start..<start + row.count
      return Step(start: range.lowerBound, end: range.upperBound, text: pieces[range].joined())
    }
    trajectory.steps = problem.isOwn ? cut : task.examine(cut, of: problem)
    return trajectory
  }
}
