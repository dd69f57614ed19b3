import LanguageModel
public import Trajectories

// Values that were written down before.
extension StepValues {
  /// What a record says of a trajectory; more rollouts may be added to it.
  ///
  /// Where the record has the rollouts themselves, the values are those that were written down, as if
  /// nothing had been closed since. Those it has only numbers of count with their rewards alone: what
  /// they wrote is not known, so the scores of the steps beside the advantages are carried on as
  /// numbers. Nil where the record is of other steps or another answer.
  ///
  /// - Parameters:
  ///   - trajectory: The answer, cut as it was when the record was made.
  ///   - valuation: The record, made under the policy that is to roll out.
  ///   - evidence: The rollouts that the record has, in the order of their numbers.
  ///   - reuses: Whether rollouts count at the next boundaries too.
  ///   - masksTruncated: Whether those that were cut off did not count, and will not.
  public init?(
    trajectory: Trajectory, recorded valuation: Valuation, evidence: [BoundaryRollouts] = [],
    reuses: Bool = false, masksTruncated: Bool = false
  ) {
    guard valuation.trajectory == trajectory.id,
      valuation.values.count == trajectory.steps.count + 1
    else { return nil }
    self.init(
      trajectory: trajectory, policyVersion: valuation.policyVersion, reuses: reuses,
      masksTruncated: masksTruncated)
    estimator = valuation.estimator ?? .uniform
    restore(evidence, of: valuation)
    if !fits(valuation) {
      // Numbers and rollouts tell different things; the numbers are what was shown.
      self = StepValues(
        trajectory: trajectory, policyVersion: valuation.policyVersion, reuses: reuses,
        masksTruncated: masksTruncated)
      estimator = valuation.estimator ?? .uniform
    }
    for boundary in trajectory.steps.indices {
      take(rest(of: valuation.values[boundary]), at: boundary)
    }
    recorded.tokens = max(0, valuation.tokens - drawn)
    let isWhole = recorded.values.isEmpty
    guard !isWhole, let anchors = valuation.anchors, anchors.count == steps else { return }
    recorded.anchors = anchors
    recorded.scored = rollouts.map(\.count)
  }

  private mutating func restore(_ evidence: [BoundaryRollouts], of valuation: Valuation) {
    for (boundary, step) in trajectory.steps.enumerated() {
      var next = 0
      // Two who drew at the same time may have drawn the same ones.
      for part in evidence where part.start == step.start && part.first >= next {
        for rollout in part.rollouts { add(JudgedRollout(rollout), at: boundary) }
        next = part.first + part.rollouts.count
      }
      written[boundary] = rollouts[boundary].count
    }
  }

  /// Whether rollouts that were restored may be among those behind the recorded numbers.
  private func fits(_ valuation: Valuation) -> Bool {
    (0..<steps).allSatisfy { boundary in
      let (mine, its) = (value(boundary), valuation.values[boundary])
      guard mine.rollouts > 0 else { return true }
      return mine.rollouts <= its.rollouts && mine.rewardSum <= its.rewardSum + 1e-9
        && mine.truncated <= its.truncated
        && (mine.rollouts < its.rollouts || abs(mine.rewardSum - its.rewardSum) < 1e-9)
    }
  }

  /// What of a recorded value no restored rollout accounts for.
  private func rest(of value: StepValue) -> StepValue {
    guard value.basis == nil, count(value.boundary) > 0 else { return value }
    let mine = self.value(value.boundary)
    var rest = value
    rest.rewardSum -= mine.rewardSum
    rest.rollouts -= mine.rollouts
    rest.truncated -= mine.truncated
    return rest
  }

  /// What is known, with the boundaries of a trajectory that was cut otherwise: a boundary whose
  /// prefix is the same keeps its value and its rollouts, a new one has none.
  public func recut(as other: Trajectory) -> StepValues {
    var new = StepValues(
      trajectory: other, policyVersion: policyVersion, reuses: reuses,
      masksTruncated: masksTruncated)
    new.estimator = estimator
    for (place, step) in other.steps.enumerated() {
      guard let old = trajectory.steps.firstIndex(where: { $0.start == step.start }) else {
        continue
      }
      if let value = recorded.values[old] { new.take(value, at: place) }
      for rollout in rollouts[old] { new.add(rollout, at: place) }
      new.written[place] = written[old]
    }
    // Last: rollouts that count at the next boundary too would take a critic's word away.
    for (place, step) in other.steps.enumerated() {
      let old = trajectory.steps.firstIndex { $0.start == step.start }
      if let value = old.flatMap({ known(at: $0) }) { new.set(value, at: place) }
    }
    // What was spent on a boundary that is gone was spent.
    new.recorded.tokens = max(0, drawn + recorded.tokens - new.drawn)
    return new
  }

  /// The rollouts that no record has yet, of those that it is to keep.
  public func unrecorded(_ keeping: RolloutKeeping) -> [BoundaryRollouts] {
    rollouts.indices.compactMap { boundary in
      let (known, all) = (recorded.values[boundary].map(drawn) ?? 0, rollouts[boundary])
      let first = written[boundary] + known
      let new = all.dropFirst(written[boundary]).prefix(max(0, keeping.most - first))
      guard !new.isEmpty else { return nil }
      return BoundaryRollouts(
        boundary: boundary, start: trajectory.steps[boundary].start, first: first,
        rollouts: new.map { RolloutRecord($0) })
    }
  }

  /// The same values once a record has what is to be kept of them.
  public func noted(_ keeping: RolloutKeeping) -> StepValues {
    var values = self
    for part in unrecorded(keeping) { values.written[part.boundary] += part.rollouts.count }
    return values
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
  /// Rollouts of each boundary, from the first, that those scores rest on.
  var scored: [Int] = []
}

extension JudgedRollout {
  /// The rollout that a record keeps.
  init(_ record: RolloutRecord) {
    self.init(
      continuation: Continuation(
        tokens: record.tokens, logProbabilities: record.logProbabilities,
        truncated: record.truncated, seed: record.seed),
      reward: record.reward)
  }
}

extension RolloutRecord {
  /// What a record keeps of a rollout.
  init(_ rollout: JudgedRollout) {
    self.init(
      tokens: rollout.continuation.tokens,
      logProbabilities: rollout.continuation.logProbabilities, reward: rollout.reward,
      truncated: rollout.continuation.truncated, seed: rollout.continuation.seed)
  }
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

extension ReasoningTask {
  /// Steps of which a person changed one boundary, with the task's word on the new ones.
  ///
  /// Steps whose tokens are the same keep what was said of them. Where a line was cut in two, which
  /// no task can read, the half that ends it keeps the verdict and the other has none.
  ///
  /// - Parameters:
  ///   - steps: The new steps, of which nothing was said yet.
  ///   - trajectory: The trajectory as it was cut before.
  /// - Returns: The steps with verdicts and notes.
  public func examine(recut steps: [Step], of trajectory: Trajectory) -> [Step] {
    let known = Dictionary(trajectory.steps.map { ($0.tokens, $0) }) { first, _ in first }
    let isReadable = steps.dropLast().allSatisfy { $0.text.hasSuffix("\n") }
    let problem = trajectory.problem
    let read = problem.isOwn || !isReadable ? steps : examine(steps, of: problem)
    return zip(steps, read).map { step, examined in
      if let known = known[step.tokens] { return known }
      guard !isReadable else { return examined }
      var step = step
      let whole = trajectory.steps.first { $0.end == step.end && $0.start < step.start }
      (step.verdict, step.note) = (whole?.verdict, whole?.note ?? "")
      return step
    }
  }
}
