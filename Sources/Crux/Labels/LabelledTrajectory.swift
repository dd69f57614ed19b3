import Foundation
import LanguageModel
import Learning
import Records
import Tensors
import Trajectories

extension Explorer {
  /// A solution of a file as if the policy had written it, cut into the file's own steps.
  ///
  /// Each step says what the file says of it. Where the file has no right answer, the reward is what
  /// it says of the final one.
  func labelled(_ solution: StepLabelledSolution, id: String) throws -> Trajectory {
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
