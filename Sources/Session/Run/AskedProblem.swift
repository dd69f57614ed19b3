import Foundation
import LanguageModel
import Learning
package import Records
package import Trajectories
import Workbench

/// A problem of a file, with the name that its answer gets.
package struct AskedProblem {
  package var entry: ProblemEntry
  package var id: String
  /// The solution that comes with it, where its steps are labelled.
  package var solution: StepLabelledSolution?
  /// Who labelled them.
  var labeller: String?
  /// Whether it is of a file of one's own, asked as it stands.
  package var isOwn = false
  /// The answer that comes with it, where its policy wrote it elsewhere.
  var dumped: DumpedTrajectory?

  package init(
    entry: ProblemEntry, id: String, solution: StepLabelledSolution? = nil,
    labeller: String? = nil, isOwn: Bool = false
  ) {
    (self.entry, self.id, self.isOwn) = (entry, id, isOwn)
    (self.solution, self.labeller) = (solution, labeller)
  }

  /// An answer that its policy wrote elsewhere, whose tokens are known or whose text is whole.
  package init(_ dumped: DumpedTrajectory) {
    let problem = Problem(
      id: dumped.group ?? dumped.id, task: Problem.fileTask, prompt: dumped.prompt,
      reference: dumped.reference ?? "", guessChance: 0)
    self.init(entry: ProblemEntry(problem: problem, response: dumped.response), id: dumped.id)
    self.dumped = dumped
  }

  /// What the file says of the steps of its solution, as a person would say it.
  func label(of trajectory: Trajectory) -> StepLabel? {
    guard let solution, let labeller else { return nil }
    return StepLabel(
      person: labeller, trajectory: trajectory.id, step: solution.firstError,
      starts: trajectory.steps.map(\.start), blind: true)
  }
}

extension RolloutSampler {
  /// The answer that comes with a problem, or answers of the policy where there is none.
  package func answers(to asked: AskedProblem, count: Int) throws -> [Trajectory] {
    if let dumped = asked.dumped { return [try recorded(dumped, to: asked.entry.problem)] }
    let problem = try problem(of: asked)
    if let given = try given(asked, problem) { return [given] }
    let seeds = (0..<count).map { recipe.seed(for: .drawn, [version, $0]) }
    let name = { (number: Int) in count == 1 ? asked.id : "\(asked.id)/\(number + 1)" }
    return try sample(problem, seeds: seeds, name: name)
  }

  /// A problem of a file as the policy is asked it; the task's own where the task can read it.
  ///
  /// - Throws: A sentence where the policy does not know a word, so that no text is silently changed.
  func problem(of asked: AskedProblem) throws -> Problem {
    let entry = asked.entry
    let text = entry.problem.prompt + " " + (entry.response ?? "")
    if let unknown = codec.unknownPieces(in: text).first {
      throw Complaint(
        "\(entry.problem.id): the policy does not know “\(unknown)”; "
          + "name a policy that does with --model.")
    }
    // Of two rows that ask the same each has its own answer.
    let known = task.problem(id: asked.id, prompt: entry.problem.prompt)
    return known.flatMap { $0.isOwn ? nil : $0 } ?? entry.problem
  }

  /// The answer that came with a problem; nil where none did.
  func given(_ asked: AskedProblem, _ problem: Problem) throws -> Trajectory? {
    if let solution = asked.solution { return try labelled(solution, id: asked.id) }
    return try asked.entry.response.map { try recorded($0, to: problem, id: asked.id) }
  }
}
