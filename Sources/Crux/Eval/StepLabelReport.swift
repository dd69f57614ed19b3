import ArgumentParser
import Foundation
import LanguageModel
import Learning
import Records
import Session
import Trajectories

/// What rules made of labelled solutions, as text or JSON.
struct StepLabelReport: Encodable {
  private let name: String
  private let kind: String
  private let settings: String
  private let solutions: Int
  private let withError: Int
  private let leftOut: StepLabelTable.LeftOut
  /// Solutions whose final answer Crux judges as the file does.
  private let judgedAlike: Proportion
  private let rollouts: Int
  private let truncated: Int
  private let tokens: Int
  private let drawnTokens: Int
  private let seconds: Double
  private let isWhole: Bool
  private let rules: [RuleLine]
  private let guess: GuessedStepScore

  private struct RuleLine: Encodable {
    var rule: Rule
    var always: StepLabelScore
    var fall: Double
    var byFall: StepLabelScore
    var byFallF1: Double?
    var byAnswer: StepLabelScore
    var byAnswerF1: Double?
    var bestFall: Double?
    var bestFallF1: Double?

    init(_ score: RuleStepScore) {
      (rule, fall, always) = (score.rule, score.fall, score.always)
      (byFall, byFallF1) = (score.byFall, score.byFall.f1)
      (byAnswer, byAnswerF1) = (score.byAnswer, score.byAnswer.f1)
      let best = score.best
      (bestFall, bestFallF1) = (best?.fall, best?.f1)
    }
  }

  init(
    name: String, kind: String, _ scoring: StepLabelScoring, _ outcome: StepLabelScoring.Outcome,
    leftOut: StepLabelTable.LeftOut
  ) {
    let scored = outcome.solutions
    (self.name, self.kind, self.leftOut) = (name, kind, leftOut)
    settings = scoring.settings
    solutions = scored.count
    withError = scored.count { $0.label != nil }
    let said = scored.filter { $0.saidRight != nil }
    judgedAlike = Proportion(said.count { $0.saidRight == $0.isRight }, of: said.count)
    rollouts = scored.reduce(0) { $0 + $1.rollouts }
    truncated = scored.reduce(0) { $0 + $1.truncated }
    tokens = scored.reduce(0) { $0 + $1.tokens }
    (drawnTokens, seconds) = (outcome.tokens, outcome.seconds)
    isWhole = !outcome.isStopped
    let fall = scoring.valuer.recipe.values.minimumAdvantage
    rules = scoring.rules.map { RuleLine(Self.score($0, scored, fall)) }
    guess = GuessedStepScore(scored.map { ($0.label, $0.steps, $0.isRight) })
  }

  private static func score(
    _ rule: Rule, _ scored: [ScoredSolution], _ fall: Double
  ) -> RuleStepScore {
    scored.reduce(into: RuleStepScore(rule: rule, fall: fall)) { score, solution in
      guard let named = solution.named[rule.rawValue] else { return }
      score.add(named, label: solution.label, steps: solution.steps, isRight: solution.isRight)
    }
  }

  func json() throws -> String { try jsonLine(self) }
}

// As text.
extension StepLabelReport {
  var text: String {
    var lines = [
      "\(name) (\(kind)): \(solutions) solutions scored, \(withError) with an error\(leftOut.text)",
      "  \(settings)",
    ]
    guard solutions > 0 else { return lines[0] }
    lines.append("  \(cost)")
    if judgedAlike.trials > 0 {
      lines.append(
        "  final answer judged as the file says: \(judgedAlike.successes) of \(judgedAlike.trials)")
    }
    if withError > 0 { lines += ["", located] }
    return (lines + ["", detected, "", note]).joined(separator: "\n")
  }

  private var cost: String {
    let each = Double(max(1, solutions))
    var text = String(
      format: "%.0f rollouts of %.0f tokens a solution, %.0f %% of them cut at the limit",
      Double(rollouts) / each, Double(tokens) / Double(max(1, rollouts)),
      100 * Double(truncated) / Double(max(1, rollouts)))
    if seconds > 0, drawnTokens > 0 {
      text += String(format: "; %.0f s, %.0f tokens/s", seconds, Double(drawnTokens) / seconds)
    }
    return text + (isWhole ? "" : "; stopped before all were done")
  }

  /// Where the error is, on solutions that have one.
  private var located: String {
    let rows = rules.map { line in
      [
        "  \(line.rule.rawValue)", interval(line.always.wrong), count(line.always.wrong),
        interval(line.always.near),
      ]
    }
    let always = rules.first?.always
    let guesses = [always?.chance ?? 0, always?.nearChance ?? 0].map { String(format: "%.3f", $0) }
    return TextTable(
      columns: ["  solutions with an error", "its step named", "", "at most one off"],
      rows: rows + [["  uniform guess", guesses[0], "", guesses[1]]]
    ).text
  }

