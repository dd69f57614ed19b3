import Foundation
import LanguageModel
import Learning
import Records
import Tensors
import Trajectories

/// A labelled solution as a finder of first errors meets it.
struct LabelledItem {
  /// Its name, by which it is found again in a file of results.
  var id: String
  /// The solution, as if the policy had written it.
  var trajectory: Trajectory
  /// The first wrong step, from 0; nil where all are right.
  var label: Int?
  /// Whether the final answer is right, as the file says; nil where it does not.
  var saidRight: Bool?
}

extension LabelledItem {
  /// A solution of a file; nil where it does not fit into the policy's context.
  init?(_ solution: StepLabelledSolution, _ explorer: Explorer) {
    let id = solution.problem.id
    guard let trajectory = try? explorer.labelled(solution, id: id) else { return nil }
    self.init(
      id: id, trajectory: trajectory, label: solution.firstError, saidRight: solution.isFinalRight)
  }

  /// The policy's own answers to the recipe's task, which says itself which step is wrong first.
  ///
  /// Answers are drawn until there are `count`, half of them with an error, or twenty times as many
  /// were drawn.
  ///
  /// - Returns: All that were drawn; nil where the user asked to stop.
  /// - Throws: A sentence where the task does not tell right steps from wrong ones.
  static func own(_ count: Int, _ explorer: Explorer) throws -> [LabelledItem]? {
    let batch = 64
    var items: [LabelledItem] = []
    for round in 0..<max(1, count * 20 / batch) {
      let questions = (0..<batch).map { number in
        let keys = [0, round, number]
        let problem = explorer.problem(.drawn, keys)
        return Question(
          problem: problem, seed: explorer.recipe.seed(for: .drawn, keys + [1]), id: problem.id)
      }
      let answers = try explorer.sample(questions) { _, _, _ in
        Interruption.isAsked ? .stop : .goOn
      }
      guard let answers else { return nil }
      items += try answers.filter { !$0.truncated }.map { try LabelledItem(own: $0) }
      let wrong = items.count { $0.label != nil }
      if min(wrong, items.count - wrong) * 2 >= count { break }
    }
    return items
  }

  private init(own answer: Trajectory) throws {
    guard answer.steps.allSatisfy({ $0.verdict != nil }) else {
      throw Complaint(
        "The task \(answer.problem.task) does not say which step is wrong; name a file of "
          + "labelled solutions.")
    }
    self.init(
      id: answer.id, trajectory: answer, label: answer.steps.firstIndex { $0.verdict == .wrong },
      saidRight: nil)
  }
}

/// The order in which labelled solutions are taken: by turns one with an error and one without, each
/// kind shuffled by a seed.
///
/// So a beginning of any length has as many of the one as of the other, as long as there are any.
func byTurns<Element>(
  _ all: [Element], seed: UInt64, isWrong: (Element) -> Bool
) -> [Element] {
  var random = Random(seed: Random.seed(seed, 0x57E9))
  let wrong = all.filter(isWrong).shuffled(&random)
  let right = all.filter { !isWrong($0) }.shuffled(&random)
  return (0..<max(wrong.count, right.count)).flatMap { place in
    [wrong, right].compactMap { $0.indices.contains(place) ? $0[place] : nil }
  }
}
