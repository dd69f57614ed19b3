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
      print(try json ? table.json() : table.text)
    }
  }

  /// Scores labels of somebody else against those of the files.
  func score(labels file: String) throws {
    let named = try NamedSteps(file)
    for set in sets {
      var score = StepLabelScore()
      var leftOut = StepLabelTable.LeftOut()
      for solution in set.solutions {
        guard let step = named.step(of: solution.problem.id) else {
          leftOut.unlabelled += 1
          continue
        }
        score.add(step, label: solution.firstError, steps: solution.steps.count)
      }
      let table = StepLabelTable(set, score: score, finder: named.name, leftOut: leftOut)
      print(try json ? table.json() : table.text)
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
    print(try json ? report.json() : report.text)
    if outcome.isStopped { throw ExitCode(Interruption.exitCode) }
  }
}

/// Steps that a person or a program named as first errors.
struct NamedSteps {
  let name: String
  private var steps: [String: Int?] = [:]

  /// Reads labels: a file of one of the known sets, or JSON lines `{"id": …, "step": …}` with steps
  /// from 0 and null for none.
  init(_ file: String) throws {
    let url = URL(fileURLWithPath: file)
    name = url.lastPathComponent
    if let set = try StepLabelFile.read(url) {
      for solution in set.solutions {
        steps[Self.key(solution.problem.id)] = .some(solution.firstError)
      }
      return
    }
    struct Line: Decodable {
      var id: String
      var step: Int?
    }
    let text = try String(contentsOf: url, encoding: .utf8)
    for (number, line) in text.split(separator: "\n").enumerated() {
      guard let row = try? JSONDecoder().decode(Line.self, from: Data(line.utf8)) else {
        throw Complaint("\(name):\(number + 1) is no label; write {\"id\": \"x-1\", \"step\": 2}.")
      }
      steps[Self.key(row.id)] = .some(row.step)
    }
  }

  /// The step named for a solution, perhaps none; nil where nothing was said of it.
  func step(of id: String) -> Int?? { steps[Self.key(id)] }

  /// The id in the file, without the file's name.
  private static func key(_ id: String) -> String {
    guard let slash = id.firstIndex(of: "/"), id[..<slash].contains(".jsonl") else { return id }
    return String(id[id.index(after: slash)...])
  }
}
