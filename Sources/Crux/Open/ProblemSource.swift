import Foundation
import Records
import Session
import Trajectories
import Workbench

/// A file of problems: a benchmark's, labelled solutions, or one's own.
struct ProblemSource {
  let file: URL
  /// What prompts ask for beside the question; steps where nobody says.
  var style: PromptStyle?
  /// A benchmark with the right answers of labelled solutions that come without.
  var gold: String?

  /// Whether the file holds solutions whose steps are labelled.
  var isLabelled: Bool { (try? StepLabelFile.read(file, style: .bare)) ?? nil != nil }

  /// Whether the file holds problems at all.
  var holdsProblems: Bool {
    (try? BenchmarkFile.read(file, style: .bare)) != nil || (try? ProblemFile.read(file)) != nil
  }

  /// Reads the problems.
  ///
  /// - Parameter id: The name of the answer to the problem of that number, from 0.
  /// - Returns: The problems, in the order of the file.
  /// - Throws: A sentence where the file holds no problems, or not the kind that was spoken of.
  func problems(id: (Int) -> String) throws -> [AskedProblem] {
    if let set = try StepLabelFile.read(file, style: style ?? .steps) {
      let bare = try StepLabelFile.read(file, style: .bare)?.solutions ?? []
      return labelled(set, bare, try GoldAnswers(gold), id: id)
    }
    let name = file.lastPathComponent
    try refuse(["--gold": gold != nil], "\(name) holds no labelled solutions; leave it out.")
    if let set = try? BenchmarkFile.read(file, style: style ?? .steps), set.kind != .own {
      if let first = set.oddRows.first {
        tell("\(set.oddRows.count) rows of \(name) are left out; the first: \(inert(first))")
      }
      return set.problems.enumerated().map { number, problem in
        AskedProblem(entry: ProblemEntry(problem: problem, response: nil), id: id(number))
      }
    }
    try refuse(["--style": style != nil], "the prompts of \(name) are asked as they stand.")
    // Each is judged as `task.file` judges it.
    let judged = try BenchmarkFile.read(file, style: .bare).problems
    let known = Dictionary(judged.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    return try ProblemFile.read(file).enumerated().map { number, entry in
      var entry = entry
      entry.problem = known[entry.problem.id] ?? entry.problem
      return AskedProblem(entry: entry, id: id(number), isOwn: true)
    }
  }

  /// Labelled solutions, each with its right answer where anybody says it.
  private func labelled(
    _ set: StepLabelSet, _ bare: [StepLabelledSolution], _ gold: GoldAnswers, id: (Int) -> String
  ) -> [AskedProblem] {
    zip(set.solutions, bare).enumerated().map { number, pair in
      let solution = gold.completed(pair.0, question: pair.1.problem.prompt) ?? pair.0
      let response = solution.steps.joined(separator: "\n")
      return AskedProblem(
        entry: ProblemEntry(problem: solution.problem, response: response), id: id(number),
        solution: solution, labeller: set.kind.rawValue)
    }
  }
}

extension TaskChoice {
  /// Lets a file's problems be the task: they are drawn, valued and trained on as they were asked.
  ///
  /// Solutions that others labelled stand beside the task, for most come without right answers.
  mutating func ask(_ problems: [AskedProblem], of source: URL, style: PromptStyle?) {
    let references = problems.filter { $0.solution == nil && !$0.entry.problem.reference.isEmpty }
    guard !references.isEmpty else { return }
    name = .file
    file = source.absoluteURL.standardizedFileURL.path
    self.style = style ?? (references[0].isOwn ? .bare : .steps)
    // The only problem is both learnt from and measured.
    if Set(references.map(\.entry.problem.prompt)).count == 1 { heldOutFile = file }
  }
}
