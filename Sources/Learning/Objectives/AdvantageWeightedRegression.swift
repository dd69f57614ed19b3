import Foundation
public import LanguageModel

/// Advantage-weighted regression: likelihood of the tokens, each weighted by min(exp(A / β), limit).
///
/// A is the advantage of the step that the token is in. Without the limit it is the objective that
/// GPO's offline theorem names; the weights are held still. Sources: AWR (Peng and others 2019), GPO
/// (Yu and others 2025, theorem 5.3).
public struct AdvantageWeightedRegression: Equatable, Sendable {
  /// Advantage that multiplies a weight by e.
  public var beta = 1.0
  /// Largest weight.
  public var limit = 20.0
  /// How the weighted tokens are averaged; the divisor does not contain the weights.
  public var average = CrossEntropy()

  /// The settings of AWR's paper.
  public init(beta: Double = 1, limit: Double = 20, average: CrossEntropy = CrossEntropy()) {
    self.beta = beta
    self.limit = limit
    self.average = average
  }

  /// The weight of an advantage.
  public func weight(_ advantage: Double) -> Double { min(limit, exp(advantage / beta)) }

  /// The loss of scored rows and its derivatives.
  ///
  /// - Parameters:
  ///   - scores: What the model says of each row's predicted tokens.
  ///   - advantages: The advantage of each of these tokens.
  ///   - masks: Which predicted tokens of each row count; empty stands for all.
  /// - Returns: The loss, and a derivative for every predicted token of every row.
  public func callAsFunction(
    _ scores: [TokenScores], advantages: [[Float]], masks: [[Bool]] = []
  ) -> LossGradient {
    average(
      scores, masks: masks, weights: advantages.map { $0.map { weight(Double($0)) } })
  }
}
