/// A loss and its derivatives by the scores: all that an objective knows of a model.
///
/// One entry a row, then one a token, in the order of the rows that were scored.
public struct LossGradient: Equatable, Sendable {
  /// The loss.
  public var loss: Double
  /// ∂loss / ∂logProbability.
  public var logProbabilities: [[Float]]
  /// ∂loss / ∂entropy; empty stands for zeros.
  public var entropies: [[Float]]
  /// ∂loss / ∂value; empty stands for zeros.
  public var values: [[Float]] = []

  /// A loss with every field given.
  public init(loss: Double, logProbabilities: [[Float]], entropies: [[Float]] = []) {
    self.loss = loss
    self.logProbabilities = logProbabilities
    self.entropies = entropies
  }
}
