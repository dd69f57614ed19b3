import ArgumentParser
import Foundation
import LanguageModel
import Learning
import Records
import Trajectories

/// Values labelled solutions by rollouts and asks rules for the first error of each.
///
/// Solutions are valued several at a time, all rollouts of all their steps in one call of the
/// policy, and each is written down as soon as it is done.
struct StepLabelScoring {
  /// Solutions that are valued in one call.
  private static let batch = 16

  let explorer: Explorer
  let rules: [Rule]
  let file: ScoredSolutionFile?
  let settings: String

  init(explorer: Explorer, rules: [Rule], answers: String?, style: PromptStyle) throws {
    self.explorer = explorer
    self.rules = rules
    let recipe = explorer.recipe
    settings =
      "\(recipe.policyName), \(recipe.values.estimator.rawValue) \(recipe.values.rollouts), "
      + "temperature \(recipe.sampling.temperature), \(recipe.sampling.weights.rawValue), "
      + "\(explorer.newTokens ?? recipe.sampling.limit) tokens, style \(style.rawValue), "
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
    func write(_ values: StepValues) throws {
      let scored = ScoredSolution(items[written], values, rules, explorer, settings)
      try file?.append(scored)
      outcome.solutions.append(scored)
      outcome.tokens += scored.tokens
      written += 1
    }
    var all = items.map { explorer.nothingKnown(of: $0.trajectory) }
    var partial = all
    var problem: (any Error)?
    let isWhole = explorer.search(&all) { report in
      partial[report.index] = report.values
      do {
        while written < items.count, isDone(partial[written]) { try write(partial[written]) }
      } catch { problem = problem ?? error }
      progress.tell(report, outcome.solutions.count)
      return problem == nil && !Interruption.isAsked ? .goOn : .stop
    }
    if let problem { throw problem }
    try explorer.task.check()
    outcome.isStopped = !isWhole
    guard isWhole else { return }
    while written < items.count { try write(all[written]) }
  }

  /// Whether a solution needs no more rollouts while others still do.
  private func isDone(_ values: StepValues) -> Bool {
    let choice = explorer.recipe.values
    return choice.estimator.isUniform && !explorer.reuses
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
