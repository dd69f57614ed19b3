import Foundation
import Tensors

/// How fast values by rollouts come to the exact ones: the error should fall as n to the −½.
public struct ValueConvergence: Equatable, Sendable {
  /// Rollouts a state, and the root of the mean squared error over states and repetitions.
  public let points: [Point]
  /// The fitted exponent: the slope of log error over log n.
  public let slope: Double
  /// Standard error of the slope, from what the points lack to the line.
  public let slopeError: Double

  /// The error after some rollouts.
  public struct Point: Equatable, Sendable {
    /// Rollouts a state.
    public var rollouts: Int
    /// Root mean squared error of the values.
    public var error: Double
    /// The same as theory has it: the root of the mean of V (1 − V) / n.
    public var expected: Double
  }

  /// Values every right state of a process with each number of rollouts, again and again.
  public init(
    _ process: TabularProcess, rollouts: [Int] = (0...8).map { 2 << $0 }, repetitions: Int = 200,
    seed: UInt64 = 0
  ) {
    let policy = process.start
    let exact = process.values(policy)
    let states = stride(from: 0, to: process.states, by: 2)
    let variance = states.map { exact[$0] * (1 - exact[$0]) }
    points = rollouts.map { count in
      var random = Random(seed: Random.seed(seed, UInt64(count)))
      var squares = 0.0
      for _ in 0..<repetitions {
        for state in states {
          let sum = (0..<count).reduce(0.0) { sum, _ in
            sum + process.rollout(from: state, policy, &random).reward
          }
          let lack = sum / Double(count) - exact[state]
          squares += lack * lack
        }
      }
      let measured = Double(repetitions * process.length)
      let mean = variance.reduce(0, +) / Double(process.length)
      return Point(
        rollouts: count, error: (squares / measured).squareRoot(),
        expected: (mean / Double(count)).squareRoot())
    }
    (slope, slopeError) = Self.fit(
      points.map { log(Double($0.rollouts)) }, points.map { log($0.error) })
  }

  /// Least squares: the slope and its standard error.
  static func fit(_ x: [Double], _ y: [Double]) -> (slope: Double, error: Double) {
    let count = Double(x.count)
    let (meanX, meanY) = (x.reduce(0, +) / count, y.reduce(0, +) / count)
    let width = x.reduce(0) { $0 + ($1 - meanX) * ($1 - meanX) }
    let slope = zip(x, y).reduce(0) { $0 + ($1.0 - meanX) * ($1.1 - meanY) } / width
    let rest = zip(x, y).reduce(0.0) { sum, point in
      let lack = point.1 - meanY - slope * (point.0 - meanX)
      return sum + lack * lack
    }
    return (slope, (rest / max(1, count - 2) / width).squareRoot())
  }
}
