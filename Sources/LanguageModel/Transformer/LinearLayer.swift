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
  var path: String {
    switch self {
    case .query, .key, .value, .output: "self_attn." + rawValue
    case .gate, .up, .down: "mlp." + rawValue
    }
  }
}

extension Architecture {
  /// What a model is written as.
  enum Form {
    /// A Hugging Face folder.
    case folder
    /// A GGUF file.
    case gguf
  }

  /// Why readers of a form could not compute this model, as a sentence; nil where they can.
  func unwritable(as form: Form) -> String? {
    let further: Set<LinearLayer> =
      switch (form, family) {
      case (_, .llama): LinearLayer.attention.union(LinearLayer.feedForward)
      case (_, .qwen2): family.biases
      case (.folder, .qwen3): LinearLayer.attention
      case (.gguf, .qwen3): [.query, .key, .value]
      }
    let place = form == .gguf ? "a GGUF" : "a folder"
    if let layer = LinearLayer.allCases.first(where: { biases.subtracting(further).contains($0) }) {
      return
        "\(place) of type \(family.rawValue) has no bias of \(layer.rawValue), which this model "
        + "has; " + (form == .gguf ? "write a folder instead." : "write a GGUF instead.")
    }
    if form == .gguf, ropeScaling != nil, family != .llama {
      return
        "\(place) of type \(family.rawValue) cannot say how this model's rotation is stretched; "
        + "write a folder instead."
    }
    return nil
  }

  /// Biases of zeros that a folder needs beside the model's, where it can only say that all of a
  /// kind are there.
  var lackingBiases: [(name: String, shape: [Int])] {
    guard family != .qwen2 else { return [] }
    var whole = self
    for kind in [LinearLayer.attention, LinearLayer.feedForward]
    where !biases.isDisjoint(with: kind) {
      whole.biases.formUnion(kind)
    }
    let own = Set(parameterShapes.map(\.name))
    return whole.parameterShapes.filter { !own.contains($0.name) }
  }

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
