/// All that one may choose about a run.
///
/// Every property has a default. `problems()` says in sentences what does not fit. A key is declared
/// in the file of its section: the property with its default, and its row in `keys`.
public struct Recipe: Equatable, Sendable {
  /// Seed of everything random in the run.
  public var seed: UInt64 = 0
  /// Folder of the starting policy; a relative path is looked up from the recipe's folder.
  public var model = "tiny"
  /// Updates to make.
  public var updates = 60
  /// What is asked and how it is judged.
  public var task = TaskChoice()
  /// What an answer earns beside what the task says of it.
  public var rewards = RewardsChoice()
  /// How a problem is put to the policy.
  public var prompt = PromptChoice()
  /// How responses are drawn.
  public var sampling = SamplingChoice()
  /// How responses are cut.
  public var steps = StepChoice()
  /// How boundaries are valued and the critical step is chosen.
  public var values = ValueChoice()
  /// Where rollouts for learning start.
  public var resets = ResetChoice()
  /// What is learnt from them.
  public var objective = ObjectiveChoice()
  /// What learns in place of the weights.
  public var adapter = AdapterChoice()
  /// How the weights move.
  public var optimizer = OptimizerChoice()
  /// How progress is measured.
  public var evaluation = EvaluationChoice()
  /// What is kept.
  public var record = RecordChoice()
  /// How tokens are credited and the critic learns.
  public var critic = CriticChoice()
  /// Which servers draw in place of the embedded engine.
  public var server = ServerChoice()

  /// The defaults.
  public init() {}
}

extension Recipe {
  /// Every key, in the order in which a file lists them.
  public static let keys: [RecipeKey] =
    [
      .natural("seed", \.seed, "Seed of everything random in the run."),
      .text(
        "model", \.model, "a folder",
        "Folder of the starting policy, a GGUF file or a name on Hugging Face; a relative path is "
          + "looked up from the recipe's folder."),
      .whole("updates", \.updates, 0...1_000_000, "updates", "Updates to make."),
    ] + TaskChoice.keys + RewardsChoice.keys + PromptChoice.keys + SamplingChoice.keys
    + StepChoice.keys + ValueChoice.keys + ResetChoice.keys + ObjectiveChoice.keys
    + AdapterChoice.keys + OptimizerChoice.keys + EvaluationChoice.keys + RecordChoice.keys
    + CriticChoice.keys + ServerChoice.keys

  /// Sections that had another name; keys below it are read for ever.
  public static let formerSections = ["optimiser": "optimizer"]

  /// What single keys were called before, by the name they have now.
  static let formerNames = [
    "objective.normalizer": ["objective.normaliser"],
    "adapter.rank_stabilized": ["adapter.rank_stabilised"],
  ]

  private static let keysByName: [String: RecipeKey] = Dictionary(
    uniqueKeysWithValues: keys.flatMap { key in
      ([key.name] + key.formerNames).map { ($0, key) }
    })

  /// The key of that name, or of the name it had before; nil where there is none.
  public static func key(named name: String) -> RecipeKey? { keysByName[name] }

  /// What is wrong, in sentences that name the key and the remedy; empty when all fits.
  public func problems() -> [String] {
    Recipe.keys.compactMap { $0.problem(of: self) } + taskContradictions + promptContradictions
      + [adapter.problem].compactMap { $0 } + samplingContradictions + offlineContradictions
      + valueContradictions + resetContradictions + onlineProblems + serverContradictions
  }

  /// The defaults of a method: what holds where a recipe names the method and no more.
  public static func standard(for method: Method) -> Recipe {
    var recipe = Recipe()
    for key in keys { _ = key.put(key.standard(of: method), into: &recipe) }
    return recipe
  }

  /// Takes another method with its defaults: what stood at the old one's moves to the new one's, and
  /// what was chosen otherwise stays.
  public mutating func follow(_ method: Method) {
    let old = objective.method
    for key in Recipe.keys where key.value(in: self) == key.standard(of: old) {
      _ = key.put(key.standard(of: method), into: &self)
    }
  }

  /// What was chosen and has no effect, since nothing reads it in this recipe: a sentence a key.
  public func choicesWithoutEffect() -> [String] {
    Recipe.keys.compactMap { key in
      let value = key.value(in: self)
      guard value != key.standard(of: objective.method), !key.reading.holds(self) else {
        return nil
      }
      return "\(key.name) is \(value.words), which has no effect here: it is read "
        + key.reading.words + "."
    }
  }
}
