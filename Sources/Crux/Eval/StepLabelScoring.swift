import ArgumentParser
import Foundation
import LanguageModel
import Learning
import Records
import Session
import Tensors
import Trajectories

/// Values labelled solutions by rollouts and asks rules for the first error of each.
///
/// Solutions are valued several at a time, all rollouts of all their steps in one call of the
/// policy, and each is written down as soon as it is done.
struct StepLabelScoring {
  /// Solutions that are valued in one call.
  private static let batch = 16

  let valuer: StepValuer
  let rules: [Rule]
  let file: ScoredSolutionFile?
  let settings: String

  init(valuer: StepValuer, rules: [Rule], answers: String?, style: PromptStyle) throws {
    self.valuer = valuer
    self.rules = rules
    let recipe = valuer.recipe
    settings =
      "\(recipe.policyName), " + (recipe.server.isNamed ? "served as \(recipe.server.model), " : "")
      + "\(recipe.values.estimator.rawValue) \(recipe.values.rollouts), "
      + "temperature \(recipe.sampling.temperature), \(recipe.sampling.weights.rawValue), "
      + "\(valuer.sampler.newTokens ?? recipe.sampling.limit) tokens, style \(style.rawValue), "
      + "seed \(recipe.seed), rules " + rules.map(\.rawValue).joined(separator: " ")
    let settings = settings
    file = try answers.map { try ScoredSolutionFile($0, settings: settings) }
  }

  /// What came of a set.
  struct Outcome {
    var solutions: [ScoredSolution] = []
    /// Seconds of the rollouts that were drawn now, and their tokens.
    var seconds = 0.0
    var tokens = 0
    /// Whether the user asked to stop before all were done.
    var isStopped = false
  }

  /// Scores solutions, in order; those in the file are taken from there.
  func callAsFunction(_ items: [LabelledItem], name: String) throws -> Outcome {
    var outcome = Outcome()
    let known = Dictionary(
      (file?.known ?? []).map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    outcome.solutions = items.compactMap { known[$0.id] }
    let left = items.filter { known[$0.id] == nil }
    let progress = Progress(name, known: outcome.solutions.count, total: items.count)
    var start = 0
    while start < left.count, !outcome.isStopped {
      let batch = Array(left[start..<min(left.count, start + Self.batch)])
      try value(batch, into: &outcome, progress.with(after: start, of: left.count))
      start += batch.count
    }
    endProgress()
    outcome.seconds = progress.seconds
    return outcome
  }

  /// Values some solutions in one call.
  private func value(
    _ items: [LabelledItem], into outcome: inout Outcome, _ progress: Progress
  ) throws {
    var written = 0
    var done = outcome
    defer { outcome = done }
    func write(_ values: StepValues) throws {
      let scored = ScoredSolution(items[written], values, rules, valuer, settings)
      try file?.append(scored)
      done.solutions.append(scored)
      done.tokens += scored.tokens
      written += 1
    }
    var all = items.map { valuer.nothingKnown(of: $0.trajectory) }
    var partial = all
    var problem: (any Error)?
    let hear = WorkProgress<ValueReport> { report throws(Stopped) in
      partial[report.index] = report.values
      do {
        while written < items.count, isDone(partial[written]) { try write(partial[written]) }
      } catch { problem = problem ?? error }
      progress.tell(report, done.solutions.count)
      if problem != nil { throw Stopped() }
      try Interruption.check()
    }
    do { try valuer.value(&all, progress: hear) } catch { done.isStopped = true }
    if let problem { throw problem }
    try valuer.sampler.task.check()
    guard !done.isStopped else { return }
    while written < items.count { try write(all[written]) }
  }

  /// Whether a solution needs no more rollouts while others still do.
  private func isDone(_ values: StepValues) -> Bool {
    let choice = valuer.recipe.values
    return choice.estimator.isUniform && !valuer.reuses
      && values.rollouts.allSatisfy { $0.count >= choice.rollouts }
  }
}

extension StepLabelScoring {
  /// Says how far the scoring is and how long it will take.
  private struct Progress {
    private let name: String
    private let known: Int
    private let total: Int
    private let began = Date()
    private var share: (start: Int, of: Int) = (0, 1)

    init(_ name: String, known: Int, total: Int) {
      (self.name, self.known, self.total) = (name, known, total)
    }

    var seconds: Double { Date().timeIntervalSince(began) }

    /// The same while a batch is valued that begins after so many.
    func with(after start: Int, of left: Int) -> Progress {
      var new = self
      new.share = (start, left)
      return new
    }

    func tell(_ report: ValueReport, _ done: Int) {
      let batch = min(StepLabelScoring.batch, share.of - share.start)
      let inBatch = Double(report.finished) / Double(max(1, report.total))
      let finished = (Double(share.start) + inBatch * Double(batch)) / Double(max(1, share.of))
      let left = finished > 0 ? seconds / finished * (1 - finished) : 0
      tellProgress(
        "\(name): \(done) of \(total) solutions, \(report.finished) of \(report.total) rollouts of "
          + String(format: "these %d, %d:%02d left", batch, Int(left) / 60, Int(left) % 60))
    }
  }
}

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
    _ item: LabelledItem, _ known: StepValues, _ rules: [Rule], _ valuer: StepValuer,
    _ settings: String
  ) {
    var known = known
    (id, label, saidRight) = (item.id, item.label, item.saidRight)
    steps = item.trajectory.steps.count
    reward = item.trajectory.reward
    named = [:]
    for rule in rules {
      valuer.addHints(to: &known, rule: rule)
      guard let said = known.criticalStep(valuer.recipe, rule: rule) else { continue }
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
  init?(_ solution: StepLabelledSolution, _ sampler: RolloutSampler) {
    let id = solution.problem.id
    guard let trajectory = try? sampler.labelled(solution, id: id) else { return nil }
    self.init(
      id: id, trajectory: trajectory, label: solution.firstError, saidRight: solution.isFinalRight)
  }

  /// The policy's own answers to the recipe's task, which says itself which step is wrong first.
  ///
  /// Answers are drawn until there are `count`, half of them with an error, or twenty times as many
  /// were drawn.
  ///
  /// - Returns: All that were drawn.
  /// - Throws: `Stopped`; a sentence where the task does not tell right steps from wrong ones.
  static func own(_ count: Int, _ sampler: RolloutSampler) throws -> [LabelledItem] {
    let batch = 64
    var items: [LabelledItem] = []
    for round in 0..<max(1, count * 20 / batch) {
      let questions = (0..<batch).map { number in
        let keys = [0, round, number]
        let problem = sampler.problem(.drawn, keys)
        return Question(
          problem: problem, seed: sampler.recipe.seed(for: .drawn, keys + [1]), id: problem.id)
      }
      let answers = try sampler.sample(questions, progress: .until { Interruption.isAsked })
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
