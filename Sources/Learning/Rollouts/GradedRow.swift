/// What an online objective knows of one row beside its scores.
public struct GradedRow: Equatable, Sendable {
  /// Log-probability of each predicted token when it was drawn, nats, (predicted).
  public var old: [Float]
  /// The same under a reference policy; nil where there is none.
  public var reference: [Float]?
  /// Credit of the whole row.
  public var advantage: Double
  /// Credit of each predicted token; empty stands for that of the row.
  public var advantages: [Double] = []
  /// The critic's value before each token when the rollouts were drawn; empty without a critic.
  public var oldValues: [Float] = []
  /// What the critic should have said, in the same places.
  public var returns: [Double] = []
  /// Which predicted tokens count; empty stands for all.
  public var mask: [Bool]

  /// A row whose tokens share one credit.
  public init(
    old: [Float], reference: [Float]? = nil, advantage: Double, mask: [Bool] = []
  ) {
    self.old = old
    self.reference = reference
    self.advantage = advantage
    self.mask = mask
  }

  /// Credit of one predicted token.
  func credit(of token: Int) -> Double { advantages.isEmpty ? advantage : advantages[token] }

  /// Whether any token is credited with anything and counts.
  var isTelling: Bool {
    guard mask.isEmpty || mask.contains(true) else { return false }
    return advantages.isEmpty ? advantage != 0 : advantages.contains { $0 != 0 }
  }

  /// Indices of the tokens that count.
  func countedTokens(of count: Int) -> [Int] {
    mask.isEmpty ? Array(0..<count) : (0..<count).filter { mask[$0] }
  }
}
