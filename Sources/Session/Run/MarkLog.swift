import Learning
import Trajectories
import Workbench

/// A person's words in the order of the store, and how many of them each update obeyed; and what was
/// changed of the recipe.
///
/// A run that goes on after a crash makes its updates again with the words that they obeyed before,
/// so that it ends bit for bit where it would have ended.
struct MarkLog {
  private var words: [RunEvent] = []
  private var obeyed: [Int: Int] = [:]
  private var lastUpdate = 0
  private var changes: [RecipeChange] = []

  /// Reads what the store says next.
  mutating func read(_ event: RunEvent) {
    switch event {
    case .marked, .recut, .undone, .redone: words.append(event)
    case .changed(let change): changes.append(change)
    case .followed(let marks, let update): obeyed[update] = marks
    case .updated(let metrics): lastUpdate = max(lastUpdate, metrics.update)
    case .rolledBack(let update): rollBack(to: update)
    default: break
    }
  }

  /// Learning goes back on a person's wish: updates made from there on obey all that was said.
  private mutating func rollBack(to update: Int) {
    lastUpdate = update
    obeyed = obeyed.filter { $0.key <= update }
  }

  /// How many words there are.
  var count: Int { words.count }

  /// How many words an update obeys: all, unless it is made again.
  func count(for update: Int) -> Int {
    update <= lastUpdate ? obeyed[update] ?? 0 : words.count
  }

  /// The recipe of an update: with all changes, unless it is made again.
  func recipe(_ begun: Recipe, for update: Int) -> Recipe {
    changes.reduce(into: begun) { recipe, change in
      if update > lastUpdate || change.update < update { recipe[change.key] = change.value }
    }
  }

  /// The words that stand after the first `count`, one for each trajectory spoken of, in the order
  /// in which the trajectories were first spoken of.
  func standing(_ count: Int) -> [Mark] {
    var history = RunHistory()
    var order: [Mark] = []
    var spokenOf: Set<String> = []
    for event in words.prefix(count) {
      history.apply(event)
      guard case .marked(let mark) = event else { continue }
      if spokenOf.insert(mark.trajectory).inserted { order.append(mark) }
    }
    return order.map { first in
      history.mark(of: first.trajectory)
        ?? Mark(trajectory: first.trajectory, step: first.step, kind: .cleared)
    }
  }

  /// The steps of a trajectory after the first `count` words; nil where they are as they came.
  func steps(of trajectory: String, after count: Int) -> [Step]? {
    var history = RunHistory()
    for event in words.prefix(count) { history.apply(event) }
    return history.words.reduce(nil) { steps, word in
      if case .cut(let cut) = word, cut.trajectory == trajectory { cut.steps } else { steps }
    }
  }
}
