/// What the rollouts around a step say beside its advantage: the scores of Thought Anchors.
///
/// Source: Bogdan and others 2025, arXiv 2506.19143. Rollouts from before the step that write it
/// anew either keep it or say something else; rollouts from after it keep it by construction.
public struct StepAnchor: Codable, Equatable, Sendable {
  /// Rollouts that keep the step.
  public var kept: Int
  /// Mean reward of those; 0 where there are none.
  public var keptMean: Double
  /// Rollouts that say something else in its place.
  public var changed: Int
  /// Mean reward of those; 0 where there are none.
  public var changedMean: Double
  /// KL of the distribution of answers after the step from that before it, nats.
  ///
  /// One is added to every count. It needs no reference; nil where a side has no rollouts.
  public var divergence: Double?

  /// Scores with every field given.
  public init(
    kept: Int, keptMean: Double, changed: Int, changedMean: Double, divergence: Double?
  ) {
    self.kept = kept
    self.keptMean = keptMean
    self.changed = changed
    self.changedMean = changedMean
    self.divergence = divergence
  }

  /// Counterfactual importance: what keeping the step is worth against saying something else, in
  /// mean reward; nil where no rollout keeps it or none says something else.
  ///
  /// Thought Anchors prints it with the opposite sign.
  public var counterfactual: Double? {
    kept > 0 && changed > 0 ? keptMean - changedMean : nil
  }
}
