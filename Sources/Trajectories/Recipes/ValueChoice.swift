/// How boundaries are valued and the critical step is chosen.
///
/// What each part means stands beside its key, below.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
public struct ValueChoice: Equatable, Sendable {
  public var rule = Rule.paperAbsolute
  public var rollouts = 4
  public var estimator = Estimator.uniform
  public var confidence = 0.8
  public var budget = 512
  public var floor = 0.2
  public var minimumAdvantage = 0.1
  public var unclear = UnclearUse.train
  public var reuse = false
  public var prefilter = 0.5
  public var steps = 1
  public var band = BandUse.auto
  public var bandLow = 0.2
  public var bandHigh = 0.8

  /// The defaults.
  public init() {}
}

extension ValueChoice {
  static let keys: [RecipeKey] = [
    .word("values.rule", \.values.rule, "The rule that proposes the critical step."),
    .whole(
      "values.rollouts", \.values.rollouts, 1...4096, "rollouts", "Rollouts from each boundary."),
    .word(
      "values.estimator", \.values.estimator, "How rollouts are shared out over the boundaries."),
    .number(
      "values.confidence", \.values.confidence, 0.5...0.999, "probability",
      "Posterior probability at which a step is clear, and a search stops."),
    .whole(
      "values.budget", \.values.budget, 1...1_000_000, "rollouts", "Most rollouts of one search.",
      read: .estimators(.topTwo, .confidence, .halving, .binary, .entropy)),
    .number(
      "values.floor", \.values.floor, 0...1, "value",
      "V(s_h*) must be at least the chance of guessing plus this; 0 switches the floor off."),
    .number(
      "values.minimum_advantage", \.values.minimumAdvantage, 0...1, "value",
      "Least advantage of a step that is stored to reset to."),
    .word("values.unclear", \.values.unclear, "What training does with a step that is not clear."),
    .flag(
      "values.reuse", \.values.reuse,
      "Whether a rollout that repeats the answer's own step counts at the next boundary too."),
    .number(
      "values.prefilter", \.values.prefilter, 0.01...1, "share",
      "Share of the steps, the least certain, whose boundaries get rollouts.",
      read: .estimators(.entropy)),
    .whole(
      "values.steps", \.values.steps, 1...64, "steps",
      "Critical steps taken of one answer, none beside another."),
    .word(
      "values.band", \.values.band,
      "Whether an answer feeds the learning only where V(s_0) lies in the band."),
    .number(
      "values.band_low", \.values.bandLow, 0...1, "value", "Least V(s_0) of the band.",
      read: .banded),
    .number(
      "values.band_high", \.values.bandHigh, 0...1, "value", "Largest V(s_0) of the band.",
      read: .banded),
  ]
}

/// What training does with a step that leads without being clear.
public enum UnclearUse: String, Codable, CaseIterable, Equatable, Sendable {
  /// Resets to it all the same, as the paper does: some of them are noise.
  case train
  /// Leaves it alone: fewer states are stored.
  case skip
}

/// Whether answers whose problem is too easy or too hard feed the learning.
public enum BandUse: String, Codable, CaseIterable, Equatable, Sendable {
  /// Only on problems that Crux does not make itself.
  case auto
  /// Always.
  case always
  /// Never.
  case never
}

extension Recipe {
  /// What does not fit together among the choices of valuing.
  var valueContradictions: [String] {
    var found: [String] = []
    if values.estimator == .exact, task.name != .chains {
      found.append(
        "values.estimator is \"exact\", which can only enumerate chains; take \"uniform\" or "
          + "another that draws rollouts, or set task.name to \"chains\".")
    }
    if values.estimator == .valueHead, !objective.hasCritic {
      found.append(
        "values.estimator is \"value-head\", but objective.method is \"\(objective.method.rawValue)\", "
          + "which has no critic; take a method that has one, such as \"ppo\", or another estimator."
      )
    }
    let isPlain =
      sampling.temperature == 1 && sampling.topK == 0 && sampling.topP == 1 && sampling.minP == 0
    if values.estimator == .exact, !isPlain {
      found.append(
        "values.estimator is \"exact\", which values the policy's own distribution; "
          + "set sampling.temperature to 1 and switch top_k, top_p and min_p off.")
    }
    if values.rule == .selfLocalised, task.name == .chains || task.name == .countdown {
      found.append(
        "values.rule is \"self-localised\", but the words of the task \(task.name.rawValue) "
          + "cannot ask a policy for a step; take another rule, or a task in plain English.")
    }
    if values.bandLow > values.bandHigh {
      found.append(
        "values.band_low must not be above values.band_high; lower the one or raise the other.")
    }
    return found
  }

  /// Whether a problem of that value is neither too easy nor too hard to learn from.
  ///
  /// - Parameter value: V(s_0), the mean reward of answers from the start.
  /// - Returns: Whether the recipe's band, where it holds, includes the value.
  public func isInBand(_ value: Double) -> Bool {
    switch values.band {
    case .never: return true
    case .auto where TaskName.embedded.contains(task.name): return true
    case .auto, .always: return (values.bandLow...max(values.bandLow, values.bandHigh)) ~= value
    }
  }
}

extension RecipeKey.Reading {
  fileprivate static func estimators(_ estimators: Estimator...) -> RecipeKey.Reading {
    .one(of: "values.estimator", in: estimators.map(\.rawValue)) {
      estimators.contains($0.values.estimator)
    }
  }

  fileprivate static let banded = RecipeKey.Reading("where values.band is not never") {
    $0.values.band != .never
  }
}
