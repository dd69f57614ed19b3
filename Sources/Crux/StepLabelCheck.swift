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

  /// Values the steps of solutions by rollouts and takes the recipe's rule's step for the first
  /// error, where the value falls there by at least `values.minimumAdvantage`.
  ///
  /// Solutions without a right answer are left out; of the others `count` are drawn.
  func score(by explorer: Explorer, gold: GoldAnswers, seed: UInt64) throws {
    for (set, bare) in zip(sets, bare) {
      var score = StepLabelScore()
      var leftOut = StepLabelTable.LeftOut()
      let known = zip(set.solutions, bare.solutions).compactMap { solution, plain in
        gold.completed(solution, question: plain.problem.prompt)
      }
      leftOut.unanswered = set.solutions.count - known.count
      let drawn = drawn(from: known, seed: seed)
      for (done, solution) in drawn.enumerated() {
        tellProgress("\(set.name): \(done) of \(drawn.count) solutions")
        guard let named = try find(solution, explorer) else {
          leftOut.tooLong += 1
          continue
        }
        score.add(named.step, label: solution.firstError, steps: solution.steps.count)
      }
      endProgress()
      let finder = explorer.recipe.values.rule.rawValue
      let table = StepLabelTable(set, score: score, finder: finder, leftOut: leftOut)
      print(try json ? table.json() : table.text)
    }
  }

  /// As many as asked for: all of them, or the first of an order that the seed gives.
  private func drawn(
    from solutions: [StepLabelledSolution], seed: UInt64
  ) -> [StepLabelledSolution] {
    guard let count, count < solutions.count else { return solutions }
    let byID = Dictionary(
      solutions.map { ($0.problem.id, $0) }, uniquingKeysWith: { first, _ in first })
    let order = FileTask.shuffled(solutions.map(\.problem), seed: seed)
    return order.prefix(count).compactMap { byID[$0.id] }
  }

  /// The step that the rule names; nil where the solution does not fit into the policy's context.
  private func find(
    _ solution: StepLabelledSolution, _ explorer: Explorer
  ) throws -> (step: Int?, rollouts: Int)? {
    guard let trajectory = try? explorer.labelled(solution, id: solution.problem.id) else {
      return nil
    }
    let values = explorer.values(of: trajectory) { _ in Interruption.isAsked ? .stop : .goOn }
    guard let values else { throw ExitCode(Interruption.exitCode) }
    try explorer.task.check()
    guard let critical = values.criticalStep(explorer.recipe) else { return nil }
    let falls = critical.advantage <= -explorer.recipe.values.minimumAdvantage
    return (falls ? critical.leader : nil, values.spent)
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
