/// How well somebody finds the first wrong step of solutions.
///
/// The score is ProcessBench's (Zheng et al. 2024, arXiv 2412.06559): the share of wrong solutions
/// whose first error was named exactly, the share of right ones that were held for right, and F1,
/// the harmonic mean of both.
public struct StepLabelScore: Codable, Equatable, Sendable {
  /// Solutions with an error whose first wrong step was named exactly.
  public private(set) var wrong = Proportion(0, of: 0)
  /// Solutions without an error that were held for right.
  public private(set) var right = Proportion(0, of: 0)
  /// Solutions with an error where the step named lies at most one step off.
  public private(set) var near = Proportion(0, of: 0)
  /// Solutions with an error in which none was found.
  public private(set) var overlooked = Proportion(0, of: 0)
  /// The share of errors that a uniformly drawn step would name.
  public private(set) var chance = 0.0
  /// The share of errors from which a uniformly drawn step would be at most one step off.
  public private(set) var nearChance = 0.0

  /// No solution yet.
  public init() {}

  /// Harmonic mean of both shares; nil where one of the two kinds is missing.
  public var f1: Double? {
    guard wrong.trials > 0, right.trials > 0 else { return nil }
    return Self.harmonicMean(wrong.mean, right.mean)
  }

  /// Harmonic mean of two shares; 0 where both are.
  public static func harmonicMean(_ one: Double, _ other: Double) -> Double {
    one + other > 0 ? 2 * one * other / (one + other) : 0
  }

  /// Adds a solution.
  ///
  /// - Parameters:
  ///   - named: The step named as the first error, from 0; nil for none.
  ///   - label: The true one; nil for none.
  ///   - steps: Number of steps.
  public mutating func add(_ named: Int?, label: Int?, steps: Int) {
    guard let label else {
      right = right.adding(named == nil)
      return
    }
    let before = Double(wrong.trials)
    chance = (chance * before + 1 / Double(max(1, steps))) / (before + 1)
    let close = (0..<steps).count { abs($0 - label) <= 1 }
    nearChance = (nearChance * before + Double(close) / Double(max(1, steps))) / (before + 1)
    wrong = wrong.adding(named == label)
    near = near.adding(named.map { abs($0 - label) <= 1 } ?? false)
    overlooked = overlooked.adding(named == nil)
  }
}

extension Proportion {
  /// With one more trial.
  fileprivate func adding(_ isSuccess: Bool) -> Proportion {
    Proportion(successes + (isSuccess ? 1 : 0), of: trials + 1)
  }
}
