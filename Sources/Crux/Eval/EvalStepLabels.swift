import ArgumentParser
import Foundation
import Learning
import Records
import Trajectories

// Finders of the first error, scored on labelled solutions.
extension EvalCommand {
  /// Own answers that are scored where nobody says how many.
  private static let ownCount = 100

  func runStepLabels() throws {
    let asked = style ?? .steps
    if files.isEmpty, labels == nil { return try scoreOwn(asked) }
    let check = try StepLabelCheck(files: files, style: asked, count: count, json: json)
    if let labels { return try check.score(labels: labels) }
    guard options.model != nil || self.recipe != nil else { return try check.show() }
    try check.score(by: try scoring(asked), gold: try GoldAnswers(gold))
  }

  /// Scores rules on the policy's own answers.
  private func scoreOwn(_ style: PromptStyle) throws {
    let scoring = try scoring(style)
    let count = count ?? Self.ownCount
    guard let items = try LabelledItem.own(count, scoring.explorer) else {
      throw ExitCode(Interruption.exitCode)
    }
    let order = byTurns(items, seed: scoring.explorer.recipe.seed) { $0.label != nil }
    try StepLabelCheck.score(
      Array(order.prefix(count)), by: scoring, scoring.explorer.recipe.task.name.rawValue,
      "own answers", StepLabelTable.LeftOut(), json: json)
  }

  private func scoring(_ style: PromptStyle) throws -> StepLabelScoring {
    Interruption.watch()
    var recipe = try chosenRecipe()
    let rules = try chosenRules()
    recipe.values.rule = rules.first ?? .largestDrop
    if let rollouts { recipe.values.rollouts = rollouts }
    let model = try options.load(recipe, besides: self.recipe)
    let limit = try limits.map { try numbers($0, "--limits") }?.max()
    let explorer = Explorer(
      policy: model.policy, codec: try model.codec(for: recipe), task: try recipe.makeTask(),
      recipe: recipe, version: 0, newTokens: limit ?? recipe.sampling.limit)
    return try StepLabelScoring(explorer: explorer, rules: rules, answers: answers, style: style)
  }

  private func chosenRules() throws -> [Rule] {
    guard let rule else {
      return [.largestDrop] + Rule.allCases.filter { $0 != .largestDrop && $0.looksAtValues }
        + [.random]
    }
    return try Rule.named(in: rule)
  }
}
