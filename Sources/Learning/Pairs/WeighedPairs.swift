import LanguageModel
import Tensors
import Trajectories

extension PairBuilding {
  /// Pairs of a right and a wrong answer with the advantage of every token, for regression.
  ///
  /// From the prompt the whole answer is credited with its reward against the mean of the
  /// problem's answers; at random one step of it is, for all. With critical steps every step is
  /// valued and credited with its own advantage; at random but valued the same advantages are dealt
  /// to the steps in a random order. Where the recipe has a floor, a gain from a state that is worth
  /// less is held for luck and not credited.
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
    switch recipe.resets.start {
    case .none, .replay:
      return zip(bases, credit).map { base, credit in
        base.responseTokens.map { _ in Float(credit) }
      }
    case .random:
      return zip(bases, credit).map { base, credit in
        let chosen = explorer.unvaluedStep(of: base)
        return base.perToken { $0 == chosen ? Float(credit) : 0 }
      }
    case .critical, .randomValued: return stepAdvantages(of: bases, &chunk, report)
    }
  }

  private func stepAdvantages(
    of bases: [Trajectory], _ chunk: inout PairChunk, _ report: () -> Disposition
  ) -> [[Float]]? {
    guard let values = explorer.valuesOfAll(bases, report: { _, _ in report() }) else {
      return nil
    }
    chunk.bases = bases
    chunk.values = values
    chunk.choices = values.compactMap { $0.criticalStep(recipe) }
    chunk.estimationTokens += values.reduce(0) { $0 + $1.tokens }
    return values.map { known in
      let base = known.trajectory
      var dealt = Array(0..<known.steps)
      if recipe.resets.start == .randomValued {
        var random = Random(seed: recipe.seed(for: .randomStep, [explorer.version], of: base))
        dealt = dealt.shuffled(&random)
      }
      return base.perToken { credited(dealt[$0], known) }
    }
  }

  private func credited(_ step: Int, _ known: StepValues) -> Float {
    let floor = known.trajectory.problem.guessChance + recipe.values.floor
    let isLuck = recipe.values.floor > 0 && known.mean(step) < floor
    let advantage = known.advantage(step)
    return Float(isLuck ? min(0, advantage) : advantage)
  }
}

extension Trajectory {
  /// A number of each step at every token of it.
  fileprivate func perToken(_ number: (Int) -> Float) -> [Float] {
    steps.enumerated().flatMap { place, step in step.tokens.map { _ in number(place) } }
  }
}
