import Foundation
import LanguageModel
import Learning
import Records
import Trajectories

/// What became of one labelled solution: a line of `--answers`.
struct ScoredSolution: Codable, Equatable {
  /// The file's name and the solution's.
  var id: String
  /// The first wrong step by the file, from 0; left out where all are right.
  var label: Int?
  /// Number of steps.
  var steps: Int
  /// The judge's number for its final answer, 0…1.
  var reward: Double
  /// Whether its final answer is right by the file; left out where the file does not say.
  var saidRight: Bool?
  /// V before each step, and the reward.
  var values: [Double]
  /// Rollouts spent.
  var rollouts: Int
  /// Of these, those that the limit ended.
  var truncated: Int
  /// Tokens drawn.
  var tokens: Int
  /// What each rule said of it.
  var named: [String: NamedStep]
  /// What it was valued with; lines of other choices are not mixed with it.
  var settings: String

  /// Asks rules what they make of the values of a solution.
  init(
    _ item: LabelledItem, _ known: StepValues, _ rules: [Rule], _ explorer: Explorer,
    _ settings: String
  ) {
    var known = known
    (id, label, saidRight) = (item.id, item.label, item.saidRight)
    steps = item.trajectory.steps.count
    reward = item.trajectory.reward
    named = [:]
    for rule in rules {
      explorer.addHints(to: &known, rule: rule)
      guard let said = known.criticalStep(explorer.recipe, rule: rule) else { continue }
      named[rule.rawValue] = NamedStep(step: said.leader, advantage: said.advantage)
    }
    values = known.means
    (rollouts, tokens) = (known.spent, known.tokens)
    truncated = known.rollouts.joined().count { $0.continuation.truncated }
    self.settings = settings
  }
}

/// A file of scored solutions that grows line by line, so that an interruption keeps what is done.
struct ScoredSolutionFile {
  /// What was in it before.
  let known: [ScoredSolution]
  private let file: GrowingLines

  /// Opens a file, or begins one.
  ///
  /// - Throws: A sentence where it cannot be written, holds something else, or another process adds
  ///   to it.
  init(_ path: String, settings: String) throws {
    file = try GrowingLines(
      URL(fileURLWithPath: path), isWritten: true, whenTaken: "wait for it, or name another file")
    let decoder = JSONDecoder()
    known = try file.lines.map { number, line in
      guard let row = try? decoder.decode(ScoredSolution.self, from: line) else {
        throw Complaint("\(path):\(number) is no scored solution; name another file.")
      }
      guard row.settings == settings else {
        throw Complaint(
          "\(path) holds solutions that were scored with \(row.settings), not with \(settings); "
            + "name another file.")
      }
      return row
    }
  }

  /// Adds a line; on disk when this returns.
  func append(_ solution: ScoredSolution) throws { try file.append(solution) }
}
