/// Brings the advantages of all counted tokens of a batch to mean 0 and deviation 1.
///
/// (A − mean) / √(variance + 1e-8), the variance unbiased (n − 1); TRL and verl compute the same.
public enum Whitening {
  /// Whitens advantages in their order; 0 where a token does not count.
  ///
  /// - Parameters:
  ///   - rows: Advantages, one array a row.
  ///   - counted: Indices of the tokens of each row that count.
  /// - Returns: The whitened advantages.
  public static func apply(_ rows: [[Double]], counted: [[Int]]) -> [[Double]] {
    let all = zip(rows, counted).flatMap { row, tokens in tokens.map { row[$0] } }
    guard !all.isEmpty else { return rows }
    let mean = all.reduce(0, +) / Double(all.count)
    let squares = all.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let scale = 1 / (squares / Double(max(1, all.count - 1)) + 1e-8).squareRoot()
    return zip(rows, counted).map { row, tokens in
      var white = [Double](repeating: 0, count: row.count)
      for token in tokens { white[token] = (row[token] - mean) * scale }
      return white
    }
  }
}
