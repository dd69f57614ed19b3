import LanguageModel
import Tensors
import Trajectories

/// Groups in which failed answers were replaced, and what that cost.
struct ReplacedGroups {
  var groups: [RolloutGroup]
  /// Answers that were replaced.
  var replaced = 0
  /// Tokens drawn to find what replaces them.
  var tokens = 0
}

/// Replaces failed answers of an update by better ones that rollouts from within them found.
struct FailedAnswerReplacement {
  let valuer: StepValuer
  private var recipe: Recipe { valuer.recipe }

  init(by valuer: StepValuer) { self.valuer = valuer }

  /// Replaces each failed answer from the prompt by the best rollout from the step that the rule chooses.
  ///
  /// This is what the first author's code does online (`gppo/trainer.py`, with the rule
  /// prefix-argmax): best-of-n search, the whole answer then learnt from as if it had been drawn. An
  /// answer of which no rollout earns more is kept. The rules random and restart draw as many
  /// rollouts from one step and choose among them in the same way, which that code's own control
  /// does not.
  ///
  /// - Returns: The groups, every answer in its place and under its name.
  func callAsFunction(
    in groups: [RolloutGroup], progress: WorkProgress<PartsDone>
  ) throws(Stopped) -> ReplacedGroups {
    var found = ReplacedGroups(groups: groups)
    guard recipe.resets.replaceFailed else { return found }
    let places = groups.indices.flatMap { group in
      groups[group].trajectories.indices.map { (group: group, place: $0) }
    }.filter { place in
      let answer = groups[place.group].trajectories[place.place]
      // A group from a reset compares how its answers go on; its prefix must stay.
      return !groups[place.group].isReset && answer.reward < 1 && !answer.steps.isEmpty
    }
    let failed = places.map { groups[$0.group].trajectories[$0.place] }
    let values = try searched(failed, progress: progress)
    for (place, known) in zip(places, values) {
      found.tokens += known.tokens
      guard let better = known.replacement(recipe) else { continue }
      let own = known.trajectory
      var prefix = own.state(before: better.step)
      // It stands for the answer, not for a branch of it.
      prefix.fork = own.forkedFrom
      found.groups[place.group].trajectories[place.place] = valuer.sampler.trajectory(
        id: own.id, from: prefix, better.rollout.continuation)
      found.replaced += 1
    }
    return found
  }

  /// Values of failed answers; the controls spend as many rollouts on one step.
  private func searched(
    _ failed: [Trajectory], progress: WorkProgress<PartsDone>
  ) throws(Stopped) -> [StepValues] {
    var all = failed.map { valuer.nothingKnown(of: $0) }
    guard recipe.values.rule == .random || recipe.values.rule == .restart else {
      try valuer.value(&all, progress: progress.ofValues)
      return all
    }
    let more = all.map { values in
      let step = values.criticalStep(recipe)?.leader ?? 0
      return (0..<values.steps).map { $0 == step ? values.steps * recipe.values.rollouts : 0 }
    }
    try valuer.value(&all, .each(more), progress: progress.ofValues)
    return all
  }
}

extension StepValues {
  /// The rollout that is to replace a failed answer, and the step it begins at; nil where none
  /// earns more than the answer.
  fileprivate func replacement(_ recipe: Recipe) -> (step: Int, rollout: JudgedRollout)? {
    guard let step = criticalStep(recipe)?.leader else { return nil }
    var best: JudgedRollout?
    for rollout in rollouts[step] where rollout.reward > best?.reward ?? trajectory.reward {
      best = rollout
    }
    return best.map { (step, $0) }
  }
}
