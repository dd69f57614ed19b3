import Trajectories

/// A step under two versions of the policy, and what that says in words.
struct StepBeforeAfter: Equatable {
  /// Updates the first policy had seen.
  let firstVersion: Int
  /// Updates the second policy had seen.
  let secondVersion: Int
  /// The step under the first policy; nil where it was not valued.
  let first: Credit?
  /// The step under the second policy.
  let second: Credit?
  /// Whether the values come from rollouts drawn for the comparison, not from the choice.
  let isFresh: Bool

  /// What is known of a step: a comparison that was run, else the valuations of both versions.
  init(of step: Int, in id: String, first: Int, second: Int, state: WorkbenchState) {
    firstVersion = first
    secondVersion = second
    let result = state.history.comparisons(of: id).last {
      $0.step == step && $0.firstVersion == first && $0.secondVersion == second
    }
    isFresh = result != nil
    if let result {
      self.first = Credit(result.first)
      self.second = Credit(result.second)
    } else {
      self.first = state.history.valuation(of: id, version: first)?.credit(of: step)
      self.second = state.history.valuation(of: id, version: second)?.credit(of: step)
    }
  }

  /// Second minus first, of the value before the step.
  var change: Credit? { difference(\.before) }

  /// Second minus first, of the value after the step.
  var changeAfter: Credit? { difference(\.after) }

  /// Second minus first, of the advantage, with the interval of a difference (MOVER).
  var advantageChange: (value: Double, low: Double, high: Double)? {
    guard let first, let second else { return nil }
    let value = second.advantage - first.advantage
    func length(_ x: Double, _ y: Double) -> Double { (x * x + y * y).squareRoot() }
    return (
      value, value - length(second.advantage - second.low, first.high - first.advantage),
      value + length(second.high - second.advantage, first.advantage - first.low)
    )
  }

  private func difference(_ value: KeyPath<Credit, StepValue>) -> Credit? {
    guard let first, let second else { return nil }
    return Credit(before: first[keyPath: value], after: second[keyPath: value])
  }

  // MARK: what the numbers say

  /// Sentences: what became of the value before the step, and of the step's own effect.
  func words(glyphs: Glyphs) -> [String] {
    guard let first, let second else { return [] }
    return [
      valueWords(first.before, second.before),
      advantageWords(first, second, glyphs: glyphs),
    ]
  }

  private func valueWords(_ old: StepValue, _ new: StepValue) -> String {
    let numbers =
      "from \(share(old.mean)) \(interval(old.low, old.high)) "
      + "to \(share(new.mean)) \(interval(new.low, new.high))"
    if new.low > old.high {
      return "V before the step rose \(numbers): "
        + "the policy now comes to a right answer from here more often."
    }
    if new.high < old.low {
      return "V before the step fell \(numbers): "
        + "the policy now fails from here more often."
    }
    return "Not clear whether training mended it: V before the step went \(numbers), "
      + "and the intervals overlap. More rollouts may tell."
  }

  private func advantageWords(_ old: Credit, _ new: Credit, glyphs: Glyphs) -> String {
    let (before, after) = (
      "\(signed(old.advantage, glyphs: glyphs)) \(signedInterval(old.low, old.high, glyphs: glyphs))",
      "\(signed(new.advantage, glyphs: glyphs)) \(signedInterval(new.low, new.high, glyphs: glyphs))"
    )
    switch (old.sure, new.sure) {
    case (true, false):
      return "A of the step was \(before) and is now \(after): it no longer clearly decides."
    case (false, true):
      return "A of the step was \(before) and is now \(after): it decides now, but did not before."
    case (true, true):
      return "A of the step was \(before) and is now \(after): it decides under both."
    case (false, false):
      return "A of the step is clear under neither: \(before), then \(after)."
    }
  }
}

extension Credit {
  /// The credit that was measured on fresh rollouts.
  init(_ effect: FreshEffect) {
    self.init(before: effect.before, after: effect.after)
    advantage = effect.advantage
    low = effect.low
    high = effect.high
  }
}
