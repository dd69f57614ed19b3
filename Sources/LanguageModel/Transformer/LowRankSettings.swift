/// A linear layer that an adapter may change; the raw values are the names PEFT and Hugging Face use.
public enum LowRankTarget: String, CaseIterable, Sendable {
  /// Queries.
  case query = "q_proj"
  /// Keys.
  case key = "k_proj"
  /// Values.
  case value = "v_proj"
  /// What attention writes to the residual stream.
  case output = "o_proj"
  /// The gate of the feed-forward layer.
  case gate = "gate_proj"
  /// What the gate multiplies.
  case up = "up_proj"
  /// What the feed-forward layer writes to the residual stream.
  case down = "down_proj"

  /// Its place within a layer, such as `self_attn.q_proj`.
  var path: String {
    switch self {
    case .query, .key, .value, .output: "self_attn." + rawValue
    case .gate, .up, .down: "mlp." + rawValue
    }
  }
}

/// What is chosen about a low-rank adapter: LoRA, by Hu and others 2021.
public struct LowRankSettings: Equatable, Sendable {
  /// Rows of A and columns of B.
  public var rank = 16
  /// Strength; the product B · A is multiplied by `scale`.
  public var alpha = 32.0
  /// Whether the strength is divided by √rank instead of the rank (Kalajdzievski 2023).
  public var isRankStabilised = false
  /// The layers that are adapted, in every block.
  public var targets: [LowRankTarget] = LowRankTarget.allCases
  /// What the adapter's file calls the model it belongs to.
  public var baseName: String?
  /// The `adapter_config.json` it was read from; keys that Crux does not know are written back.
  var imported: JSON = [:]

  /// Rank 16, strength 32, all linear layers of every block.
  public init() {}

  /// Multiplies B · A: alpha / rank, or alpha / √rank where it is rank-stabilised.
  public var scale: Float {
    Float(alpha / (isRankStabilised ? Double(rank).squareRoot() : Double(rank)))
  }
}
