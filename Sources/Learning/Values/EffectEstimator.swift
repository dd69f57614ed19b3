public import LanguageModel
import Tensors
public import Trajectories

/// A fresh effect and what it cost.
public struct FreshMeasurement: Equatable, Sendable {
  /// The effect.
  public var effect: FreshEffect
  /// Tokens drawn.
  public var tokens: Int
  /// Rollouts drawn.
  public var rollouts: Int
  /// The rollouts behind it, as far as the recipe keeps them.
  public var evidence: [BoundaryRollouts]

  /// A measurement from the values of both sides.
  init(effect: FreshEffect, of values: StepValues, _ keeping: RolloutKeeping) {
    self.effect = effect
    tokens = values.tokens
    rollouts = values.spent
    evidence = values.unrecorded(keeping)
  }

  /// What it cost, where it took that many seconds.
  public func cost(seconds: Double) -> Cost {
    Cost(rollouts: rollouts, tokens: tokens, seconds: seconds)
  }
}

/// What the same spending gives elsewhere.
public struct EffectControls: Equatable, Sendable {
  /// Another step of the same trajectory, drawn at random, at the same number of rollouts.
  public var randomStep: FreshMeasurement
  /// Starting over, at about the same number of tokens: its value stands on both sides.
  public var restart: FreshMeasurement

  /// Tokens drawn for both.
  public var tokens: Int { randomStep.tokens + restart.tokens }
}

/// Measures what a step does with rollouts of its own.
public struct EffectEstimator {
  /// Values the boundaries of the step.
  public let valuer: StepValuer

  /// An estimator of effects under the valuer's policy.
  public init(_ valuer: StepValuer) { self.valuer = valuer }

  private var recipe: Recipe { valuer.recipe }

  /// Measures one step again with rollouts that took no part in its choice.
  ///
  /// The step that came out largest was partly lucky (the winner's curse); these rollouts know
  /// nothing of that. The interval holds the measured difference, and the true one with at least
  /// 95 % posterior probability, from 4000 draws of both Beta posteriors.
  ///
  /// - Parameters:
  ///   - trajectory: The answer that holds the step.
  ///   - step: The step.
  ///   - rollouts: Rollouts before the step, and as many after it unless it is the last.
  ///   - purpose: The purpose of the seeds.
  ///   - progress: Hears of rollouts as they finish.
  /// - Returns: The effect.
  /// - Throws: `Stopped`.
  public func fresh(
    of trajectory: Trajectory, step: Int, rollouts: Int, purpose: SeedPurpose = .fresh,
    progress: WorkProgress<ValueReport> = .unheard
  ) throws(Stopped) -> FreshMeasurement {
    var values = [valuer.nothingKnown(of: trajectory, reusing: false)]
    let more = trajectory.steps.indices.map { $0 == step || $0 == step + 1 ? rollouts : 0 }
    try valuer.value(&values, .each([more], for: purpose), progress: progress)
    let (low, high) = differenceInterval(values[0], step: step, purpose: purpose)
    let effect = FreshEffect(
      step: step, before: values[0].value(step), after: values[0].value(step + 1),
      advantage: values[0].advantage(step), low: low, high: high)
    return FreshMeasurement(effect: effect, of: values[0], recipe.record.rollouts)
  }

  private func differenceInterval(_ values: StepValues, step: Int, purpose: SeedPurpose)
    -> (low: Double, high: Double)
  {
    let keys = [valuer.version, step, Int(purpose.rawValue)]
    var random = Random(seed: recipe.seed(for: .rule, keys, of: values.trajectory))
    let before = values.posterior(step)
    let after = step + 1 < values.steps ? values.posterior(step + 1) : nil
    let differences = (0..<4000).map { _ in
      (after?.draw(&random) ?? values.trajectory.reward) - before.draw(&random)
    }.sorted()
    let measured = values.advantage(step)
    return (
      min(measured, differences[percentile: 0.025]), max(measured, differences[percentile: 0.975])
    )
  }

  /// What a random step and a restart give for the same spending as a fresh effect.
  ///
  /// - Parameters:
  ///   - trajectory: The answer that holds the step.
  ///   - step: The step that was measured; the random one differs from it where there are others.
  ///   - rollouts: Rollouts of the fresh measurement on each side.
  ///   - tokens: Tokens the fresh measurement drew; the restart draws about as many.
  ///   - progress: Hears of rollouts as they finish.
  /// - Returns: Both controls.
  /// - Throws: `Stopped`.
  public func controls(
    of trajectory: Trajectory, step: Int, rollouts: Int, tokens: Int,
    progress: WorkProgress<ValueReport> = .unheard
  ) throws(Stopped) -> EffectControls {
    var random = Random(
      seed: recipe.seed(for: .randomStep, [valuer.version, step], of: trajectory))
    let others = trajectory.steps.indices.filter { $0 != step }
    let other = others.isEmpty ? step : others[random.below(others.count)]
    let effect = try fresh(
      of: trajectory, step: other, rollouts: rollouts, purpose: .control, progress: progress)
    var restart = [valuer.nothingKnown(of: trajectory, reusing: false)]
    var more = trajectory.steps.map { _ in 0 }
    more[0] = max(1, tokens / max(1, trajectory.responseTokens.count))
    try valuer.value(&restart, .each([more], for: .restart), progress: progress)
    let value = restart[0].value(0)
    let nothing = FreshEffect(
      step: 0, before: value, after: value, advantage: 0, low: 0, high: 0)
    return EffectControls(
      randomStep: effect,
      restart: FreshMeasurement(effect: nothing, of: restart[0], recipe.record.rollouts))
  }
}
