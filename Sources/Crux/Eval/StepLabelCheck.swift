import ArgumentParser
import Foundation
import LanguageModel
import Learning
import Records
import Trajectories

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
    let explorer = scoring.explorer
    for (set, bare) in zip(sets, bare) {
      var leftOut = StepLabelTable.LeftOut()
      let known = zip(set.solutions, bare.solutions).compactMap { solution, plain in
        gold.completed(solution, question: plain.problem.prompt)
      }
      leftOut.unanswered = set.solutions.count - known.count
      let order = byTurns(known, seed: explorer.recipe.seed) { $0.firstError != nil }
      var items: [LabelledItem] = []
      for solution in order where items.count < count ?? .max {
        guard let item = LabelledItem(solution, explorer) else {
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
