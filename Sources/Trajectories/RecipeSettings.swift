/// One number of a recipe as a reader sees it.
public struct Setting: Equatable, Sendable {
  /// Where it stands, such as `values.rollouts`.
  public var key: String
  /// Its value.
  public var value: Double
  /// What is allowed.
  public var range: ClosedRange<Double>
  /// What one of it is, such as `tokens`.
  public var unit: String
}

extension Recipe {
  /// Every number of the recipe with its range and unit, in the order of the file.
  public var settings: [Setting] {
    taskSettings + taskFileSettings + samplingSettings + valueSettings + objectiveSettings
      + adapterSettings
      + optimiserSettings
      + recordSettings + critic.settings
  }

  /// What is wrong, in sentences that name the key and the remedy; empty when all fits.
  public func problems() -> [String] {
    settings.compactMap(\.problem) + contradictions + onlineProblems
  }

  private var contradictions: [String] {
    var found: [String] = []
    if task.name == .chains, task.hard > task.length {
      found.append(
        "task.hard is \(task.hard), but the chain has only \(task.length) operations; "
          + "lower task.hard or raise task.length.")
    }
    if task.name == .chains, (2...997).contains(task.modulus), !Recipe.isPrime(task.modulus) {
      found.append(
        "task.modulus is \(task.modulus), which is not prime; "
          + "take a prime such as 31, so that an early error stays an error.")
    }
    if task.name == .sums, task.minTerms > task.maxTerms || task.minDigits > task.maxDigits {
      found.append(
        "task.min_terms and task.min_digits must not be above task.max_terms and "
          + "task.max_digits; lower the one or raise the other.")
    }
    if prompt.chat == .off, prompt.needsTemplate || !prompt.exampleTexts.isEmpty {
      found.append(
        "prompt.chat is \"off\", so prompt.system, prompt.examples, prompt.thinking and prompt.date "
          + "would not be read; leave them out or set prompt.chat to \"auto\".")
    }
    if let problem = adapter.problem { found.append(problem) }
    if sampling.temperature > 0, sampling.temperature < 0.01 {
      found.append(
        "sampling.temperature is \(sampling.temperature), so low that logits over it leave the "
          + "range of 32-bit floats; take 0 for the likeliest token, or 0.01 and more.")
    }
    if sampling.isGreedy, steps.splitter == .lowProbability {
      found.append(
        "steps.splitter is \"low-probability\", but sampling.temperature is 0, where every token "
          + "counts as certain and nothing is cut; take a temperature above 0 or another splitter.")
    }
    found += offlineContradictions
    found += valueContradictions
    found += taskFileContradictions
    if resets.start != .none, resets.share > 0, resets.newPerUpdate == 0 {
      found.append(
        "resets.new_per_update is 0, so there is nothing to reset to; "
          + "raise it or set resets.start to \"none\".")
    }
    return found
  }

  private static func isPrime(_ number: Int) -> Bool {
    guard number > 3 else { return number > 1 }
    return (2..<number).prefix { $0 * $0 <= number }.allSatisfy { number % $0 != 0 }
  }

  private var taskSettings: [Setting] {
    [
      Setting(key: "updates", value: Double(updates), range: 0...1_000_000, unit: "updates"),
      Setting(key: "task.length", value: Double(task.length), range: 1...64, unit: "operations"),
      Setting(key: "task.modulus", value: Double(task.modulus), range: 2...997, unit: "values"),
      Setting(key: "task.hard", value: Double(task.hard), range: 0...64, unit: "operations"),
    ] + sumSettings
  }

  private var sumSettings: [Setting] {
    [
      Setting(key: "task.min_terms", value: Double(task.minTerms), range: 2...32, unit: "numbers"),
      Setting(key: "task.max_terms", value: Double(task.maxTerms), range: 2...32, unit: "numbers"),
      Setting(key: "task.min_digits", value: Double(task.minDigits), range: 1...9, unit: "digits"),
      Setting(key: "task.max_digits", value: Double(task.maxDigits), range: 1...9, unit: "digits"),
    ]
  }

  private var samplingSettings: [Setting] {
    [
      Setting(
        key: "sampling.temperature", value: sampling.temperature, range: 0...10, unit: "factor"),
      Setting(
        key: "sampling.top_k", value: Double(sampling.topK), range: 0...1_000_000, unit: "tokens"),
      Setting(key: "sampling.top_p", value: sampling.topP, range: 0.001...1, unit: "probability"),
      Setting(key: "sampling.min_p", value: sampling.minP, range: 0...1, unit: "share"),
      Setting(
        key: "sampling.limit", value: Double(sampling.limit), range: 1...8192, unit: "tokens"),
      Setting(
        key: "steps.minimum_tokens", value: Double(steps.minimumTokens), range: 1...4096,
        unit: "tokens"),
      Setting(key: "steps.maximum", value: Double(steps.maximum), range: 1...1000, unit: "steps"),
      Setting(
        key: "steps.probability", value: steps.probability, range: 0.01...1, unit: "probability"),
      Setting(key: "steps.every", value: Double(steps.every), range: 1...4096, unit: "tokens"),
    ]
  }

