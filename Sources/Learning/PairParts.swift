import LanguageModel
import Tensors
import Trajectories

extension Explorer {
  /// A pair as the recipe compares it; nil where that leaves both sides alike.
  ///
  /// With `objective.span` a step, both sides end with the first step after the prefix, as in
  /// Step-DPO (Lai and others 2024). With `objective.prefix` the response, the kept part of the
  /// response moves from the prefix into both sides.
  func compared(_ pair: Preference, after prefix: Prefix) -> BuiltPair? {
    var pair = pair
    if recipe.objective.span == .step {
      pair.chosen = firstStep(of: pair.chosen, after: prefix)
      pair.rejected = firstStep(of: pair.rejected, after: prefix)
      guard pair.chosen != pair.rejected else { return nil }
    }
    if recipe.objective.prefix == .response {
      pair = Preference(
        prefix: prefix.prompt, chosen: prefix.kept + pair.chosen,
        rejected: prefix.kept + pair.rejected)
    }
    return BuiltPair(preference: pair, advantages: nil)
  }

  private func firstStep(of continuation: [Token], after prefix: Prefix) -> [Token] {
    let steps = steps(of: prefix.kept + continuation, problem: prefix.problem)
    guard let first = steps.first(where: { $0.end > prefix.kept.count }) else {
      return continuation
    }
    return Array(continuation.prefix(first.end - prefix.kept.count))
  }
}

extension PairBuilding {
  /// Pairs of a right and a wrong answer with the advantage of every token, for regression.
  ///
  /// From the prompt the whole answer is credited with its reward against the mean of the
  /// problem's answers. With critical steps every step is valued and credited with its own
  /// advantage; at random the same advantages are dealt to the steps in a random order. Where the
  /// recipe has a floor, a gain from a state that is worth less is held for luck and not credited.
  func weighed(
    _ answers: [PairingState], _ chunk: inout PairChunk, _ report: () -> Disposition
  ) -> [BuiltPair]? {
    var bases: [Trajectory] = []
    var credit: [Double] = []
    for (offset, group) in answers.enumerated() {
      var random = pairing(of: group)
      let rewards = group.rollouts.map(\.reward)
      let mean = rewards.reduce(0, +) / Double(max(1, rewards.count))
      let most = recipe.objective.pairsPerProblem
      for (winner, loser) in opponents(among: rewards, most: most, random: &random) {
        for number in [winner, loser] {
          let base = explorer.trajectory(
            id: "pairs-\(chunk.store.problems + offset)/\(number)", from: group.prefix,
            group.rollouts[number].continuation)
          bases.append(base)
          credit.append(rewards[number] - mean)
        }
      }
    }
    guard let advantages = advantages(of: bases, credit, &chunk, report) else { return nil }
    return stride(from: 0, to: bases.count, by: 2).map { first in
      BuiltPair(
        preference: Preference(
          prefix: bases[first].promptTokens, chosen: bases[first].responseTokens,
          rejected: bases[first + 1].responseTokens),
        advantages: [advantages[first], advantages[first + 1]])
    }
  }

  /// The advantage of every token of the answers; nil where the report asked to stop.
  private func advantages(
    of bases: [Trajectory], _ credit: [Double], _ chunk: inout PairChunk,
    _ report: () -> Disposition
  ) -> [[Float]]? {
    guard recipe.resets.start != .none else {
      return zip(bases, credit).map { base, credit in
        base.responseTokens.map { _ in Float(credit) }
      }
    }
    guard let values = explorer.valuesOfAll(bases, report: { _, _ in report() }) else {
      return nil
    }
    chunk.bases = bases
    chunk.values = values
    chunk.estimationTokens += values.reduce(0) { $0 + $1.tokens }
    return values.map { known in
      var places = Array(0..<known.steps)
      if recipe.resets.start == .random {
        let base = known.trajectory
        var random = Random(seed: recipe.seed(for: .randomStep, [explorer.version], of: base))
        places = places.shuffled(&random)
      }
      return zip(known.trajectory.steps, places).flatMap { step, place in
        (step.start..<step.end).map { _ in credit(of: place, known) }
      }
    }
  }

  private func credit(of step: Int, _ known: StepValues) -> Float {
    let floor = known.trajectory.problem.guessChance + recipe.values.floor
    let isLuck = recipe.values.floor > 0 && known.mean(step) < floor
    let advantage = known.advantage(step)
    return Float(isLuck ? min(0, advantage) : advantage)
  }
}
