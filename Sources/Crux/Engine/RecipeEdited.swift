import Foundation
import Records
import Trajectories

/// A run's recipe.toml says something else than the run goes by, and nobody has accepted that.
struct RecipeEdited: Error, CustomStringConvertible {
  let run: OpenedRun

  /// What was edited, key by key.
  var words: String {
    let most = 6
    let edits = run.edits.prefix(most).map(\.words) + (run.edits.count > most ? ["…"] : [])
    return "\(run.name)/\(RunStore.recipeName) was edited since the run went by it: "
      + edits.joined(separator: "; ")
  }

  var description: String {
    words
      + ".\ncrux train --resume \(shellWord(run.folder.path)) --accept-changes goes on with that; "
      + "or write the old values back."
  }
}
