import Foundation

/// GPO's offline objective on a table, maximised in three ways that must agree.
///
/// Over answers of the reference policy, E[Σ log π(a|s) exp(A(s, a) / β)] is advantage-weighted
/// regression (theorem 5.3 of the paper); its maximum is π ∝ π_ref exp(A / β) at every state.
public struct WeightedRegression: Equatable, Sendable {
  /// Strength of the pull to the reference policy.
  public var beta: Double

  /// The objective with this pull.
  public init(beta: Double) { self.beta = beta }

  /// The maximum in closed form, state by state.
  public func closedForm(
    _ reference: TabularProcess.Table, _ advantages: TabularProcess.Table
  ) -> TabularProcess.Table {
    zip(reference, advantages).map { row, gains in
      let raw = zip(row, gains).map { $0 * exp($1 / beta) }
      return raw.map { $0 / raw.reduce(0, +) }
    }
  }

  /// The maximum by natural gradient ascent on the logits of a softmax, from equal probabilities.
  ///
  /// With w(a) = π_ref(a) exp(A(a) / β), normalised, the gradient is w(a) − π(a); the inverse of the
  /// Fisher information makes it w(a) / π(a) − 1, which does not fade near 0 and 1.
  public func ascent(
    _ reference: TabularProcess.Table, _ advantages: TabularProcess.Table, steps: Int = 200
  ) -> TabularProcess.Table {
    zip(reference, advantages).map { row, gains in
      let weights = zip(row, gains).map { $0 * exp($1 / beta) }
      let sum = weights.reduce(0, +)
      return Self.climb(row.count, steps) { action, policy in
        weights[action] / sum / policy[action] - 1
      }
    }
  }

  /// The maximum of E[A] − β KL(π ‖ π_ref) at every state, climbed in the same way.
  ///
  /// Its natural gradient is A(a) − β log(π(a) / π_ref(a)); steps of half of 1 / β halve what is
  /// left. Where the two maxima agree, regression with these weights is the improvement of a policy
  /// that is pulled to its reference.
  public func pulledAscent(
    _ reference: TabularProcess.Table, _ advantages: TabularProcess.Table, steps: Int = 200
  ) -> TabularProcess.Table {
    zip(reference, advantages).map { row, gains in
      Self.climb(row.count, steps) { action, policy in
        0.5 * (gains[action] / beta - log(policy[action] / row[action]))
      }
    }
  }

  /// The largest difference of two tables' probabilities.
  public static func distance(_ one: TabularProcess.Table, _ two: TabularProcess.Table) -> Double {
    zip(one, two).flatMap { zip($0, $1).map { abs($0 - $1) } }.max() ?? 0
  }

  private static func climb(
    _ actions: Int, _ steps: Int, slope: (Int, [Double]) -> Double
  ) -> [Double] {
    var logits = Array(repeating: 0.0, count: actions)
    for _ in 0..<steps {
      let policy = softmax(logits)
      for action in logits.indices { logits[action] += slope(action, policy) }
    }
    return softmax(logits)
  }

  private static func softmax(_ logits: [Double]) -> [Double] {
    let most = logits.max() ?? 0
    let raw = logits.map { exp($0 - most) }
    return raw.map { $0 / raw.reduce(0, +) }
  }
}
