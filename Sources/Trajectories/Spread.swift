/// Mean of some numbers and how sure it is.
public struct Spread: Equatable, Sendable {
  /// How many there are.
  public var count: Int
  /// Their mean; 0 of none.
  public var mean: Double
  /// Standard error of the mean, s / √n; nil below two numbers.
  public var standardError: Double?

  /// The spread of these numbers.
  public init(_ values: [Double]) {
    count = values.count
    let mean = values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
    self.mean = mean
    guard count > 1 else { return }
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    standardError = (squares / Double(count - 1) / Double(count)).squareRoot()
  }
}

/// A quantile of some numbers in ascending order: that of rank ⌊share · n⌋ from 0, the last at most;
/// not a number of none.
public func quantile(_ share: Double, ofSorted values: [Double]) -> Double {
  values.isEmpty ? .nan : values[min(values.count - 1, Int(share * Double(values.count)))]
}
