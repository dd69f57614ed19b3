import Foundation
import Testing

/// Reference numbers from files that PyTorch wrote.
enum Golden {
  static func read<File: Decodable>(_ name: String, as type: File.Type) throws -> File {
    let url = try #require(Bundle.module.url(forResource: "Golden/\(name)", withExtension: "json"))
    return try JSONDecoder().decode(type, from: Data(contentsOf: url))
  }

  /// Largest difference relative to the larger of the largest expected number and `floor`; infinite
  /// where a number is none or the tables differ in shape.
  static func error<Number: BinaryFloatingPoint>(
    _ found: [[Number]], _ expected: [[Double]], floor: Double = 1e-3
  ) -> Double {
    guard found.map(\.count) == expected.map(\.count) else { return .infinity }
    let pairs = zip(found.flatMap { $0 }, expected.flatMap { $0 })
    let largest = expected.flatMap { $0 }.reduce(floor) { max($0, abs($1)) }
    // A NaN must not hide behind max.
    return pairs.reduce(0) { max($0, $1.0.isFinite ? abs(Double($1.0) - $1.1) : .infinity) }
      / largest
  }
}
