import Foundation
public import Trajectories

/// The learning rate of every step: a straight warm-up, then the recipe's schedule.
///
/// At step k the warm-up gives peak · k / warmUp, and after it the schedule has gone the share
/// (k − warmUp) / (total − warmUp) of its way. This is the formula of transformers, which counts from
/// k = 0 and so makes its first step with rate 0. Crux counts updates from 1: the first update
/// moves the weights, and the last one has the final rate.
public struct LearningRate: Equatable, Sendable {
  /// The largest rate.
  public var peak: Double
  /// Steps of the warm-up.
  public var warmUp: Int
  /// The step at which the schedule arrives; the rate stays from there on.
  public var total: Int
  /// What follows the warm-up.
  public var schedule: Schedule
  /// The rate at the end as a share of the largest; cosine and linear.
  public var finalShare: Double

  /// The rates of a recipe that makes `updates` updates.
  public init(_ choice: OptimizerChoice, updates: Int) {
    peak = choice.learningRate
    warmUp = choice.warmUp
    total = updates
    schedule = choice.schedule
    finalShare = choice.finalShare
  }

  /// The rate of step k.
  public func callAsFunction(_ step: Int) -> Double {
    if step < warmUp { return peak * Double(max(0, step)) / Double(warmUp) }
    let way = min(1, Double(step - warmUp) / Double(max(1, total - warmUp)))
    switch schedule {
    case .constant: return peak
    case .linear: return peak * (1 - (1 - finalShare) * way)
    case .cosine: return peak * (finalShare + (1 - finalShare) * 0.5 * (1 + cos(.pi * way)))
    }
  }
}
