extension PolicyGradient {
  /// How token losses are averaged; `nil` counts stand for those of the rows given.
  public enum Averaging: Equatable, Sendable {
    /// Mean over rows of each row's token mean; a row without counted tokens counts as 0 (TRL).
    case sequences(rows: Int? = nil)
    /// The same over the rows that have counted tokens (verl's seq-mean-token-mean).
    case tellingSequences(rows: Int? = nil)
    /// Mean over the rows that have counted tokens of each row's token sum (verl's
    /// seq-mean-token-sum).
    case sequenceSums(rows: Int? = nil)
    /// Mean over tokens.
    case tokens(total: Int? = nil)
    /// Sum over tokens divided by rows times a constant length.
    case constantLength(Int, rows: Int? = nil)

    /// The weight of one token's loss in the whole.
    ///
    /// - Parameters:
    ///   - tokens: Counted tokens of its row.
    ///   - counts: Counted tokens of each of the rows given.
    /// - Returns: A factor.
    func share(tokens: Int, counts: [Int]) -> Double {
      let telling = counts.count { $0 > 0 }
      return switch self {
      case .sequences(let all): Self.inverse(tokens) / Double(max(1, all ?? counts.count))
      case .tellingSequences(let all): Self.inverse(tokens) / Double(max(1, all ?? telling))
      case .sequenceSums(let all): Self.inverse(all ?? telling)
      case .tokens(let total): Self.inverse(total ?? counts.reduce(0, +))
      case .constantLength(let length, let all): Self.inverse(length * (all ?? counts.count))
      }
    }

    private static func inverse(_ count: Int) -> Double { 1 / Double(max(1, count)) }
  }
}
