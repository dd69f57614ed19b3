/// What an online objective knows of one row beside its scores.
public struct GradedRow: Equatable, Sendable {
  /// Log-probability of each predicted token when it was drawn, nats, (predicted).
  public var old: [Float]
  /// The same under a reference policy; nil where there is none.
  public var reference: [Float]?
  /// Credit of the whole row.
  public var advantage: Double
  /// Which predicted tokens count; empty stands for all.
  public var mask: [Bool]

  /// A row with every field given.
  public init(
    old: [Float], reference: [Float]? = nil, advantage: Double, mask: [Bool] = []
  ) {
    self.old = old
    self.reference = reference
    self.advantage = advantage
    self.mask = mask
  }

  /// Indices of the tokens that count.
  func countedTokens(of count: Int) -> [Int] {
    mask.isEmpty ? Array(0..<count) : (0..<count).filter { mask[$0] }
  }
}