  /// Whether there is one, and where.
  private var detected: String {
    let fall = String(format: "%.2f", rules.first?.fall ?? 0)
    let rows = rules.map { line in
      ["  \(line.rule.rawValue)"] + three(line.byAnswer, line.byAnswerF1)
        + three(line.byFall, line.byFallF1) + [f1(line.bestFallF1)]
        + [line.bestFall.map { String(format: "%.2f", $0) } ?? "-"]
    }
    let guessed = [
      "  uniform guess", f1(guess.wrong), f1(guess.right), f1(guess.f1), "", "", "", "", "",
    ]
    return TextTable(
      columns: [
        "  an error where", "answer wrong", "right", "F1", "V falls \(fall)", "right", "F1",
        "best F1", "at fall",
      ], rows: rows + [guessed]
    ).text
  }

  private var note: String {
    "  “wrong”: first error named exactly; “right”: held for right; F1 as ProcessBench's, but the\n"
      + "  finder is told the right answer. “best” is chosen on these very solutions."
  }

  private func three(_ score: StepLabelScore, _ both: Double?) -> [String] {
    [mean(score.wrong), mean(score.right), f1(both)]
  }

  private func mean(_ share: Proportion) -> String {
    share.trials == 0 ? "-" : String(format: "%.3f", share.mean)
  }

  private func f1(_ value: Double?) -> String { value.map { String(format: "%.3f", $0) } ?? "-" }

  private func interval(_ share: Proportion) -> String {
    String(format: "%.3f [%.3f %.3f]", share.mean, share.low, share.high)
  }

  private func count(_ share: Proportion) -> String { "\(share.successes) of \(share.trials)" }
}

extension ScoredSolution {
  /// Whether Crux judges the final answer to be right.
  var isRight: Bool { reward >= 1 }
}

/// Labelled solutions in numbers, and a finder's score on them.
struct StepLabelTable: Encodable {
  private let name: String
  private let kind: StepLabelKind
  private let solutions: Int
  private let withError: Int
  private let oddRows: Int
  private let meanSteps: Double
  /// First errors by their step, from 0.
  private let histogram: [Int: Int]
  private let finder: String?
  private let leftOut: LeftOut
  private let score: StepLabelScore?
  private let f1: Double?

  /// Solutions that were not scored, by what they lack.
  struct LeftOut: Encodable {
    /// Nobody says their right answer.
    var unanswered = 0
    /// They do not fit into the policy's context.
    var tooLong = 0
    /// The labels do not name them.
    var unlabelled = 0

    var text: String {
      let parts = [
        (unanswered, "without a right answer (--gold names a file with them)"),
        (tooLong, "too long for the policy"), (unlabelled, "without a label to score"),
      ]
      return parts.filter { $0.0 > 0 }.map { ", \($0.0) \($0.1)" }.joined()
    }
  }

  init(_ set: StepLabelSet, score: StepLabelScore?, finder: String?, leftOut: LeftOut) {
    (name, kind) = (set.name, set.kind)
    (self.score, self.finder, self.leftOut) = (score, finder, leftOut)
    f1 = score?.f1
    solutions = set.solutions.count
    oddRows = set.oddRows.count
    let errors = set.solutions.compactMap(\.firstError)
    withError = errors.count
    meanSteps =
      Double(set.solutions.reduce(0) { $0 + $1.steps.count }) / Double(max(1, solutions))
    histogram = errors.reduce(into: [:]) { $0[$1, default: 0] += 1 }
  }

  func json() throws -> String { try jsonLine(self) }

  var text: String {
    let left = oddRows == 0 ? "" : ", \(oddRows) rows left out"
    let head =
      "\(name) (\(kind.rawValue)): \(solutions) solutions, \(withError) with an error"
      + String(format: ", %.1f steps each", meanSteps) + left
    return ([head] + (score.map(lines) ?? bars)).joined(separator: "\n")
  }

  /// Where the first errors are, from step 1.
  private var bars: [String] {
    let most = max(1, histogram.values.max() ?? 1)
    return histogram.sorted { $0.key < $1.key }.map { step, count in
      String(format: "  step %3d %5d ", step + 1, count)
        + String(repeating: "#", count: max(1, count * 40 / most))
    }
  }

