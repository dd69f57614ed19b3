public import Trajectories

/// A study as far as it is known, and how the Study screen looks at it.
public struct StudyBoard: Equatable, Sendable {
  /// What is compared.
  public var study: Study
  /// A row a method of a task setting that has an outcome.
  public var rows: [StudyRow] = []
  /// Trainings that are finished.
  public var finished = 0
  /// Trainings that are under way here, with the share of their updates that is made.
  public var underWay: [StudyCell: Double] = [:]

  /// The method under the cursor, from 0.
  public var method = 0
  /// The task setting under the cursor, from 0.
  public var task = 0
  /// The accuracy that is shown.
  public var measure = Measure.sampled
  /// Whether the table tells what a method differs by from the one it is compared with.
  public var showsDifferences = false
  /// Whether curves run over tokens, those for estimates included, in place of updates.
  public var overTokens = false
  /// Whether the curves have the screen to themselves.
  public var isEnlarged = false

  /// A study of which nothing is known yet.
  public init(_ study: Study) { self.study = study }
}

extension StudyBoard {
  /// Takes what became known of the study.
  mutating func take(_ rows: [StudyRow], finished: Int) {
    self.rows = rows
    self.finished = finished
  }

  /// Shows the next accuracy.
  mutating func showNextMeasure() {
    let all = Measure.allCases
    guard let place = all.firstIndex(of: measure) else { return }
    measure = all[(place + 1) % all.count]
  }

  /// The trainings in all.
  var total: Int { study.cells.count }

  /// What is known of a method on a task setting; nil where nothing is finished.
  func row(_ method: Int, _ task: Int) -> StudyRow? {
    rows.first { $0.task == study.tasks[task] && $0.method.name == study.methods[method].name }
  }

  /// The trainings of a method on a task setting that are under way, by seed.
  func running(_ method: Int, _ task: Int) -> [(seed: UInt64, share: Double)] {
    study.seeds.compactMap { seed in
      underWay[StudyCell(method: method, task: task, seed: seed)].map { (seed, $0) }
    }
  }

  /// Seeds that are finished, and how many there are to be; an untrained policy has none.
  func seeds(_ method: Int, _ task: Int) -> (done: Int, all: Int) {
    let row = row(method, task)
    let done = (row?.outcomes.count ?? 0) + (row?.failures.count ?? 0)
    return (done, study.methods[method].isUntrained ? min(1, study.seeds.count) : study.seeds.count)
  }

  /// The recipe of the training under the cursor, with the first seed.
  var recipe: Recipe {
    var recipe = study.recipes[method][task]
    recipe.seed = study.seeds.first ?? recipe.seed
    return recipe
  }

  /// The method under the cursor, the one it is compared with and all others compared with that.
  var family: [StudyMethod] {
    let chosen = study.methods[method]
    return study.families.first { $0.contains(chosen) } ?? [chosen]
  }
}

extension Measure {
  /// The measure in a word or two.
  var words: String {
    switch self {
    case .sampled: "sampled accuracy"
    case .sampledChain: "samples with every line right"
    case .greedy: "greedy accuracy"
    case .greedyChain: "greedy answers with every line right"
    }
  }
}
