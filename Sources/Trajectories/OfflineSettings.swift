extension ObjectiveChoice {
  /// The numbers of the offline methods that came after DPO's.
  var offlineSettings: [Setting] {
    [
      Setting(key: "objective.smoothing", value: smoothing, range: 0...0.49, unit: "share"),
      Setting(key: "objective.margin", value: margin, range: 0...100, unit: "nats"),
      Setting(
        key: "objective.desirable_weight", value: desirableWeight, range: 0...100, unit: "factor"),
      Setting(
        key: "objective.undesirable_weight", value: undesirableWeight, range: 0...100,
        unit: "factor"),
      Setting(
        key: "objective.weight_limit", value: weightLimit, range: 1...1_000_000, unit: "factor"),
      Setting(key: "objective.rounds", value: Double(rounds), range: 1...1000, unit: "rounds"),
    ]
  }
}

extension Recipe {
  /// What does not fit together in an offline recipe.
  var offlineContradictions: [String] {
    guard objective.method.isOffline else { return [] }
    return [
      formProblem, smoothingProblem, spanProblem, weightsProblem, fewPairsProblem, roundsProblem,
    ].compactMap { $0 }
  }

  private var formProblem: String? {
    let (method, form) = (objective.method, objective.form)
    guard !method.forms.isEmpty, !method.forms.contains(form) else { return nil }
    let forms = method.forms.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
    return "objective.form is \"\(form.rawValue)\", which is no form of \(method.rawValue); "
      + "take one of \(forms)."
  }

  private var smoothingProblem: String? {
    let smooth: [PreferenceForm] =
      objective.method == .dpo
      ? [.sigmoid, .robust]
      : [
        .sigmoid, .sigmoidNorm,
      ]
    let method = objective.method
    let isRead = (method == .dpo || method == .simpo) && smooth.contains(objective.form)
    guard objective.smoothing > 0, !isRead else { return nil }
    return "objective.smoothing is \(objective.smoothing), but \(method.rawValue) with form "
      + "\"\(objective.form.rawValue)\" does not read it; set it to 0 or take dpo with form "
      + "\"sigmoid\" or \"robust\"."
  }

  private var spanProblem: String? {
    guard objective.span == .step else { return nil }
    if objective.method == .awr {
      return "objective.span is \"step\", but awr weighs every step of whole answers; "
        + "set it to \"rest\"."
    }
    guard resets.start == .none else { return nil }
    return "objective.span is \"step\", but resets.start is \"none\", so there is no step to "
      + "compare at; set resets.start to \"critical\" or \"random\"."
  }

  private var weightsProblem: String? {
    let it = objective
    guard it.method == .kto, it.desirableWeight == 0 || it.undesirableWeight == 0 else {
      return nil
    }
    let (key, kind) =
      it.desirableWeight == 0
      ? ("desirable_weight", "right") : ("undesirable_weight", "wrong")
    return "objective.\(key) is 0, so no \(kind) continuation would count, but KTO weighs both "
      + "kinds against each other; raise it, or take sft to learn right ones alone."
  }

  /// KTO's reference point is a mean over mismatched continuations; TRL refuses a batch of one too.
  private var fewPairsProblem: String? {
    let it = objective
    guard it.method == .kto, it.form != .apoZero else { return nil }
    if it.batch < 2 {
      return "objective.batch is \(it.batch), but KTO measures its reference point on the batch's "
        + "continuations after prefixes that are not theirs; take at least 2."
    }
    guard it.pairs < 2 * it.rounds else { return nil }
    return
      "objective.pairs is \(it.pairs) and objective.rounds \(it.rounds), but KTO needs at least "
      + "two pairs a round for its reference point; take \(2 * it.rounds) pairs or more."
  }

  private var roundsProblem: String? {
    let most = min(updates, objective.pairs)
    guard objective.rounds > 1, objective.rounds > most else { return nil }
    return "objective.rounds is \(objective.rounds), but there are \(updates) updates and "
      + "\(objective.pairs) pairs to share among them; lower it to \(max(1, most)) or less."
  }
}
