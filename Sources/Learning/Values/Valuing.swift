import Grading
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
  /// Values every boundary as the recipe's estimator does.
  ///
  /// - Returns: The values; nil where the report asked to stop.
  public func values(
    of trajectory: Trajectory, report: (ValueReport) -> Disposition = { _ in .goOn }
  ) -> StepValues? {
    search(trajectory, report: report)
  }

  /// Values every boundary with the same number of rollouts, all in one call of the policy.
  public func values(
    of trajectory: Trajectory, rollouts: Int,
    report: (ValueReport) -> Disposition = { _ in .goOn }
  ) -> StepValues? {
    var all = [nothingKnown(of: trajectory, reusing: false)]
    let more = [Array(repeating: rollouts, count: trajectory.steps.count)]
    return topUp(&all, by: more, report: report) ? all[0] : nil
  }

  /// Adds rollouts to boundaries of several trajectories in one call of the policy.
  ///
  /// Boundaries of one trajectory share their ancestors, so the policy computes each prefix once.
  /// Rollout n of a boundary has the same seed however the rollouts are split over calls. Where the
  /// likeliest token is always taken (a temperature of 0) there is one rollout and no chance: no
  /// boundary gets a second one, and its value is known exactly.
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
    let places = plan(values, more.indices.map { wanted(more[$0], at: values[$0]) })
    guard !places.isEmpty else { return true }
    let requests = places.map { place in
      let trajectory = values[place.index].trajectory
      let first = values[place.index].drawn(from: place.boundary)
      let seeds = (first..<first + place.count).map {
        recipe.seed(for: purpose, [version, place.boundary, $0], of: trajectory)
      }
      return request(place.prefix, seeds: seeds)
    }
    var partial = values
    var rewards = places.map { Array(repeating: 0.0, count: $0.count) }
    let all = continuations(of: requests) { done in
      let place = places[done.request]
      let reward = judge(place.prefix, done.continuation).reward
      rewards[done.request][done.rollout] = reward
      let judged = JudgedRollout(continuation: done.continuation, reward: reward)
      partial[place.index].add(judged, at: place.boundary)
      return report(
        ValueReport(
          index: place.index, values: partial[place.index], finished: done.finished,
          total: done.total))
    }
    guard let all else {
      values = partial
      return false
    }
    // Rollouts finish in no promised order; what is kept is in the order of the seeds.
    for (request, place) in places.enumerated() {
      for (continuation, reward) in zip(all[request], rewards[request]) {
        let judged = JudgedRollout(continuation: continuation, reward: reward)
        values[place.index].add(judged, at: place.boundary)
        guard recipe.sampling.isGreedy, counts(continuation) else { continue }
        values[place.index].set(
          KnownValue(mean: reward, low: reward, high: reward, tokens: 0), at: place.boundary)
      }
    }
    return true
  }

  /// Rollouts to add, at most one where all would be the same.
  private func wanted(_ more: [Int], at values: StepValues) -> [Int] {
    guard recipe.sampling.isGreedy else { return more }
    return more.indices.map { values.drawn(from: $0) > 0 ? 0 : min(1, more[$0]) }
  }

  private func plan(_ values: [StepValues], _ more: [[Int]]) -> [ValuePlace] {
    var places: [ValuePlace] = []
    for (index, counts) in more.enumerated() {
      for (boundary, count) in counts.enumerated() where count > 0 {
        let prefix = values[index].trajectory.state(before: boundary)
        places.append(
          ValuePlace(index: index, boundary: boundary, count: count, prefix: prefix))
      }
    }
    return places
  }
}

/// One boundary that gets more rollouts.
private struct ValuePlace {
  var index: Int
  var boundary: Int
  var count: Int
  var prefix: Prefix
}
