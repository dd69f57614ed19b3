import Foundation

/// GPO's offline objective on a table, maximised in two ways that must agree.
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

  /// The maximum by gradient ascent on the logits of a softmax, from equal probabilities.
  ///
  /// With w(a) = π_ref(a) exp(A(a) / β) the gradient is w(a) − π(a) Σ w; it is divided by Σ w, which
  /// scales the steps of a state and moves no maximum.
  public func ascent(
    _ reference: TabularProcess.Table, _ advantages: TabularProcess.Table, steps: Int = 20_000
  ) -> TabularProcess.Table {
    zip(reference, advantages).map { row, gains in
      let weights = zip(row, gains).map { $0 * exp($1 / beta) }
      let sum = weights.reduce(0, +)
      var logits = row.map { _ in 0.0 }
      for _ in 0..<steps {
        let policy = Self.softmax(logits)
        for action in logits.indices { logits[action] += weights[action] / sum - policy[action] }
      }
      return Self.softmax(logits)
    }
  }

  private static func softmax(_ logits: [Double]) -> [Double] {
    let most = logits.max() ?? 0
    let raw = logits.map { exp($0 - most) }
    return raw.map { $0 / raw.reduce(0, +) }
  }
}
