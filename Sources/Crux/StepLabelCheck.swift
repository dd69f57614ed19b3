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
      let table = StepLabelTable(set, score: nil, finder: nil, leftOut: 0)
      print(try json ? table.json() : table.text)
    }
  }

  /// Scores labels of somebody else against those of the files.
  func score(labels file: String) throws {
    let named = try NamedSteps(file)
    for set in sets {
      var score = StepLabelScore()
      var missing = 0
      for solution in set.solutions {
        guard let step = named.step(of: solution.problem.id) else {
          missing += 1
          continue
        }
        score.add(step, label: solution.firstError, steps: solution.steps.count)
      }
      let table = StepLabelTable(set, score: score, finder: named.name, leftOut: missing)
      print(try json ? table.json() : table.text)
    }
  }

  /// Values the steps of every solution by rollouts and takes the recipe's rule's step for its
  /// first error, where the value falls there by at least `values.minimumAdvantage`.
  func score(by explorer: Explorer, gold: GoldAnswers) throws {
    for (set, bare) in zip(sets, bare) {
      var score = StepLabelScore()
      var leftOut = 0
      let pairs = Array(zip(set.solutions, bare.solutions))
      let order = pairs.indices.prefix(count ?? pairs.count)
      for (done, place) in order.enumerated() {
        tellProgress("\(set.name): \(done) of \(order.count) solutions")
        let (solution, plain) = pairs[place]
        let question = plain.problem.prompt
        guard let whole = gold.completed(solution, question: question),
          let named = try find(whole, explorer)
        else {
          leftOut += 1
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

  /// The step that the rule names; nil where the solution does not fit into the policy's context.
  private func find(
    _ solution: LabelledSolution, _ explorer: Explorer
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
