public import Trajectories

/// What was found out about one trajectory beside its values, and what all of it cost.
struct Measured: Equatable, Sendable {
  /// Effects that were measured apart, oldest first.
  private(set) var measurements: [StepMeasurement] = []
  /// Steps under two versions of the policy, oldest first.
  private(set) var comparisons: [StepComparison] = []
  /// What drawing the answer, valuing and measuring it cost; its branches tell their own.
  private(set) var cost: Cost

  /// Nothing but the drawing of the answer itself.
  init(drawn trajectory: Trajectory) {
    let kept = trajectory.forkedFrom?.keptTokens ?? 0
    // An answer of somebody else's was not drawn here.
    let isDrawn = !trajectory.logProbabilities.isEmpty
    cost =
      isDrawn
      ? Cost(
        rollouts: 1, tokens: trajectory.responseTokens.count - kept,
        seconds: trajectory.seconds ?? 0) : Cost()
  }

  mutating func add(_ measurement: StepMeasurement) {
    var measurement = measurement
    measurement.evidence = []
    measurements.append(measurement)
    cost = cost + measurement.cost
  }

  mutating func add(_ comparison: StepComparison) {
    var comparison = comparison
    comparison.evidence = []
    comparisons.removeAll { $0.concernsSame(as: comparison) }
    comparisons.append(comparison)
    cost = cost + comparison.cost
  }

  /// Adds what a valuation cost beyond the one that it takes the place of.
  mutating func add(costOf valuation: Valuation, after before: Valuation?) {
    func counted(_ valuation: Valuation?) -> Int {
      valuation?.values.reduce(0) { $0 + $1.rollouts } ?? 0
    }
    // A record of an older Crux has no cost, but sums that only grow.
    cost =
      cost
      + (valuation.cost
        ?? Cost(
          rollouts: max(0, counted(valuation) - counted(before)),
          tokens: max(0, valuation.tokens - (before?.tokens ?? 0)), seconds: valuation.seconds))
  }

  /// Forgets what was measured under weights that were given up; it was paid all the same.
  mutating func forget(after update: Int) {
    measurements.removeAll { $0.policyVersion > update }
    comparisons.removeAll { max($0.firstVersion, $0.secondVersion) > update }
  }
}

extension StepComparison {
  fileprivate func concernsSame(as other: StepComparison) -> Bool {
    start == other.start && end == other.end && firstVersion == other.firstVersion
      && secondVersion == other.secondVersion
  }
}

extension RunHistory {
  /// What was measured of a trajectory, oldest first, with the numbers that its steps have now.
  ///
  /// A measurement stays with the tokens of its step: it is gone while the step is cut otherwise, and
  /// back when the cut is taken back. A restart is from the prompt however the answer is cut.
  public func measurements(of id: String) -> [StepMeasurement] {
    (measured[id]?.measurements ?? []).compactMap { known in
      var known = known
      if known.control != .restart {
        guard let step = step(known.start..<known.end, of: id) else { return nil }
        known.effect.step = step
      }
      return known
    }
  }

  /// The steps of a trajectory that were compared, oldest first, with their numbers of now.
  public func comparisons(of id: String) -> [StepComparison] {
    (measured[id]?.comparisons ?? []).compactMap { known in
      guard let step = step(known.start..<known.end, of: id) else { return nil }
      var known = known
      (known.step, known.first.step, known.second.step) = (step, step, step)
      return known
    }
  }

  /// What all that is known of a trajectory cost: the answer, its values, what was measured of it,
  /// and the branches that leave it.
  public func cost(of id: String) -> Cost {
    let drawn = trajectory(id).map { Measured(drawn: $0).cost } ?? Cost()
    return branches(of: id).reduce(measured[id]?.cost ?? drawn) { $0 + Measured(drawn: $1).cost }
  }

  private func step(_ tokens: Range<Int>, of id: String) -> Int? {
    trajectory(id)?.steps.firstIndex { $0.tokens == tokens }
  }
}
