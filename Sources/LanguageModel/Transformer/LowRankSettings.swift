/// What is chosen about a low-rank adapter: LoRA, by Hu and others 2021.
public struct LowRankSettings: Equatable, Sendable {
  /// Rows of A and columns of B.
  public var rank = 16
  /// Strength; the product B · A is multiplied by `scale`.
  public var alpha = 32.0
  /// Whether the strength is divided by √rank instead of the rank (Kalajdzievski 2023).
  public var isRankStabilised = false
  /// The layers that are adapted, in every block.
  public var targets: [LinearLayer] = LinearLayer.allCases
  /// What the adapter's file calls the model it belongs to.
  public var baseName: String?
  /// The text of the `adapter_config.json` it was read from, empty where it is new: keys that Crux
  /// does not know are written back.
  package var imported = ""

  /// Rank 16, strength 32, all linear layers of every block.
  public init() {}

  /// Multiplies B · A: alpha / rank, or alpha / √rank where it is rank-stabilised.
  public var scale: Float {
    Float(alpha / (isRankStabilised ? Double(rank).squareRoot() : Double(rank)))
  }
}
