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

extension TaskName {
  /// The tasks whose problems Crux draws itself, as easy or hard as the recipe says.
  public static let embedded: [TaskName] = [.chains, .countdown, .sums]
}
