import Trajectories

extension WorkbenchState {
  /// The versions of the policy that can be compared, in order: checkpoints and the present.
  var comparableVersions: [Int] {
    Set((loadableCheckpoints ?? history.checkpoints) + [history.policyVersion]).sorted()
  }

  /// The two versions to compare: those chosen, else the oldest and the newest.
  ///
  /// It is nil where there are not two.
  var comparedVersions: (first: Int, second: Int)? {
    let versions = comparableVersions
    guard let oldest = versions.first, let newest = versions.last, oldest != newest else {
      return nil
    }
    let first = compare.first.flatMap { versions.contains($0) ? $0 : nil } ?? oldest
    let second = compare.second.flatMap { versions.contains($0) ? $0 : nil } ?? newest
    return (first, second)
  }

  /// Takes the next or an earlier version for the one of the two that is being chosen.
  mutating func chooseVersion(by places: Int) {
    guard let now = comparedVersions else { return }
    let versions = comparableVersions
    let present = compare.choosingSecond ? now.second : now.first
    guard let place = versions.firstIndex(of: present) else { return }
    let chosen = versions[min(max(0, place + places), versions.count - 1)]
    if compare.choosingSecond { compare.second = chosen } else { compare.first = chosen }
  }

  /// What to ask the engine for to compare the chosen step; nil where nothing can be compared.
  var comparison: Request? {
    guard let trajectory, trajectory.steps.indices.contains(step), let now = comparedVersions,
      now.first != now.second
    else { return nil }
    return .compare(
      trajectory: trajectory.id, step: step, first: now.first, second: now.second)
  }
}
