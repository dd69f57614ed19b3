import LanguageModel
import Trajectories

/// Credit of single tokens from values at the boundaries of steps (VinePPO).
///
/// Every token of step h earns V(s_{h+1}) − V(s_h), both means of rollouts; the value of the end is
/// the reward. Source: Kazemnejad and others 2024.
enum StepCredit {
  /// The advantage of each predicted token.
  ///
  /// - Parameters:
  ///   - values: The trajectory's values.
  ///   - first: The first response token that is predicted.
  /// - Returns: One entry a predicted token.
  static func advantages(_ values: StepValues, from first: Int) -> [Double] {
    let trajectory = values.trajectory
    var credit = [Double](repeating: 0, count: trajectory.responseTokens.count)
    for (step, place) in trajectory.steps.enumerated() {
      for token in place.start..<place.end { credit[token] = values.advantage(step) }
    }
    return Array(credit.dropFirst(first))
  }

  /// Values every boundary that lies in what was drawn anew.
  static func values(
    of groups: [RolloutGroup], by valuer: StepValuer, progress: WorkProgress<PartsDone>
  ) throws(Stopped) -> [StepValues] {
    let recipe = valuer.recipe
    var all: [StepValues] = []
    var more: [[Int]] = []
    for group in groups {
      // What was kept is credited only where it carries loss.
      let first = recipe.resets.maskPrefix ? group.prefix.fork?.step ?? 0 : 0
      for trajectory in group.trajectories {
        all.append(valuer.nothingKnown(of: trajectory, reusing: false))
        more.append(
          trajectory.steps.indices.map { $0 < first ? 0 : recipe.values.rollouts })
      }
    }
    try valuer.value(&all, .each(more), progress: progress.ofValues)
    return all
  }
}
