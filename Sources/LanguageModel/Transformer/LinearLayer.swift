/// A linear layer of a block; the raw values are the names PEFT and Hugging Face use.
public enum LinearLayer: String, CaseIterable, Sendable {
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

  /// Those of attention.
  public static let attention: Set<LinearLayer> = [.query, .key, .value, .output]
  /// Those of the feed-forward layer.
  public static let feedForward: Set<LinearLayer> = [.gate, .up, .down]

  /// Its place within a block, such as `self_attn.q_proj`.
  package var path: String {
    switch self {
    case .query, .key, .value, .output: "self_attn." + rawValue
    case .gate, .up, .down: "mlp." + rawValue
    }
  }
}

extension Architecture {
  /// Outputs and inputs of a linear layer.
  func size(of layer: LinearLayer) -> (outputs: Int, inputs: Int) {
    let (queries, keys) = (heads * headWidth, keyHeads * headWidth)
    return switch layer {
    case .query: (queries, width)
    case .key, .value: (keys, width)
    case .output: (width, queries)
    case .gate, .up: (hidden, width)
    case .down: (width, hidden)
    }
  }
}
