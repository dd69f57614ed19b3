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
  /// All weights of the model under their Hugging Face names, without an adapter's share.
  public let base: Parameters
  /// Small matrices that learn in place of the weights; nil where all weights learn.
  public let adapter: LowRankAdapter?
  /// What learns, and its gradients: the adapter's matrices, or all weights.
  public let parameters: Parameters
  /// The critic on the last hidden vectors; nil until one is added.
  ///
  /// Copies of the policy have none.
  public private(set) var valueHead: ValueHead?
  /// Number of token ids.
  public var vocabulary: Int { architecture.vocabulary }
  /// Most tokens of a sequence, prompt included.
  public var contextLength: Int { architecture.contextLength }

  /// Floats of activations held at a time; for a larger training batch some are computed again.
  public var activationLimit = 1 << 29
  /// Floats of logits that training keeps for the backward pass; those of more predicted tokens are
  /// computed again in blocks, which costs a model of 135 million weights about 1/15 of a step.
  public var logitLimit = 1 << 26

  let layout: TransformerLayout
  let rope: RotaryEmbedding
  let pages: PagePool
  private var packed: [ProductPrecision: PackedWeights] = [:]
  private var current: Set<ProductPrecision> = []

  // Memory of the last call, used again by the next.
  let training = Activations()
  /// Called on the calling thread after every token of a batch with what the oldest rollout under way
  /// has by then; after `.stop` the rollouts not yet finished are missing from the answer.
  public var watch: (([Token]) -> Disposition)?
  private var backward: BackwardBuffers?
  private(set) lazy var adapterBuffers = LowRankBuffers()
  var scoring: [Activations] = []
  var scratch: [ForwardScratch] = []
  var workspaces: [DecodingWorkspace] = []

  /// Takes weights that are loaded already; they must have the architecture's names and shapes.
  ///
  /// With an adapter, `parameters` stay as they are, so several policies may share them.
  public init(
    architecture: Architecture, parameters: Parameters, adapter: LowRankAdapter? = nil
  ) {
    self.architecture = architecture
    base = parameters
    self.adapter = adapter
    self.parameters = adapter?.parameters ?? parameters
    layout = TransformerLayout(architecture, parameters)
    rope = RotaryEmbedding(frequencies: architecture.ropeFrequencies)
    pages = PagePool(PageLayout(architecture))
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

  /// A policy with the same weights, free of this one; gradients are zero.
  ///
  /// The weights beneath an adapter never move and are shared; everything else is copied.
  public func copy() -> Transformer {
    guard let adapter else {
      return Transformer(architecture: architecture, parameters: base.copy())
    }
    return Transformer(architecture: architecture, parameters: base, adapter: adapter.copy())
  }

  /// The same model with other small matrices, or with none; the weights beneath are shared.
  public func adapted(by adapter: LowRankAdapter?) -> Transformer {
    Transformer(architecture: architecture, parameters: base, adapter: adapter)
  }

  /// Puts a new value head of zeros on the policy, in place of one it may have.
  public func addValueHead() -> ValueHead? {
    let head = ValueHead(width: architecture.width)
    valueHead = head
    return head
  }

  /// The weights as products use them.
  var merged: MergedWeights { MergedWeights(base: base, adapter: adapter) }

  /// All weights of the model with the adapter's share added, in memory of their own.
  public func mergedParameters() -> Parameters {
    let whole = base.copy()
    adapter?.merge(into: whole)
    return whole
  }

  /// Tells that the weights changed; the next question lays them out for products again.
  public func weightsChanged() { current = [] }

  /// The weights in panels, as they are since the last `weightsChanged()`.
  ///
  /// Memory for a precision is taken when it is first asked for.
  func currentWeights(_ precision: ProductPrecision = .float32) -> PackedWeights {
    let panels = packed[precision] ?? PackedWeights(architecture, layout, precision: precision)
    packed[precision] = panels
    if current.insert(precision).inserted { panels.pack(layout, merged) }
    return panels
  }

  /// Memory of the backward pass, made anew where another precision is asked for than before.
  func backwardBuffers(_ precision: ProductPrecision) -> BackwardBuffers {
    if let backward, backward.precision == precision { return backward }
    let buffers = BackwardBuffers(architecture, layout, precision)
    backward = buffers
    return buffers
  }

  /// Adds the biases of a product to its rows.
  func add(
    _ biases: [LayerBiases.Placed], rows: Int, to y: UnsafeMutablePointer<Float>, stride: Int
  ) {
    for bias in biases {
      addBias(
        weight(bias.slice), rows: rows, columns: bias.slice.count, to: y + bias.column,
        stride: stride)
    }
  }

  /// The first element of a slice that no adapter changes: embedding, norms and biases.
  func weight(_ slice: ParameterSlice) -> UnsafeMutablePointer<Float> {
    guard let start = base.weights.baseAddress else { preconditionFailure("no weights") }
    return start + slice.offset
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
