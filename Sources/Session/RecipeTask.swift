package import Foundation
import Grading
package import Learning
package import Records
package import Trajectories
import Workbench

extension Recipe {
  /// The task of a recipe, its problems read where they stand in a file.
  ///
  /// The held-out ones depend on `evaluation.seed`, not on the run's seed. `report` hears of rows
  /// that are left out. A reward command is asked about where nobody allowed it.
  package func makeTask(report: (String) -> Void = { _ in }) throws -> any ReasoningTask {
    let base = try makeProblems(report: report)
    guard !task.rewardCommand.isEmpty else { return base }
    try RewardConsent.settle(task.rewardCommand, in: task.rewardSandbox)
    return RewardedTask(
      base,
      reward: RewardCommand(
        task.rewardCommand, seconds: task.rewardSeconds, sandbox: task.rewardSandbox))
  }

  /// The same task as its problems alone, which nobody else judges.
  func makeProblems(report: (String) -> Void = { _ in }) throws -> any ReasoningTask {
    try task.name == .file ? fileTask(report) : task.makeTask()
  }

  private func fileTask(_ report: (String) -> Void) throws -> any ReasoningTask {
    let task = try problemsOfFile(report)
    var chains = self.task
    chains.hard = min(chains.hard, chains.length)
    return try ChainFileTask(task, chains: ClockChains(chains)) ?? task
  }

  private func problemsOfFile(_ report: (String) -> Void) throws -> FileTask {
    let problems = try Recipe.problems(in: task.file, style: task.style, report)
    guard !task.heldOutFile.isEmpty else {
      return try FileTask(problems, heldOut: task.heldOut, seed: evaluation.seed)
    }
    let heldOut = try Recipe.problems(in: task.heldOutFile, style: task.style, report)
    return try FileTask(problems, heldOut: heldOut, seed: evaluation.seed)
  }

  private static func problems(
    in file: String, style: PromptStyle, _ report: (String) -> Void
  ) throws -> [Problem] {
    let set = try BenchmarkFile.read(URL(fileURLWithPath: file), style: style)
    if let first = set.oddRows.first {
      report("\(set.oddRows.count) rows of \(set.name) are left out; the first: \(first)")
    }
    tellUnknownTasks(of: set)
    return set.problems
  }

  /// The same with the paths of its files made whole: from that folder where they are there, else
  /// from the working directory.
  package func withWholePaths(in folder: URL?) -> Recipe {
    var recipe = self
    recipe.task.file = Recipe.whole(task.file, in: folder)
    recipe.task.heldOutFile = Recipe.whole(task.heldOutFile, in: folder)
    return recipe
  }

  private static func whole(_ path: String, in folder: URL?) -> String {
    guard !path.isEmpty, !path.hasPrefix("/") else { return path }
    let expanded = (path as NSString).expandingTildeInPath
    let beside = URL(fileURLWithPath: expanded, relativeTo: folder).absoluteURL.standardizedFileURL
    if FileManager.default.fileExists(atPath: beside.path) { return beside.path }
    return URL(fileURLWithPath: expanded).standardizedFileURL.path
  }
}

extension Recipe {
  /// Checks that the choices make sense together.
  ///
  /// - Throws: A sentence for each that does not.
  package func check() throws {
    let problems = problems()
    guard problems.isEmpty else { throw Complaint(problems.joined(separator: "\n")) }
  }

  /// The policy's name in few words.
  package var policyName: String {
    let name = URL(fileURLWithPath: model).lastPathComponent
    return name.hasSuffix(".gguf") ? String(name.dropLast(5)) : name
  }
}

/// Says of which tasks in a set the rewards may not be reasoning-gym's own.
package func tellUnknownTasks(of set: BenchmarkSet) {
  let tasks = ReasoningGym.unknownTasks(in: set.problems).map { inert($0) }
  guard !tasks.isEmpty else { return }
  tell(
    "\(set.name): Crux does not know reasoning-gym's rule for \(tasks.joined(separator: ", ")); an "
      + "answer there earns 1 for the reference, or its share of the answer where it stands in it.")
}
