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
  private let url: URL
  /// What was in it before.
  let known: [ScoredSolution]

  /// Opens a file, or begins one.
  ///
  /// - Throws: A sentence where it cannot be written or holds something else.
  init(_ path: String, settings: String) throws {
    url = URL(fileURLWithPath: path)
    guard FileManager.default.fileExists(atPath: path) else {
      guard FileManager.default.createFile(atPath: path, contents: nil) else {
        throw Complaint("\(path) cannot be written.")
      }
      known = []
      return
    }
    let data = try Data(contentsOf: url)
    // A line that was being written when the process ended is drawn again.
    let whole = data.prefix(through: data.lastIndex(of: 0x0A) ?? data.startIndex - 1)
    if whole.count < data.count { try Data(whole).write(to: url, options: .atomic) }
    known = try whole.split(separator: 0x0A).enumerated().map { number, line in
      guard let row = try? JSONDecoder().decode(ScoredSolution.self, from: Data(line)) else {
        throw Complaint("\(path):\(number + 1) is no scored solution; name another file.")
      }
      guard row.settings == settings else {
        throw Complaint(
          "\(path) holds solutions that were scored with \(row.settings), not with \(settings); "
            + "name another file.")
      }
      return row
    }
  }

  /// Adds a line.
  func append(_ solution: ScoredSolution) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let file = try FileHandle(forWritingTo: url)
    try file.seekToEnd()
    try file.write(contentsOf: try encoder.encode(solution) + Data("\n".utf8))
    try file.close()
  }
}
