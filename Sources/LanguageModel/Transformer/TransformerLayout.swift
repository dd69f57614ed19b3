import Foundation
import Tensors

/// The parameters of one layer, found by their place within it, such as `mlp.up_proj.weight`.
struct LayerParameters {
  private let name: String
  private let slices: [String: ParameterSlice]
  private let parameters: Parameters
  private let epsilon: Float

  init(
    _ name: String, among slices: [String: ParameterSlice], of parameters: Parameters,
    epsilon: Float
  ) {
    self.name = name
    self.slices = slices
    self.parameters = parameters
    self.epsilon = epsilon
  }

  /// The slice at a place; nil where the layer has none.
  subscript(path: String) -> ParameterSlice? { slices[name + path] }

  /// The slice at a place that every layer has.
  func slice(_ path: String) -> ParameterSlice {
    guard let slice = self[path] else { preconditionFailure("the parameters lack \(name + path)") }
    return slice
  }

  /// The first element of a slice, which stays where it is as long as the parameters live.
  func start(_ slice: ParameterSlice) -> UnsafePointer<Float> { parameters.start(slice) }

  /// The norm at a place; `sums` makes room for its scales'.
  func norm(_ path: String, sums: inout TileSums) -> LearnedNorm {
    let slice = slice(path + ".weight")
    return LearnedNorm(
      slice, at: start(slice), epsilon: epsilon, sums: sums.place(slice.count))
  }
}

/// The two blocks of a layer.
struct DecoderLayer {
  let attention: AttentionBlock
  let feedForward: FeedForwardBlock
}

/// Where all weights lie, and what uses them.
struct TransformerLayout {
  let embedding: ParameterSlice
  let layers: [DecoderLayer]
  let head: Head
  let rope: RotaryEmbedding
  let attention: AttentionShape
  /// heads · headWidth.
  let queries: Int
  /// Columns of q ‖ k ‖ v.
  let queryKeyValue: Int
  /// Floats that the sums of a tile take for the norms and biases of a layer.
  let tileSums: Int

  init(_ architecture: Architecture, _ parameters: Parameters) {
    let shapes = architecture.parameterShapes
    precondition(
      shapes.map(\.name) == parameters.slices.map(\.name)
        && shapes.map(\.shape) == parameters.slices.map(\.shape),
      "the parameters do not have the architecture's names and shapes")
    let named = Dictionary(uniqueKeysWithValues: parameters.slices.map { ($0.name, $0) })
    func block(_ name: String) -> LayerParameters {
      LayerParameters(name, among: named, of: parameters, epsilon: architecture.normEpsilon)
    }
    let (shape, rope) = (
      AttentionShape(architecture), RotaryEmbedding(frequencies: architecture.ropeFrequencies)
    )
    var sums = TileSums()
    layers = (0..<architecture.layers).map { layer in
      sums = TileSums()
      let block = block("model.layers.\(layer).")
      return DecoderLayer(
        attention: AttentionBlock(shape, rope, block, sums: &sums),
        feedForward: FeedForwardBlock(hidden: architecture.hidden, block, sums: &sums))
    }
    tileSums = sums.floats
    self.rope = rope
    embedding = block("model.").slice("embed_tokens.weight")
    let whole = block("")
    head = Head(whole, output: architecture.tied ? embedding : whole.slice("lm_head.weight"))
    attention = shape
    queries = architecture.heads * architecture.headWidth
    queryKeyValue = (architecture.heads + 2 * architecture.keyHeads) * architecture.headWidth
  }
}

extension AttentionShape {
  fileprivate init(_ architecture: Architecture) {
    self.init(
      heads: architecture.heads, keyHeads: architecture.keyHeads,
      headWidth: architecture.headWidth)
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
