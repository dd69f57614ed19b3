public import LanguageModel
public import Trajectories

/// How far an estimate is.
public struct ValueReport {
  /// Which of the trajectories was added to.
  public var index: Int
  /// Its values so far.
  public var values: StepValues
  /// Rollouts finished in this call.
  public var finished: Int
  /// Rollouts asked for in this call.
  public var total: Int

  /// A report with every field given.
  public init(index: Int, values: StepValues, finished: Int, total: Int) {
    self.index = index
    self.values = values
    self.finished = finished
    self.total = total
  }
}

extension Explorer {
  /// Values every boundary as the recipe says: K rollouts each, or the adaptive search.
  ///
  /// - Returns: The values; nil where the report asked to stop.
  public func values(
    of trajectory: Trajectory, report: (ValueReport) -> Disposition = { _ in .goOn }
  ) -> StepValues? {
    if recipe.values.adaptive { return searchAdaptively(trajectory, report: report) }
    return values(of: trajectory, rollouts: recipe.values.rollouts, report: report)
  }

  /// Values every boundary with the same number of rollouts, all in one call of the policy.
  public func values(
    of trajectory: Trajectory, rollouts: Int,
    report: (ValueReport) -> Disposition = { _ in .goOn }
  ) -> StepValues? {
    var all = [StepValues(trajectory: trajectory, policyVersion: version)]
    let more = [Array(repeating: rollouts, count: trajectory.steps.count)]
    return topUp(&all, by: more, report: report) ? all[0] : nil
  }

  /// Adds rollouts to boundaries of several trajectories in one call of the policy.
  ///
  /// Boundaries of one trajectory share their ancestors, so the policy computes each prefix once.
  /// Rollout n of a boundary has the same seed however the rollouts are split over calls.
  ///
  /// - Parameters:
  ///   - values: What is known; added to.
  ///   - more: For each of them the number of rollouts to add at each boundary before a step.
  ///   - purpose: The purpose of the seeds.
  ///   - report: Called with partial values as rollouts finish.
  /// - Returns: Whether all were drawn; false where the report asked to stop. What had finished by
  ///   then is counted all the same.
  public func topUp(
    _ values: inout [StepValues], by more: [[Int]], purpose: SeedPurpose = .value,
    report: (ValueReport) -> Disposition = { _ in .goOn }
  ) -> Bool {
    let before = values
    var requests: [RolloutRequest] = []
    var places: [(index: Int, boundary: Int, prefix: Prefix)] = []
    for (index, counts) in more.enumerated() {
      for (boundary, count) in counts.enumerated() where count > 0 {
        let prefix = values[index].trajectory.state(before: boundary)
        let first = values[index].rollouts[boundary].count
        let seeds = (first..<first + count).map {
          seed(purpose, values[index].trajectory, boundary: boundary, rollout: $0)
        }
        requests.append(request(prefix, seeds: seeds))
        places.append((index, boundary, prefix))
      }
    }
    guard !requests.isEmpty else { return true }
    var partial = values
    let all = continuations(of: requests) { done in
      let (index, boundary, prefix) = places[done.request]
      let reward = judge(prefix, done.continuation).reward
      partial[index].add(
        JudgedRollout(continuation: done.continuation, reward: reward), at: boundary)
      return report(
        ValueReport(
          index: index, values: partial[index], finished: done.finished, total: done.total))
    }
    guard let all else {
      values = partial
      return false
    }
    // Rollouts finish in no promised order; the order of the seeds is kept instead.
    values = before
    for (place, rollouts) in zip(places, all) {
      for continuation in rollouts {
        let reward = judge(place.prefix, continuation).reward
        values[place.index].add(
          JudgedRollout(continuation: continuation, reward: reward), at: place.boundary)
      }
    }
    return true
  }

  /// The seed of one rollout that values a boundary.
  func seed(_ purpose: SeedPurpose, _ trajectory: Trajectory, boundary: Int, rollout: Int)
    -> UInt64
  {
    recipe.seed(
      for: purpose, trajectory.seed, UInt64(version), UInt64(boundary), UInt64(rollout))
  }
}
