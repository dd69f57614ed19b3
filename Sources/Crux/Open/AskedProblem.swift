import Foundation
import LanguageModel
import Learning
import Records
import Trajectories
import Workbench

/// A problem of a file, with the name that its answer gets.
struct AskedProblem {
  var entry: ProblemEntry
  var id: String
  /// The solution that comes with it, where its steps are labelled.
  var solution: StepLabelledSolution?
  /// Who labelled them.
  var labeller: String?
  /// Whether it is of a file of one's own, asked as it stands.
  var isOwn = false

  /// Reads problems: a benchmark's, labelled solutions, or one's own.
  ///
  /// - Parameters:
  ///   - file: The file.
  ///   - style: What prompts ask for beside the question; steps where nobody says.
  ///   - gold: A benchmark with the right answers of labelled solutions that come without.
  ///   - id: The name of the answer to the problem of that number, from 0.
  /// - Returns: The problems, in the order of the file.
  /// - Throws: A sentence where the file holds no problems, or not the kind that was spoken of.
  static func read(
    _ file: URL, style: PromptStyle? = nil, gold: String? = nil, id: (Int) -> String
  ) throws -> [AskedProblem] {
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

extension AskedProblem {
  /// Labelled solutions, each with its right answer where anybody says it.
  private static func labelled(
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
  func answers(to asked: AskedProblem, count: Int) throws -> [Trajectory] {
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

  /// The answer that came with a problem, scored by this policy; it ends where the file says.
  func recorded(_ response: String, to problem: Problem, id: String) throws -> Trajectory {
    var tokens = codec.encode(response)
    if let last = tokens.last, !codec.endTokens.contains(last) {
      tokens += [codec.endToken].compactMap { $0 }
    }
    return try recorded(tokens: tokens, to: problem, id: id)
  }

  /// An answer that is given token by token, scored by this policy.
  func recorded(tokens: [Token], to problem: Problem, id: String) throws -> Trajectory {
    let start = try start(of: problem)
    guard !tokens.isEmpty, start.prompt.count + tokens.count <= policy.contextLength else {
      throw Complaint(
        "The response to \(problem.id) has \(tokens.count) tokens; with the prompt there must be "
          + "1 to \(policy.contextLength).")
    }
    let row = TokenRow(tokens: start.prompt + tokens, firstPredicted: start.prompt.count)
    let scores = policy.score([row])[0]
    // Where nothing says that an answer ends, nobody knows that it was cut off.
    let ended = tokens.last.map(codec.endTokens.contains) ?? false || codec.endTokens.isEmpty
    let continuation = Continuation(
      tokens: tokens, logProbabilities: scores.logProbabilities, truncated: !ended, seed: 0)
    return trajectory(id: id, from: start, continuation)
  }
}
