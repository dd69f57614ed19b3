package import Foundation
package import Records
package import Trajectories

/// A run that was opened: its folder, its events and its recipe; no weights yet.
package struct OpenedRun {
  package let folder: URL
  package let store: RunStore
  /// What the run goes by: the recipe of its record, with the edits that were accepted.
  package private(set) var recipe: Recipe
  /// What recipe.toml says otherwise, which nobody has accepted yet.
  private(set) var edits: [RecipeEdit]
  private var written: Recipe
  /// Why nothing may be changed; nil when all may.
  package let readOnly: String?

  /// The run's name as the title line shows it.
  package var name: String {
    let parent = folder.deletingLastPathComponent().lastPathComponent
    return "\(parent)/\(folder.lastPathComponent)"
  }

  /// The policy's name as the title line shows it.
  package var policyName: String { recipe.policyName }

  /// Whether it was killed before its first checkpoint, so that it can be begun again.
  package var neverBegan: Bool { (try? store.neverBegan) == true }

  package init(_ folder: URL, readOnly wish: Bool) throws {
    self.folder = folder
    let writable = FileManager.default.isWritableFile(atPath: folder.path)
    let readOnly = wish || !writable
    store = try RunStore(opening: folder, readOnly: readOnly)
    self.readOnly =
      !readOnly ? nil : wish ? "opened with --read-only" : "the folder cannot be written"
    written = try OpenedRun.writtenRecipe(in: folder)
    (recipe, edits) = try store.recipe(written)
  }

  /// Reads recipe.toml anew: it may have been edited since.
  mutating func readRecipe() throws {
    written = try OpenedRun.writtenRecipe(in: folder)
    (recipe, edits) = try store.recipe(written)
  }

  /// Lets the run go by recipe.toml as it is now; answers what was edited, to be recorded as of an
  /// update.
  mutating func acceptEdits(at update: Int) -> [RecipeEdit] {
    defer { (recipe, edits) = (written, []) }
    return edits.map { edit in
      var edit = edit
      edit.update = update
      return edit
    }
  }

  private static func writtenRecipe(in folder: URL) throws -> Recipe {
    try RecipeFile.read(folder.appendingPathComponent(RunStore.recipeName), over: before)
  }

  /// What held where a run's recipe, which has every key of its day, does not have one: a run goes
  /// on as it began.
  private static var before: Recipe {
    var recipe = Recipe()
    recipe.objective.scoreTemperature = .one
    return recipe
  }

  /// The run that ships with Crux, copied to where runs are written, so that it may be marked.
  package static func sample(readOnly: Bool) throws -> OpenedRun {
    let shipped = try Locations.shipped("samples/run")
    if readOnly { return try OpenedRun(shipped, readOnly: true) }
    let copy = Locations.runs.appendingPathComponent("sample")
    let files = FileManager.default
    if !files.fileExists(atPath: copy.path) {
      let aside = Locations.runs.appendingPathComponent(".sample-\(getpid())")
      do {
        try files.createDirectory(at: Locations.runs, withIntermediateDirectories: true)
        try? files.removeItem(at: aside)
        try files.copyItem(at: shipped, to: aside)
        // A second Crux that started at the same moment may have been faster.
        if !files.fileExists(atPath: copy.path) { try files.moveItem(at: aside, to: copy) }
        try? files.removeItem(at: aside)
      } catch {
        throw Complaint(
          "The sample run cannot be copied to \(copy.path): \(error.localizedDescription) "
            + "Use --read-only, or set CRUX_RUNS to a folder that can be written.")
      }
    }
    return try OpenedRun(copy, readOnly: false)
  }
}
