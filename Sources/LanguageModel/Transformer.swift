import Foundation
import Tensors

/// A decoder of the Llama family on the processor, in 32-bit floats.
///
/// It answers the three questions of `Policy`: `continuations` decodes with shared prefixes,
/// `score` runs forward, `differentiate` forward and back. The numbers of a token depend on the
/// tokens before it alone: not on its neighbours in a batch nor on the number of threads.
public final class Transformer: Policy {
  /// The shape.
  public let architecture: Architecture
  /// The weights and their gradients, under their Hugging Face names.
  public let parameters: Parameters
  /// Number of token ids.
  public var vocabulary: Int { architecture.vocabulary }
  /// Most tokens of a sequence, prompt included.
  public var contextLength: Int { architecture.contextLength }

  /// Floats of activations held at a time; a larger training batch runs forward twice, in parts.
  public var activationLimit = 1 << 28

  let layout: TransformerLayout
  let rope: RotaryEmbedding
  let pages: PagePool
  private let packed: PackedWeights
  private var packedAreCurrent = false

  // Memory of the last call, used again by the next.
  let training = Activations()
  let backwardBuffers: BackwardBuffers
  var scoring: [Activations] = []
  var scratch: [ForwardScratch] = []
  var workspaces: [DecodingWorkspace] = []

  /// Takes weights that are loaded already; they must have the architecture's names and shapes.
  public init(architecture: Architecture, parameters: Parameters) {
    self.architecture = architecture
    self.parameters = parameters
    layout = TransformerLayout(architecture, parameters)
    rope = RotaryEmbedding(frequencies: architecture.ropeFrequencies)
    packed = PackedWeights(architecture, layout)
    pages = PagePool(PageLayout(architecture))
    backwardBuffers = BackwardBuffers(architecture, layout)
  }

  /// Draws fresh weights.
  ///
  /// Matrices are normal with deviation 1 / √inputs, those that write to the residual stream (o and
  /// down) smaller by √(2 · layers); the embedding has deviation 0.02, norms are 1, biases 0.
  public convenience init(architecture: Architecture, seed: UInt64) {
    let parameters = Parameters(shapes: architecture.parameterShapes)
    for (index, slice) in parameters.slices.enumerated() {
      var normal = NormalStream(seed: Random.seed(seed, UInt64(index)))
      let deviation = architecture.initialDeviation(of: slice)
      for element in slice.range {
        parameters.weights[element] =
          deviation.map { $0 * normal.next() } ?? (slice.name.hasSuffix("bias") ? 0 : 1)
      }
    }
    self.init(architecture: architecture, parameters: parameters)
  }

  /// A policy with the same weights and memory of its own; gradients are zero.
  public func copy() -> Transformer {
    let twin = Parameters(shapes: architecture.parameterShapes)
    _ = twin.weights.update(from: parameters.weights)
    return Transformer(architecture: architecture, parameters: twin)
  }

  /// Tells that the weights changed; the next question lays them out for products again.
  public func weightsChanged() { packedAreCurrent = false }

  /// The weights in panels, as they are since the last `weightsChanged()`.
  func currentWeights() -> PackedWeights {
    if !packedAreCurrent { packed.pack(layout, parameters.weights) }
    packedAreCurrent = true
    return packed
  }

  /// The first element of a slice of the weights.
  func weight(_ slice: ParameterSlice) -> UnsafeMutablePointer<Float> {
    guard let base = parameters.weights.baseAddress else { preconditionFailure("no weights") }
    return base + slice.offset
  }
}

extension Architecture {
  /// Deviation of a fresh weight; nil where it starts at a constant.
  fileprivate func initialDeviation(of slice: ParameterSlice) -> Float? {
    guard slice.shape.count == 2 else { return nil }
    if slice.name.contains("embed_tokens") { return 0.02 }
    let deviation = 1 / Float(slice.shape[1]).squareRoot()
    let writes = slice.name.hasSuffix("o_proj.weight") || slice.name.hasSuffix("down_proj.weight")
    return writes ? deviation / Float(2 * layers).squareRoot() : deviation
  }
}

/// Normal numbers in pairs (Box & Muller 1958).
struct NormalStream {
  private var random: Random
  private var spare: Float?

  init(seed: UInt64) { random = Random(seed: seed) }

  mutating func next() -> Float {
    if let number = spare {
      spare = nil
      return number
    }
    // 1 − u lies in (0, 1], so that its logarithm is finite.
    let radius = (-2 * log(Double(1 - random.uniform()))).squareRoot()
    let angle = 2 * Double.pi * Double(random.uniform())
    spare = Float(radius * sin(angle))
    return Float(radius * cos(angle))
  }
}
