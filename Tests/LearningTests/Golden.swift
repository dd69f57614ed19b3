import Foundation
import LanguageModel
import Testing

/// Reference numbers from files that PyTorch wrote.
enum Golden {
  static func read<File: Decodable>(_ name: String, as type: File.Type) throws -> File {
    let url = try #require(Bundle.module.url(forResource: "Golden/\(name)", withExtension: "json"))
    return try JSONDecoder().decode(type, from: Data(contentsOf: url))
  }

  /// Largest difference relative to the larger of the largest expected number and `floor`.
  static func error(_ found: [[Float]], _ expected: [[Double]], floor: Double = 1e-3) -> Double {
    let pairs = zip(found.flatMap { $0 }, expected.flatMap { $0 })
    let largest = expected.flatMap { $0 }.reduce(floor) { max($0, abs($1)) }
    // A NaN must not hide behind max.
    return pairs.reduce(0) { max($0, $1.0.isFinite ? abs(Double($1.0) - $1.1) : .infinity) }
      / largest
  }
}

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
