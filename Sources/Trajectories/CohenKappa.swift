/// Agreement of two raters on items beyond what their habits alone would give (Cohen 1960).
///
/// κ = (p_o − p_e) / (1 − p_e), where p_o is the share of items on which both say the same and p_e
/// is that share for raters with the same habits who do not look.
public struct CohenKappa: Codable, Equatable, Sendable {
  /// Number of items.
  public var items: Int
  /// Share of the items on which both say the same, p_o.
  public var agreement: Double
  /// Share expected from the marginals alone, p_e.
  public var chance: Double
  /// κ; nil where there are no items, or the marginals leave no room for disagreement.
  public var kappa: Double?
  /// Standard error of κ for independent items, large samples (Fleiss, Cohen and Everitt 1969).
  public var standardError: Double?

  /// The kappa of a square table of counts: rows are what the first rater said, columns the second.
  public init(table: [[Int]]) {
    let size = table.count
    precondition(table.allSatisfy { $0.count == size }, "the table of a kappa must be square")
    items = table.reduce(0) { $0 + $1.reduce(0, +) }
    guard items > 0 else {
      (agreement, chance) = (0, 0)
      return
    }
    let n = Double(items)
    let shares = table.map { $0.map { Double($0) / n } }
    let rows = shares.map { $0.reduce(0, +) }
    let columns = (0..<size).map { column in shares.reduce(0) { $0 + $1[column] } }
    agreement = (0..<size).reduce(0) { $0 + shares[$1][$1] }
    chance = zip(rows, columns).reduce(0) { $0 + $1.0 * $1.1 }
    guard chance < 1 - 1e-12 else { return }
    kappa = (agreement - chance) / (1 - chance)
    standardError = Self.error(shares, rows, columns, n, agreement, chance)
  }

  /// Fleiss, Cohen and Everitt 1969, equation 13, in the form of Fleiss, Levin and Paik 2003, 18.15.
  private static func error(
    _ shares: [[Double]], _ rows: [Double], _ columns: [Double], _ n: Double, _ agreement: Double,
    _ chance: Double
  ) -> Double {
    var sum = 0.0
    for row in shares.indices {
      for column in shares.indices {
        let habit = columns[row] + rows[column]
        let weight =
          row == column
          ? (1 - chance) - (rows[row] + columns[row]) * (1 - agreement)
          : (1 - agreement) * habit
        sum += shares[row][column] * weight * weight
      }
    }
    let mean = agreement * chance - 2 * chance + agreement
    let variance = max(0, sum - mean * mean) / (n * (1 - chance) * (1 - chance))
    return variance.squareRoot() / (1 - chance)
  }
}
