import Foundation
import LanguageModel
import Learning
package import Records
import Tensors
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
  package init(_ dumped: DumpedTrajectory, id: String) {
    self.init(entry: ProblemEntry(problem: dumped.problem, response: dumped.response), id: id)
    self.dumped = dumped
  }

  /// Whether the policy has to compute something before its answer is there.
  var needsPolicy: Bool { solution == nil && dumped == nil }

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
    // Its tokens are known, or its text is whole; it is not asked anew.
    guard asked.dumped == nil else { return entry.problem }
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
    if let dumped = asked.dumped { return try recorded(dumped, asked) }
    if let solution = asked.solution { return try labelled(solution, id: asked.id) }
    return try asked.entry.response.map { try recorded($0, to: problem, id: asked.id) }
  }
}

// Answers that are given, as if the policy had written them.
extension RolloutSampler {
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

  /// An answer that this policy, or one with its tokenizer, wrote elsewhere: on the very tokens that
  /// were drawn where they are known, else on those of its whole text.
  ///
  /// - Throws: A sentence where the tokens cannot be this policy's, or its text is not whole.
  func recorded(_ dumped: DumpedTrajectory, _ asked: AskedProblem) throws -> Trajectory {
    let (problem, id) = (asked.entry.problem, asked.id)
    let (prompt, response) = try tokens(of: dumped, id)
    let known = 0..<Token(policy.vocabulary)
    if let strange = (prompt + response).first(where: { !known.contains($0) }) {
      throw Complaint(
        "\(id) holds token \(strange), but this policy's vocabulary ends at "
          + "\(policy.vocabulary - 1); name the policy that wrote it.")
    }
    guard !prompt.isEmpty, !response.isEmpty,
      prompt.count + response.count <= policy.contextLength
    else {
      throw Complaint(
        "\(id) has \(prompt.count) tokens of prompt and \(response.count) of response; "
          + "this policy takes 1 to \(policy.contextLength) in all.")
    }
    let start = Prefix(problem: problem, prompt: prompt, kept: [], logProbabilities: [], fork: nil)
    let ended = response.last.map(codec.endTokens.contains) ?? false
    // Nothing is scored before somebody asks: a dump has thousands, and a policy may be large.
    let told = dumped.logProbabilities?.compactMap(\.self) ?? []
    let continuation = Continuation(
      tokens: response, logProbabilities: told.count == response.count ? told : [],
      truncated: dumped.truncated ?? !ended, seed: Random.seed(of: id))
    return trajectory(id: id, from: start, continuation)
  }

  private func tokens(
    of dumped: DumpedTrajectory, _ id: String
  ) throws -> (prompt: [Token], response: [Token]) {
    if let prompt = dumped.promptTokens, let response = dumped.responseTokens {
      return (prompt, response)
    }
    guard dumped.fidelity == .text else {
      throw Complaint(
        "\(id) was written down without its special tokens, so where it stood is not known; "
          + "it can be looked at without --model.")
    }
    return (codec.encode(dumped.prompt), codec.encode(dumped.response))
  }

  /// An answer with steps that are given, each a line or several, scored by this policy.
  package func recorded(steps: [String], to problem: Problem, id: String) throws -> Trajectory {
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

  /// A solution of a file as if the policy had written it, cut into the file's own steps.
  ///
  /// Each step says what the file says of it. Where the file has no right answer, the reward is what
  /// it says of the final one.
  package func labelled(_ solution: StepLabelledSolution, id: String) throws -> Trajectory {
    let start = try start(of: solution.problem)
    var tokens: [Token] = []
    var steps: [Step] = []
    for (number, text) in solution.steps.enumerated() {
      let isLast = number == solution.steps.count - 1
      var piece = codec.encode(isLast ? text : text + "\n")
      if isLast, piece.last.map(codec.endTokens.contains) != true {
        piece += [codec.endToken].compactMap { $0 }
      }
      guard !piece.isEmpty else {
        throw Complaint("Step \(number + 1) of \(id) is empty; mend or remove the solution.")
      }
      steps.append(
        Step(
          start: tokens.count, end: tokens.count + piece.count, text: text + (isLast ? "" : "\n"),
          verdict: solution.verdicts[number],
          note: number == solution.firstError ? "the first error by the file's label" : ""))
      tokens += piece
    }
    guard start.prompt.count + tokens.count <= policy.contextLength else {
      throw Complaint(
        "\(id) has \(tokens.count) tokens; with the prompt there is room for "
          + "\(policy.contextLength) in all.")
    }
    // Nothing is scored before somebody asks: a file has hundreds, and a policy may be large.
    let continuation = Continuation(
      tokens: tokens, logProbabilities: [], truncated: false, seed: Random.seed(of: id))
    var found = trajectory(id: id, from: start, continuation)
    found.steps = steps
    // The label decides, not the answer: a wrong solution may end on the right one.
    found.chainCorrect = solution.firstError == nil
    if solution.problem.reference.isEmpty { found.reward = solution.isFinalRight == true ? 1 : 0 }
    return found
  }
}

extension Random {
  /// A seed that depends on a name.
  fileprivate static func seed(of name: String) -> UInt64 {
    name.utf8.reduce(0) { seed($0, UInt64($1)) }
  }
}
