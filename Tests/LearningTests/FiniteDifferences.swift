import LanguageModel
import Learning
import Testing

/// The largest distance between derivatives and central differences of the loss, relative to the
/// largest derivative; `loss` is asked with one entry moved.
func finiteDifferenceError(
  _ gradient: [[Float]], at point: [[Float]], loss: ([[Float]]) -> Double
) -> Double {
  let step: Float = 0x1p-7
  var worst = 0.0
  for row in point.indices {
    for token in point[row].indices {
      var up = point
      up[row][token] += step
      var down = point
      down[row][token] -= step
      let slope = (loss(up) - loss(down)) / (2 * Double(step))
      worst = max(worst, abs(slope - Double(gradient[row][token])))
    }
  }
  return worst / gradient.flatMap { $0 }.reduce(1e-3) { max($0, Double(abs($1))) }
}

/// The same for one of the quantities that a model says of each token.
func finiteDifferenceError(
  _ gradient: [[Float]], of part: WritableKeyPath<TokenScores, [Float]>, at scores: [TokenScores],
  loss: ([TokenScores]) -> Double
) -> Double {
  finiteDifferenceError(gradient, at: scores.map { $0[keyPath: part] }) { point in
    loss(
      zip(scores, point).map { row, values in
        var row = row
        row[keyPath: part] = values
        return row
      })
  }
}

/// Expects the derivatives of a loss by log-probability to be its central differences.
func expectFiniteDifferences(
  at logs: [[Float]], within tolerance: Double = 1e-3,
  at place: SourceLocation = #_sourceLocation, of loss: ([[Float]]) -> LossGradient
) {
  let error = finiteDifferenceError(loss(logs).logProbabilities, at: logs) { loss($0).loss }
  #expect(error < tolerance, sourceLocation: place)
}