  private func lines(_ score: StepLabelScore) -> [String] {
    let counted = score.wrong.trials + score.right.trials
    let head = "  \(finder ?? ""): \(counted) solutions scored\(leftOut.text)"
    guard counted > 0 else { return [head] }
    var lines = [head]
    if score.wrong.trials > 0 {
      lines += [
        share("first error named", score.wrong) + String(format: ", chance %.3f", score.chance),
        share("at most one step off", score.near),
        share("no error found in them", score.overlooked),
      ]
    }
    if score.right.trials > 0 { lines.append(share("right solutions held for right", score.right)) }
    let one = score.wrong.trials > 0 ? "no right solution is" : "no solution with an error is"
    return lines + ["  F1 " + (f1.map { String(format: "%.3f", $0) } ?? "-, \(one) among them")]
  }

  private func share(_ what: String, _ share: Proportion) -> String {
    "  \(what) "
      + String(format: "%.3f [%.3f %.3f]", share.mean, share.low, share.high)
      + " (\(share.successes) of \(share.trials))"
  }
}

/// Scores a finder of first errors on labelled solutions: rollouts and a rule, or somebody's labels.
struct StepLabelCheck {
  let sets: [StepLabelSet]
  /// The same with bare questions, to look up answers by.
  let bare: [StepLabelSet]
  let count: Int?
  let json: Bool

  /// Reads files of labelled solutions.
  init(files: [String], style: PromptStyle, count: Int?, json: Bool) throws {
    guard !files.isEmpty else {
      throw Complaint("--step-labels needs a file of labelled solutions; name one.")
    }
    func read(_ style: PromptStyle) throws -> [StepLabelSet] {
      try files.map { file in
        guard let set = try StepLabelFile.read(URL(fileURLWithPath: file), style: style) else {
          throw Complaint(
            "\(file) holds no labelled solutions of BIG-Bench-Mistake, ProcessBench, MR-GSM8K or "
              + "MR-Ben.")
        }
        return set
      }
    }
    (sets, bare) = (try read(style), try read(.bare))
    (self.count, self.json) = (count, json)
  }

  /// Shows what is in the files.
  func show() throws {
    for set in sets {
      for odd in set.oddRows { tell(odd) }
      let table = StepLabelTable(set, score: nil, finder: nil, leftOut: StepLabelTable.LeftOut())
      Crux.show(try json ? table.json() : table.text, json: json)
    }
  }

  /// Scores labels of somebody else against those of the files.
  func score(labels file: String) throws {
    for set in sets {
      for named in try NamedSteps.read(file, besides: set.kind) {
        var score = StepLabelScore()
        var leftOut = StepLabelTable.LeftOut()
        for solution in set.solutions {
          guard let step = named.step(of: solution) else {
            leftOut.unlabelled += 1
            continue
          }
          score.add(step, label: solution.firstError, steps: solution.steps.count)
        }
        let table = StepLabelTable(set, score: score, finder: named.name, leftOut: leftOut)
        Crux.show(try json ? table.json() : table.text, json: json)
      }
    }
  }

  /// Values the steps of solutions by rollouts and asks rules for the first error.
  ///
  /// Solutions without a right answer are left out; of the others `count` are drawn, as many with an
  /// error as without where there are enough.
  func score(by scoring: StepLabelScoring, gold: GoldAnswers) throws {
    let sampler = scoring.valuer.sampler
    for (set, bare) in zip(sets, bare) {
      var leftOut = StepLabelTable.LeftOut()
      let known = zip(set.solutions, bare.solutions).compactMap { solution, plain in
        gold.completed(solution, question: plain.problem.prompt)
      }
      leftOut.unanswered = set.solutions.count - known.count
      let order = byTurns(known, seed: sampler.recipe.seed) { $0.firstError != nil }
      var items: [LabelledItem] = []
      for solution in order where items.count < count ?? .max {
        guard let item = LabelledItem(solution, sampler) else {
          leftOut.tooLong += 1
          continue
        }
        items.append(item)
      }
      try Self.score(items, by: scoring, set.name, set.kind.rawValue, leftOut, json: json)
    }
  }

  /// Scores some solutions and prints what came of it, also where the user asked to stop.
  static func score(
    _ items: [LabelledItem], by scoring: StepLabelScoring, _ name: String, _ kind: String,
    _ leftOut: StepLabelTable.LeftOut, json: Bool
  ) throws {
    let outcome = try scoring(items, name: name)
    let report = StepLabelReport(name: name, kind: kind, scoring, outcome, leftOut: leftOut)
    Crux.show(try json ? report.json() : report.text, json: json)
    if outcome.isStopped { throw ExitCode(Interruption.exitCode) }
  }
}
