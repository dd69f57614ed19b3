import Foundation
import GRDB
import Testing
import Trajectories

@testable import Records

/// What somebody wrote into a run's recipe.toml is told against what the run goes by.
struct RecipeEditsTests {
  let folder: TemporaryFolder
  let store: RunStore
  let recipe: Recipe

  init() throws {
    folder = try TemporaryFolder()
    var recipe = Recipe.standard(for: .rloo)
    recipe.seed = .max
    recipe.optimizer.learningRate = 1.0 / 3
    recipe.task.rewardCommand = "a \"word\" \\ and\n\u{1B} more"
    self.recipe = recipe
    store = try RunStore(
      creating: folder.url.appendingPathComponent("one"), recipe: RecipeFile.text(of: recipe))
    try store.append([
      .started(RunStart(recipe: recipe, machine: "m", parameters: 1, version: "0"))
    ])
  }

  private func written(_ change: (inout Recipe) -> Void = { _ in }) throws -> Recipe {
    var changed = recipe
    change(&changed)
    let text = RecipeFile.text(of: changed)
    return try RecipeFile.recipe(from: text, name: "recipe.toml")
  }

  @Test func `a recipe that nobody touched has no edits`() throws {
    let (inForce, edits) = try store.recipe(try written())
    #expect(edits.isEmpty && inForce == recipe)
  }

  @Test func `each key that was edited is told, and the old value holds until it is accepted`()
    throws
  {
    let new = try written {
      $0.objective.method = .grpo
      $0.optimizer.learningRate = 0.25
      $0.task.rewardCommand = "another"
    }
    let (inForce, edits) = try store.recipe(new)
    #expect(
      Set(edits.map(\.key)) == [
        "objective.method", "optimizer.learning_rate", "task.reward_command",
      ])
    #expect(inForce == recipe)
    #expect(
      edits.first { $0.key == "optimizer.learning_rate" }?.words
        == "optimizer.learning_rate was 0.3333333333333333 and is 0.25")
    try store.append(edits.map { .edited($0) })
    let after = try store.recipe(new)
    #expect(after.edits.isEmpty && after.inForce == new)
    // Back to the old file: that is an edit too.
    let back = try store.recipe(try written())
    #expect(back.edits.count == 3 && back.inForce == new)
  }

  @Test func `a key that an older Crux recorded nothing of is as the file has it`() throws {
    let path = "json_remove(payload, '$.recipe.objective.clipLow')"
    try store.database.write {
      try $0.execute(
        sql: """
          DROP TRIGGER event_never_changes; UPDATE event SET payload = \(path);
          """)
    }
    let new = try written { $0.objective.clipLow = 0.125 }
    let (inForce, edits) = try store.recipe(new)
    #expect(edits.isEmpty && inForce.objective.clipLow == 0.125)
  }

  @Test func `the run that ships goes by its file`() throws {
    let run = Samples.package.appendingPathComponent("samples/run")
    let written = try RecipeFile.read(run.appendingPathComponent(RunStore.recipeName))
    let (inForce, edits) = try RunStore(opening: run, readOnly: true).recipe(written)
    #expect(edits.isEmpty && inForce == written)
  }
}
