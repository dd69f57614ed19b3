/// The shape of a decoder of the Llama family and of what makes it Qwen2 or Qwen3.
public struct Architecture: Equatable, Sendable {
  /// The family, which decides on biases and on normed queries and keys.
  public enum Family: String, Sendable, CaseIterable {
    /// No normed queries and keys, and biases only where a model says so.
    case llama
    /// Biases on q, k and v, always.
    case qwen2
    /// RMSNorm over the head width on q and k, before the rotation.
    case qwen3
  }
  /// The family.
  public var family = Family.llama
  /// Token ids.
  public var vocabulary = 64
  /// Width of the residual stream.
  public var width = 64
  /// Width of the feed-forward layer.
  public var hidden = 176
  /// Layers.
  public var layers = 2
  /// Query heads.
  public var heads = 4
  /// Key and value heads; divides `heads`.
  public var keyHeads = 4
  /// Width of a head; `heads * headWidth` need not be `width`.
  public var headWidth = 16
  /// Added to the mean square before the root.
  public var normEpsilon: Float = 1e-5
  /// Base of the rotation's frequencies.
  public var ropeBase = 10000.0
  /// Positions are divided by this before the rotation (linear scaling); 1 leaves them.
  public var ropeFactor = 1.0
  /// Llama 3's stretching of the frequencies; nil leaves them.
  public var ropeScaling: RopeScaling?
  /// Whether the output matrix is the embedding.
  public var tied = false
  /// Most tokens of a sequence.
  public var contextLength = 1024

  private var furtherBiases: Set<LinearLayer> = []

  /// A small llama.
  public init() {}

  /// The linear layers that have a bias, in every block alike.
  public var biases: Set<LinearLayer> {
    get { furtherBiases.union(family.biases) }
    set { furtherBiases = newValue.subtracting(family.biases) }
  }
}

extension Architecture.Family {
  /// The biases that every model of the family has.
  package var biases: Set<LinearLayer> { self == .qwen2 ? [.query, .key, .value] : [] }
}

/// Llama 3's stretching of the rotation's frequencies.
public struct RopeScaling: Equatable, Sendable {
  /// Low frequencies are divided by this.
  public var factor = 8.0
  /// Wavelengths above originalContext / lowFactor are stretched whole.
  public var lowFactor = 1.0
  /// Wavelengths below originalContext / highFactor are left.
  public var highFactor = 4.0
  /// Context length of the original model, tokens.
  public var originalContext = 8192.0

  /// The usual numbers.
  public init() {}
}

extension Architecture {
  /// The least decoder of the same vocabulary and context: what stands where the weights are not.
  public var hollow: Architecture {
    var least = Architecture()
    (least.vocabulary, least.contextLength) = (vocabulary, contextLength)
    (least.width, least.hidden, least.layers) = (2, 1, 1)
    (least.heads, least.keyHeads, least.headWidth, least.tied) = (1, 1, 2, true)
    return least
  }

  /// Names and shapes of all weights, in the order of the flat buffer; the names are Hugging Face's.
  public var parameterShapes: [(name: String, shape: [Int])] {
    var shapes: [(name: String, shape: [Int])] = [
      ("model.embed_tokens.weight", [vocabulary, width])
    ]
    for layer in 0..<layers { shapes += layerShapes("model.layers.\(layer).") }
    shapes.append(("model.norm.weight", [width]))
    if !tied { shapes.append(("lm_head.weight", [vocabulary, width])) }
    return shapes
  }

  private func layerShapes(_ name: String) -> [(name: String, shape: [Int])] {
    func linear(_ layers: LinearLayer...) -> [(name: String, shape: [Int])] {
      layers.map { (name + $0.path + ".weight", [size(of: $0).outputs, size(of: $0).inputs]) }
        + layers.filter(biases.contains).map { (name + $0.path + ".bias", [size(of: $0).outputs]) }
    }
    var shapes: [(name: String, shape: [Int])] = [(name + "input_layernorm.weight", [width])]
    shapes += linear(.query, .key, .value)
    if family == .qwen3 {
      shapes += ["q", "k"].map { (name + "self_attn.\($0)_norm.weight", [headWidth]) }
    }
    shapes += linear(.output)
    shapes.append((name + "post_attention_layernorm.weight", [width]))
    return shapes + linear(.gate, .up) + linear(.down)
  }
}
