import Foundation
import Grading
import Learning
import Records
import Trajectories

/// Right answers from a benchmark's file, for solutions that come without.
struct GoldAnswers {
  private var byQuestion: [String: String] = [:]

  /// Reads the answers of a file; none without one.
  init(_ file: String?) throws {
    guard let file else { return }
    let set = try BenchmarkFile.read(URL(fileURLWithPath: file), style: .bare)
    for problem in set.problems { byQuestion[Self.key(problem.prompt)] = problem.reference }
  }

  /// A solution with its right answer: the file's own, that of the same question, or the final one
  /// where it is known to be right; nil where nobody says it.
  func completed(_ solution: StepLabelledSolution, question: String) -> StepLabelledSolution? {
    var solution = solution
    guard solution.problem.reference.isEmpty else { return solution }
    if let known = byQuestion[Self.key(question)] {
      solution.problem.reference = known
    } else if solution.isFinalRight == true, let last = solution.steps.last {
      solution.problem.reference = ExtractedAnswer(of: last).shown
    } else {
      return nil
    }
    return solution
  }

  /// The letters and digits of a question: copies differ in white space and signs.
  private static func key(_ question: String) -> String {
    question.lowercased().filter { $0.isLetter || $0.isNumber }
  }
}