  private var valueSettings: [Setting] {
    [
      Setting(
        key: "values.rollouts", value: Double(values.rollouts), range: 1...4096, unit: "rollouts"),
      Setting(
        key: "values.confidence", value: values.confidence, range: 0.5...0.999, unit: "probability"),
      Setting(
        key: "values.budget", value: Double(values.budget), range: 1...1_000_000, unit: "rollouts"),
      Setting(key: "values.floor", value: values.floor, range: 0...1, unit: "value"),
      Setting(
        key: "values.minimum_advantage", value: values.minimumAdvantage, range: 0...1,
        unit: "value"),
      Setting(key: "values.prefilter", value: values.prefilter, range: 0.01...1, unit: "share"),
      Setting(key: "values.steps", value: Double(values.steps), range: 1...64, unit: "steps"),
      Setting(key: "values.band_low", value: values.bandLow, range: 0...1, unit: "value"),
      Setting(key: "values.band_high", value: values.bandHigh, range: 0...1, unit: "value"),
      Setting(key: "resets.share", value: resets.share, range: 0...1, unit: "share"),
      Setting(key: "resets.buffer", value: Double(resets.buffer), range: 1...65536, unit: "states"),
      Setting(
        key: "resets.new_per_update", value: Double(resets.newPerUpdate), range: 0...1024,
        unit: "trajectories"),
    ]
  }

  private var objectiveSettings: [Setting] {
    let it = objective
    return [
      Setting(key: "objective.groups", value: Double(it.groups), range: 1...4096, unit: "groups"),
      Setting(
        key: "objective.group_size", value: Double(it.groupSize), range: 1...4096, unit: "rollouts"),
      Setting(key: "objective.clip_low", value: it.clipLow, range: 0...1, unit: "ratio"),
      Setting(key: "objective.clip_high", value: it.clipHigh, range: 0...10, unit: "ratio"),
      Setting(
        key: "objective.kl_coefficient", value: it.klCoefficient, range: 0...10, unit: "per nat"),
      Setting(
        key: "objective.entropy_coefficient", value: it.entropyCoefficient, range: 0...1,
        unit: "per nat"),
      Setting(key: "objective.passes", value: Double(it.passes), range: 1...64, unit: "passes"),
      Setting(key: "objective.beta", value: it.beta, range: 0.0001...100, unit: "per nat"),
      Setting(key: "objective.nll_weight", value: it.nllWeight, range: 0...100, unit: "per nat"),
      Setting(key: "objective.pairs", value: Double(it.pairs), range: 1...1_000_000, unit: "pairs"),
      Setting(
        key: "objective.pairs_per_problem", value: Double(it.pairsPerProblem), range: 1...1024,
        unit: "pairs"),
      Setting(
        key: "objective.rollouts_per_problem", value: Double(it.rolloutsPerProblem),
        range: 2...4096, unit: "rollouts"),
      Setting(key: "objective.batch", value: Double(it.batch), range: 1...65536, unit: "pairs"),
    ] + it.offlineSettings + it.onlineSettings
  }

  private var adapterSettings: [Setting] {
    [
      Setting(key: "adapter.rank", value: Double(adapter.rank), range: 0...4096, unit: "columns"),
      Setting(key: "adapter.alpha", value: adapter.alpha, range: 0...1_000_000, unit: "factor"),
    ]
  }

  private var optimiserSettings: [Setting] {
    let it = optimiser
    return [
      Setting(
        key: "optimiser.learning_rate", value: it.learningRate, range: 0...1, unit: "a step"),
      Setting(key: "optimiser.beta1", value: it.beta1, range: 0...0.9999, unit: "a step"),
      Setting(key: "optimiser.beta2", value: it.beta2, range: 0...0.99999, unit: "a step"),
      Setting(key: "optimiser.epsilon", value: it.epsilon, range: 1e-16...1, unit: "gradient"),
      Setting(key: "optimiser.weight_decay", value: it.weightDecay, range: 0...10, unit: "a step"),
      Setting(key: "optimiser.clip_norm", value: it.clipNorm, range: 0...1e9, unit: "gradient"),
      Setting(
        key: "optimiser.warm_up", value: Double(it.warmUp), range: 0...1_000_000, unit: "updates"),
      Setting(key: "optimiser.final_share", value: it.finalShare, range: 0...1, unit: "share"),
      Setting(
        key: "optimiser.micro_batch_tokens", value: Double(it.microBatchTokens),
        range: 0...1_000_000, unit: "tokens"),
    ]
  }

  private var recordSettings: [Setting] {
    [
      Setting(
        key: "evaluation.every", value: Double(evaluation.every), range: 0...1_000_000,
        unit: "updates"),
      Setting(
        key: "evaluation.problems", value: Double(evaluation.problems), range: 1...100_000,
        unit: "problems"),
      Setting(
        key: "evaluation.samples", value: Double(evaluation.samples), range: 1...1024,
        unit: "samples"),
      Setting(
        key: "record.checkpoint_every", value: Double(record.checkpointEvery), range: 0...1_000_000,
        unit: "updates"),
      Setting(
        key: "record.keep_checkpoints", value: Double(record.keepCheckpoints),
        range: 0...1_000_000, unit: "checkpoints"),
      Setting(
        key: "record.trajectories", value: Double(record.trajectories), range: 0...1_000_000,
        unit: "trajectories"),
    ]
  }
}

extension Setting {
  fileprivate var problem: String? {
    guard !range.contains(value) else { return nil }
    return
      "\(key) is \(Setting.short(value)) \(unit); it must lie between "
      + "\(Setting.short(range.lowerBound)) and \(Setting.short(range.upperBound))."
  }

  private static func short(_ value: Double) -> String {
    let whole = value.rounded()
    guard whole == value, whole.magnitude < 1e15 else { return "\(value)" }
    return "\(Int(whole))"
  }
}
