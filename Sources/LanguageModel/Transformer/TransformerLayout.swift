import Foundation
import Tensors

/// Where the weights of one layer lie within the flat buffer.
struct LayerLayout {
  var inputNorm: ParameterSlice
  var queryKeyValue: [ParameterSlice]
  var queryNorm: ParameterSlice?
  var keyNorm: ParameterSlice?
  var output: ParameterSlice
  var middleNorm: ParameterSlice
  var gateUp: [ParameterSlice]
  var down: ParameterSlice
  var biases: LayerBiases
}

/// The biases of a layer's four products, each at its column of the product.
struct LayerBiases {
  /// A bias and the first column that it is added to.
  struct Placed {
    let slice: ParameterSlice
    let column: Int
  }

  let queryKeyValue: [Placed]
  let output: [Placed]
  let gateUp: [Placed]
  let down: [Placed]

  /// The biases of a block whose weights' names begin so.
  init(_ architecture: Architecture, _ block: String, _ named: [String: ParameterSlice]) {
    func placed(_ layers: LinearLayer...) -> [Placed] {
      var column = 0
      return layers.compactMap { layer in
        defer { column += architecture.size(of: layer).outputs }
        return named[block + layer.path + ".bias"].map { Placed(slice: $0, column: column) }
      }
    }
    queryKeyValue = placed(.query, .key, .value)
    output = placed(.output)
    gateUp = placed(.gate, .up)
    down = placed(.down)
  }
}

/// Where all weights lie, and the widths that follow from the architecture.
struct TransformerLayout {
  let embedding: ParameterSlice
  let layers: [LayerLayout]
  let finalNorm: ParameterSlice
  let output: ParameterSlice
  let attention: AttentionShape
  /// heads · headWidth.
  let queries: Int
  /// Columns of q ‖ k ‖ v.
  let queryKeyValue: Int

  init(_ architecture: Architecture, _ parameters: Parameters) {
    let shapes = architecture.parameterShapes
    precondition(
      shapes.map(\.name) == parameters.slices.map(\.name)
        && shapes.map(\.shape) == parameters.slices.map(\.shape),
      "the parameters do not have the architecture's names and shapes")
    let named = Dictionary(uniqueKeysWithValues: parameters.slices.map { ($0.name, $0) })
    func slice(_ name: String) -> ParameterSlice {
      guard let slice = named[name] else { preconditionFailure("the parameters lack \(name)") }
      return slice
    }
    embedding = slice("model.embed_tokens.weight")
    finalNorm = slice("model.norm.weight")
    output = architecture.tied ? embedding : slice("lm_head.weight")
    layers = (0..<architecture.layers).map { layer in
      let name = "model.layers.\(layer)."
      let attention = name + "self_attn."
      return LayerLayout(
        inputNorm: slice(name + "input_layernorm.weight"),
        queryKeyValue: ["q", "k", "v"].map { slice(attention + $0 + "_proj.weight") },
        queryNorm: named[attention + "q_norm.weight"], keyNorm: named[attention + "k_norm.weight"],
        output: slice(attention + "o_proj.weight"),
        middleNorm: slice(name + "post_attention_layernorm.weight"),
        gateUp: ["gate", "up"].map { slice(name + "mlp.\($0)_proj.weight") },
        down: slice(name + "mlp.down_proj.weight"),
        biases: LayerBiases(architecture, name, named))
    }
    attention = AttentionShape(
      heads: architecture.heads, keyHeads: architecture.keyHeads, headWidth: architecture.headWidth)
    queries = architecture.heads * architecture.headWidth
    queryKeyValue = (architecture.heads + 2 * architecture.keyHeads) * architecture.headWidth
  }
}

extension Architecture {
  /// Radians a position of each pair of a head, linear scaling and Llama 3's stretching applied.
  package var ropeFrequencies: [Double] {
    (0..<headWidth / 2).map { pair in
      let plain = pow(ropeBase, -2 * Double(pair) / Double(headWidth)) / ropeFactor
      guard let scaling = ropeScaling else { return plain }
      let wavelength = 2 * Double.pi / plain
      if wavelength < scaling.originalContext / scaling.highFactor { return plain }
      if wavelength > scaling.originalContext / scaling.lowFactor { return plain / scaling.factor }
      let smooth =
        (scaling.originalContext / wavelength - scaling.lowFactor)
        / (scaling.highFactor - scaling.lowFactor)
      return (1 - smooth) * plain / scaling.factor + smooth * plain
    }
  }
}
