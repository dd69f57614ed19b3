public import Trajectories

/// What one step did to the chance of success, with its doubt.
struct Credit: Equatable, Sendable {
  /// Value before the step.
  var before: StepValue
  /// Value after it.
  var after: StepValue
  /// after − before.
  var advantage: Double
  /// Lower end of its 95 % interval.
  var low: Double
  /// Upper end of its 95 % interval.
  var high: Double

  /// Whether the interval leaves zero out.
  var sure: Bool { low > 0 || high < 0 }

  /// The difference of two values whose rollouts are independent.
  init(before: StepValue, after: StepValue) {
    self.before = before
    self.after = after
    (advantage, low, high) = after.difference(from: before)
  }
}

extension Valuation {
  /// The credit of a step; nil where one of its boundaries has no rollouts yet.
  func credit(of step: Int) -> Credit? {
    guard step >= 0, step + 1 < values.count else { return nil }
    let (before, after) = (values[step], values[step + 1])
    let end = step + 2 == values.count
    guard before.isKnown, after.isKnown || end else { return nil }
    return Credit(before: before, after: after)
  }

  /// Rollouts of all boundaries.
  var rollouts: Int { values.reduce(0) { $0 + $1.rollouts } }

  /// Fewest rollouts of a boundary that has any use for them: the end has none.
  var fewestRollouts: Int { values.dropLast().map(\.rollouts).min() ?? 0 }
}

extension WorkbenchState {
  /// What is known of the values of a trajectory by now: those on the way, or the newest.
  public func valuation(of id: String) -> Valuation? {
    isVeiled(id) ? nil : partialValuations[id] ?? history.newestValuation(of: id)
  }

  /// What the rule said of a trajectory under the policy that its values are shown for.
  public func proposal(for id: String) -> CriticalStep? {
    guard !isVeiled(id) else { return nil }
    guard let valuation = valuation(of: id) else { return history.proposal(for: id) }
    return history.proposal(for: id, version: valuation.policyVersion)
  }

  /// The credit of a step, its interval from the rule where the rule speaks of the same rollouts.
  func credit(of step: Int, in id: String) -> Credit? {
    guard let valuation = valuation(of: id), var credit = valuation.credit(of: step) else {
      return nil
    }
    if let proposal = proposal(for: id), proposal.leader == step,
      proposal.rollouts == valuation.rollouts
    {
      // The prior draws intervals inwards, past an advantage of 1; a reader expects it inside.
      credit.low = min(proposal.low, credit.advantage)
      credit.high = max(proposal.high, credit.advantage)
    }
    return credit
  }

  /// The step that a trajectory is opened at: the marked, the proposed, the leading, the largest.
  func bestStep(of id: String) -> Int {
    if let mark = mark(of: id) { return mark.step }
    if let proposal = proposal(for: id) { return proposal.proposed ?? proposal.leader }
    guard let valuation = valuation(of: id) else { return 0 }
    let sizes = (0..<max(0, valuation.values.count - 1)).map { step in
      valuation.credit(of: step).map { abs($0.advantage) } ?? -1
    }
    return sizes.max().flatMap { sizes.firstIndex(of: $0) } ?? 0
  }

  /// The step a person or the rule holds to be critical; nil where there is none.
  func criticalStep(of id: String) -> Int? {
    if let mark = mark(of: id) { return mark.kind == .rejected ? nil : mark.step }
    return proposal(for: id)?.proposed
  }

  /// The choice by which training stored states of a trajectory; nil where it stored none.
  func storedChoice(of id: String) -> CriticalStep? {
    isVeiled(id) ? nil : history.storedChoice(of: id)
  }

  /// What a boundary was worth under other policies than the one whose values are shown, the oldest
  /// first; rollouts alone, and only boundaries of the steps as they are cut now.
  func earlierValues(of id: String, boundary: Int) -> [(version: Int, value: StepValue)] {
    guard !isVeiled(id), let shown = valuation(of: id) else { return [] }
    return history.valuations(of: id).compactMap { valuation in
      guard valuation.policyVersion != shown.policyVersion,
        valuation.values.count == shown.values.count,
        valuation.values.indices.contains(boundary), valuation.values[boundary].rollouts > 0
      else { return nil }
      return (valuation.policyVersion, valuation.values[boundary])
    }
  }

  /// The floor of the recipe above the chance of guessing.
  var floor: Double { history.start?.recipe.values.floor ?? 0 }

  /// Whether a right answer is lucky, and why.
  func luck(of trajectory: Trajectory) -> Luck? {
    Luck(
      trajectory, valuation: valuation(of: trajectory.id), choice: proposal(for: trajectory.id),
      floor: floor)
  }

  /// The mark of a step: a person's word, else the step that training resets to, or the proposed one
  /// where training stored none; hollow where a step is proposed while training resets elsewhere.
  func marker(of step: Int, in id: String) -> (String, Role) {
    let glyphs = Glyphs.of(glyphs)
    if let mark = mark(of: id), mark.step == step {
      return mark.kind == .rejected
        ? (String(glyphs.rejected), .stepRejected) : (String(glyphs.confirmed), .stepConfirmed)
    }
    guard let proposal = proposal(for: id) else { return (" ", .text) }
    let stored = storedChoice(of: id)?.obeying(mark(of: id)).resets ?? []
    if stored.contains(step) || (stored.isEmpty && proposal.proposed == step) {
      return (String(glyphs.proposed), .stepProposed)
    }
    let leads = proposal.step == step || proposal.proposed == step
    return leads ? (String(glyphs.leading), .stepProposed) : (" ", .text)
  }

  /// A rule in words.
  func ruleWords(_ rule: Rule) -> String {
    switch rule {
    case .paperAbsolute: "rule: largest |A|"
    case .paperSigned: "rule: largest A"
    case .largestDrop: "rule: largest drop"
    case .random: "rule: a random step"
    case .restart: "rule: the first step"
    case .prefixArgmax: "rule: best prefix"
    case .binarySearch: "rule: binary search"
    case .entropy: "rule: largest entropy"
    case .selfLocalised: "rule: the policy's word"
    }
  }

  /// The text of a step, the mark that ends an answer left away unless raw text is wanted.
  func shownText(of step: Int, in trajectory: Trajectory) -> String {
    trajectory.steps.text(of: step, hidesEnd: !raw && !trajectory.truncated)
  }
}

/// A share of successes with an interval from counts alone.
struct ChildValue: Equatable, Sendable {
  var mean: Double
  var low: Double
  var high: Double
  var count: Int

  /// The mean reward with Wilson's 95 % interval (Wilson 1927), which needs no table.
  init?(rewards: [Double]) {
    guard !rewards.isEmpty else { return nil }
    let n = Double(rewards.count)
    let z = 1.959964
    count = rewards.count
    mean = rewards.reduce(0, +) / n
    let centre = (mean + z * z / (2 * n)) / (1 + z * z / n)
    let spread = mean * (1 - mean) / n + z * z / (4 * n * n)
    let half = z / (1 + z * z / n) * spread.squareRoot()
    low = max(0, centre - half)
    high = min(1, centre + half)
  }
}
