public import Trajectories

// Values that were written down before, whose rollouts nobody holds any more.
extension StepValues {
  /// What a record says of a trajectory; more rollouts may be added to it.
  ///
  /// The recorded rollouts count with their rewards alone: what they wrote is not known, so the
  /// scores of the steps beside the advantages are carried on as numbers. A critic's values are left
  /// out, since rollouts are to replace them. Nil where the record is of other steps or another
  /// answer.
  ///
  /// - Parameters:
  ///   - trajectory: The answer, cut as it was when the record was made.
  ///   - valuation: The record, made under the policy that is to roll out.
  ///   - reuses: Whether further rollouts count at the next boundaries too.
  ///   - masksTruncated: Whether those that were cut off did not count, and will not.
  public init?(
    trajectory: Trajectory, recorded valuation: Valuation, reuses: Bool = false,
    masksTruncated: Bool = false
  ) {
    guard valuation.trajectory == trajectory.id,
      valuation.values.count == trajectory.steps.count + 1
    else { return nil }
    self.init(
      trajectory: trajectory, policyVersion: valuation.policyVersion, reuses: reuses,
      masksTruncated: masksTruncated)
    for boundary in trajectory.steps.indices { take(valuation.values[boundary], at: boundary) }
    recorded.tokens = valuation.tokens
    recorded.anchors = valuation.anchors?.count == steps ? valuation.anchors : nil
  }

  /// What is known, with the boundaries of a trajectory that was cut otherwise: a boundary whose
  /// prefix is the same keeps its rollouts, a new one has none.
  public func recut(as other: Trajectory) -> StepValues {
    var new = StepValues(
      trajectory: other, policyVersion: policyVersion, masksTruncated: masksTruncated)
    new.recorded.tokens = recorded.tokens
    for (place, step) in other.steps.enumerated() {
      guard let old = trajectory.steps.firstIndex(where: { $0.start == step.start }) else {
        continue
      }
      if let value = recorded.values[old] { new.take(value, at: place) }
      for rollout in rollouts[old] { new.add(rollout, at: place) }
    }
    return new
  }

  /// Rollouts drawn from a boundary itself, recorded ones among them: the number of the next one.
  public func drawn(from boundary: Int) -> Int {
    rollouts[boundary].count + (recorded.values[boundary].map(drawn) ?? 0)
  }

  /// Rollouts behind a recorded value, those that did not count among them.
  func drawn(_ value: StepValue) -> Int {
    value.rollouts + (masksTruncated ? value.truncated : 0)
  }
}

/// What the record of a trajectory said of its boundaries.
struct RecordedValues: Equatable {
  /// By boundary; none where rollouts had not been drawn.
  var values: [Int: StepValue] = [:]
  /// Tokens that were drawn for them.
  var tokens = 0
  /// Scores of the steps; nil where nobody looked, or the steps are others now.
  var anchors: [StepAnchor]?
}

extension StepAnchor {
  /// Both scores as one, as if their rollouts had been drawn together; of the divergence that which
  /// rests on more.
  func joined(with other: StepAnchor) -> StepAnchor {
    func mean(_ first: (Int, Double), _ second: (Int, Double)) -> Double {
      let count = max(1, first.0 + second.0)
      return (Double(first.0) * first.1 + Double(second.0) * second.1) / Double(count)
    }
    let isLarger = kept + changed >= other.kept + other.changed
    return StepAnchor(
      kept: kept + other.kept, keptMean: mean((kept, keptMean), (other.kept, other.keptMean)),
      changed: changed + other.changed,
      changedMean: mean((changed, changedMean), (other.changed, other.changedMean)),
      divergence: isLarger ? divergence ?? other.divergence : other.divergence ?? divergence)
  }
}
