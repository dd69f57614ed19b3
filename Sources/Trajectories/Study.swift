/// Methods, task settings and seeds of which every combination is trained and compared.
public struct Study: Equatable, Sendable {
  /// What is compared, in the order of the tables.
  public var methods: [StudyMethod]
  /// Names of the task settings, in order.
  public var tasks: [String]
  /// The recipe of each method on each task setting; its seed is not set yet.
  public var recipes: [[Recipe]]
  /// Seeds that every combination is trained with.
  public var seeds: [UInt64]
  /// What ends every training beside its recipe's updates.
  public var budget: TrainingBudget

  /// A study with every field given; `recipes` has a row a method and a column a task setting.
  public init(
    methods: [StudyMethod], tasks: [String], recipes: [[Recipe]], seeds: [UInt64],
    budget: TrainingBudget = TrainingBudget()
  ) {
    self.methods = methods
    self.tasks = tasks
    self.recipes = recipes
    self.seeds = seeds
    self.budget = budget
  }
}

/// One method of a study.
public struct StudyMethod: Equatable, Sendable {
  /// What tables call it.
  public var name: String
  /// The method it is compared with, seed by seed; nil for one that others are compared with.
  public var against: String?
  /// The method whose tokens, those for estimates included, this one may use; nil for the study's
  /// budget.
  public var tokensOf: String?
  /// Whether the starting policy is measured as it is, without any training.
  public var isUntrained: Bool

  /// A method with every field given.
  public init(
    name: String, against: String? = nil, tokensOf: String? = nil, isUntrained: Bool = false
  ) {
    self.name = name
    self.against = against
    self.tokensOf = tokensOf
    self.isUntrained = isUntrained
  }
}

/// What a training may use; nil is no limit.
public struct TrainingBudget: Codable, Hashable, Sendable {
  /// Tokens drawn.
  public var tokens: Int?
  /// Whether tokens drawn to estimate values count.
  public var countsEstimation = true
  /// Seconds of updates; evaluations do not count.
  public var seconds: Double?

  /// A budget; without arguments there is no limit.
  public init(tokens: Int? = nil, countsEstimation: Bool = true, seconds: Double? = nil) {
    self.tokens = tokens
    self.countsEstimation = countsEstimation
    self.seconds = seconds
  }
}

/// One training of a study.
public struct StudyCell: Hashable, Sendable {
  /// Place of its method, from 0.
  public var method: Int
  /// Place of its task setting, from 0.
  public var task: Int
  /// Its seed.
  public var seed: UInt64

  /// A training with every field given.
  public init(method: Int, task: Int, seed: UInt64) {
    self.method = method
    self.task = task
    self.seed = seed
  }
}

extension Study {
  /// Every training, in the order in which they are made.
  ///
  /// All of a seed come before the next, so that there is something to compare early. An untrained
  /// policy is measured once, with the first seed.
  public var cells: [StudyCell] {
    seeds.enumerated().flatMap { place, seed in
      tasks.indices.flatMap { task in
        methods.indices.filter { place == 0 || !methods[$0].isUntrained }.map {
          StudyCell(method: $0, task: task, seed: seed)
        }
      }
    }
  }

  /// What a training is called, such as `gpo, 4 hard, seed 2`.
  public func name(of cell: StudyCell) -> String {
    let task = tasks.count > 1 ? ", \(tasks[cell.task])" : ""
    return "\(methods[cell.method].name)\(task), seed \(cell.seed)"
  }

  /// A method and those that are compared with it, for each that others are compared with.
  public var families: [[StudyMethod]] {
    methods.filter { $0.against == nil }.map { head in
      [head] + methods.filter { $0.against == head.name }
    }
  }
}
