import LanguageModel
import Tensors
import Trajectories

/// What the right answers of an update give to the buffer.
struct BufferFeeding {
  /// Answers that were looked at.
  var bases: [Trajectory] = []
  /// Their values; empty where none were made.
  var values: [StepValues] = []
  /// What the rule made of them; as many as `values`.
  var choices: [CriticalStep] = []
  /// Seconds each valuation took; as many as `values`.
  var seconds: [Double] = []
  /// States worth resetting to.
  var states: [CriticalState] = []

  /// Tokens drawn to estimate.
  var tokens: Int { values.reduce(0) { $0 + $1.tokens } }
}

/// Values right answers of an update and picks the states that resets are to start from.
struct BufferFeeder {
  let valuer: StepValuer
  private var recipe: Recipe { valuer.recipe }

  init(_ valuer: StepValuer) { self.valuer = valuer }

  /// Values right answers of an update (failed ones for the rule that speaks of those alone) and
  /// picks the states to store.
  ///
  /// At most `resets.newPerUpdate` right answers of the groups from the prompt are looked at, one
  /// of each group before a second of any. No rollouts are made for that choice. Starts that need
  /// no values take a uniformly drawn step or the first one without valuing anything.
  func callAsFunction(
    from groups: [RolloutGroup], now: () -> Double, progress: WorkProgress<PartsDone>
  ) throws(Stopped) -> BufferFeeding {
    var found = BufferFeeding()
    guard recipe.resets.start != .none else { return found }
    found.bases = bases(in: groups)
    guard recipe.resets.start.needsValues else {
      found.states = found.bases.map { base in
        CriticalState(
          of: base, step: recipe.unvaluedStep(of: base, version: valuer.version), values: nil,
          marked: false)
      }
      return found
    }
    let began = now()
    var values = found.bases.map { valuer.nothingKnown(of: $0) }
    try valuer.value(&values, progress: progress.ofValues)
    found.values = values
    let each = (now() - began) / Double(max(1, values.count))
    found.seconds = values.map { _ in each }
    // Every base has a step, so each has a choice.
    found.choices = values.compactMap { $0.criticalStep(recipe) }
    for (place, choice) in found.choices.enumerated() where !choice.resets.isEmpty {
      found.choices[place].storedAt = valuer.version + 1
      found.states += choice.resets.map { step in
        CriticalState(
          of: values[place].trajectory, step: step, values: values[place], marked: false)
      }
    }
    return found
  }

  private func bases(in groups: [RolloutGroup]) -> [Trajectory] {
    let takesFailures = recipe.values.rule.resetsFailures
    let right = groups.filter { !$0.isReset }.map { group in
      group.trajectories.filter { ($0.reward >= 1) != takesFailures && !$0.steps.isEmpty }
    }
    let most = right.map(\.count).max() ?? 0
    let ordered = (0..<most).flatMap { rank in
      right.compactMap { $0.indices.contains(rank) ? $0[rank] : nil }
    }
    return Array(ordered.prefix(recipe.resets.newPerUpdate))
  }
}

extension Recipe {
  /// Where a reset goes that no value decides.
  func unvaluedStep(of base: Trajectory, version: Int) -> Int {
    guard resets.start != .replay else { return 0 }
    var random = Random(seed: seed(for: .randomStep, [version], of: base))
    return random.below(base.steps.count)
  }
}
