import Tensors

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

/// Small matrices beside large ones that stay as they are: W′ = W + scale · B · A.
///
/// A is (rank, inputs), B is (outputs, rank); they alone learn. A policy merges them into the panels
/// it multiplies with, so that sampling and scoring cost what they cost without an adapter; beside weights
/// that lie as their file has them they are multiplied by themselves.
public final class LowRankAdapter {
  /// Rank, strength and targets.
  public let settings: LowRankSettings
  /// Every A and B under PEFT's names, and their gradients.
  public let parameters: Parameters
  /// Paths of the adapted layers, such as `model.layers.0.self_attn.q_proj`.
  let modules: [String]
  private let pairs: [String: Pair]

  /// The two matrices of one layer.
  struct Pair {
    /// (rank, inputs).
    let a: ParameterSlice
    /// (outputs, rank).
    let b: ParameterSlice
  }

  /// An adapter that changes nothing yet: B is zero.
  ///
  /// A is uniform within ± 1 / √inputs, as PEFT draws it (Kaiming-uniform with slope √5).
  public convenience init(
    architecture: Architecture, settings: LowRankSettings, seed: UInt64
  ) {
    let modules = (0..<architecture.layers).flatMap { layer in
      LinearLayer.allCases.filter(settings.targets.contains).map {
        "model.layers.\(layer).\($0.path)"
      }
    }
    self.init(architecture: architecture, settings: settings, modules: modules)
    for (index, module) in modules.enumerated() {
      guard let pair = pairs[module] else { continue }
      var random = Random(seed: Random.seed(seed, UInt64(index)))
      let bound = 1 / Float(pair.a.shape[1]).squareRoot()
      for element in pair.a.range {
        parameters.weights[element] = bound * (2 * random.uniform() - 1)
      }
    }
  }

  /// Zeroed matrices for layers that the architecture has.
  package convenience init(architecture: Architecture, settings: LowRankSettings, modules: [String])
  {
    let shapes = LowRankAdapter.shapes(architecture, rank: settings.rank, modules: modules)
    self.init(settings: settings, modules: modules, parameters: Parameters(shapes: shapes))
  }

  /// Names and shapes of A and B of every layer, in the order of the flat buffer.
  package static func shapes(
    _ architecture: Architecture, rank: Int, modules: [String]
  ) -> [(name: String, shape: [Int])] {
    let shapes = Dictionary(
      uniqueKeysWithValues: architecture.parameterShapes.map { ($0.name, $0.shape) })
    return modules.flatMap { module -> [(name: String, shape: [Int])] in
      guard let shape = shapes[module + ".weight"] else {
        preconditionFailure("the architecture has no \(module)")
      }
      return [(name(module, "A"), [rank, shape[1]]), (name(module, "B"), [shape[0], rank])]
    }
  }

  private init(settings: LowRankSettings, modules: [String], parameters: Parameters) {
    self.settings = settings
    self.modules = modules
    self.parameters = parameters
    let slices = parameters.slices
    pairs = Dictionary(
      uniqueKeysWithValues: modules.enumerated().map { index, module in
        (module, Pair(a: slices[2 * index], b: slices[2 * index + 1]))
      })
  }

  /// What PEFT calls the matrices of a layer.
  package static func name(_ module: String, _ matrix: String) -> String {
    "base_model.model.\(module).lora_\(matrix).weight"
  }

  /// An adapter with the same matrices and memory of its own; gradients are zero.
  public func copy() -> LowRankAdapter {
    LowRankAdapter(settings: settings, modules: modules, parameters: parameters.copy())
  }

  /// Whether it changes nothing: every B is zero.
  public var isIdentity: Bool {
    pairs.values.allSatisfy { pair in parameters.weights[pair.b.range].allSatisfy { $0 == 0 } }
  }

  /// The matrices beside a weight of the model; nil where it is not adapted.
  func pair(for slice: ParameterSlice) -> Pair? {
    guard slice.name.hasSuffix(".weight") else { return nil }
    return pairs[String(slice.name.dropLast(7))]
  }

  /// Adds scale · B · A to a copy of a weight; nothing where it is not adapted.
  func merge(_ slice: ParameterSlice, into weight: UnsafeMutablePointer<Float>) {
    guard let pair = pair(for: slice) else { return }
    addLowRank(
      weight, outputs: slice.shape[0], inputs: slice.shape[1], rank: settings.rank,
      scale: settings.scale, b: start(pair.b), a: start(pair.a))
  }

  /// Adds its share to all weights of a model; without it they make the same policy then.
  public func merge(into whole: Parameters) {
    guard let start = whole.weights.baseAddress else { return }
    let adapted = whole.slices.filter { pair(for: $0) != nil }
    Parallel.run(adapted.count) { index, _ in
      merge(adapted[index], into: start + adapted[index].offset)
    }
  }

  /// The first element of one of the matrices.
  func start(_ slice: ParameterSlice) -> UnsafeMutablePointer<Float> {
    guard let base = parameters.weights.baseAddress else { preconditionFailure("no weights") }
    return base + slice.offset
  }
}

/// The weights as products use them: those of the model, with an adapter's share added.
struct MergedWeights {
  let base: Parameters
  let adapter: LowRankAdapter?

  /// Calls `body` with the slices below each other as one matrix, where they lie or as a copy.
  func withMatrix<Result>(
    _ slices: [ParameterSlice], _ body: (UnsafePointer<Float>) -> Result
  ) -> Result {
    guard let first = slices.first else { preconditionFailure("a matrix without weights") }
    let isAdapted = slices.contains { adapter?.pair(for: $0) != nil }
    let isWhole = zip(slices, slices.dropFirst()).allSatisfy { $0.range.upperBound == $1.offset }
    if isWhole, !isAdapted, !base.isStored { return body(base.start(first)) }
    let copy = FloatBuffer(slices.reduce(0) { $0 + $1.count })
    var at = copy.start
    for slice in slices {
      base.expand(0..<slice.rows, of: slice, into: at)
      adapter?.merge(slice, into: at)
      at += slice.count
    }
    return body(copy.start)
  }
}

/// Memory of an adapter's gradients: thin products of one layer at a time, for all tokens.
final class LowRankBuffers {
  /// x · scale · Aᵀ and dy · scale · B of every adapted matrix of a layer.
  let products = FloatBuffer()
  fileprivate let scaled = FloatBuffer()
  fileprivate var panels: [String: Panels] = [:]

  /// The two matrices of one layer in panels, multiplied by the scale.
  fileprivate struct Panels {
    let a: PackedMatrix
    let b: PackedMatrix
  }

  /// Lays the matrices beside a weight out for products; those of every layer take the same memory.
  fileprivate func pack(
    _ pair: LowRankAdapter.Pair, of adapter: LowRankAdapter, as key: String
  ) -> Panels {
    let (rank, inputs, outputs) = (pair.a.shape[0], pair.a.shape[1], pair.b.shape[0])
    let panels =
      panels[key]
      ?? Panels(
        a: PackedMatrix(columns: rank, depth: inputs),
        b: PackedMatrix(columns: rank, depth: outputs))
    self.panels[key] = panels
    panels.a.pack(scale(pair.a, of: adapter))
    panels.b.packTransposed(scale(pair.b, of: adapter))
    return panels
  }

  private func scale(
    _ slice: ParameterSlice, of adapter: LowRankAdapter
  ) -> UnsafePointer<Float> {
    scaled.reserve(slice.count)
    let (start, scale) = (adapter.start(slice), adapter.settings.scale)
    for index in 0..<slice.count { scaled.start[index] = scale * start[index] }
    return UnsafePointer(scaled.start)
  }
}

/// Gradients of an adapter's matrices; the weights beneath get none.
///
/// With y = x · Wᵀ + scale · (x · Aᵀ) · Bᵀ the derivatives are
/// dB = scale · dyᵀ · (x · Aᵀ) and dA = scale · (dy · B)ᵀ · x: thin products, whose rows are
/// computed tile by tile and whose sums over all tokens are each made by one thread.
extension BackwardPass {
  /// An adapted matrix with its panels and the place of its thin products.
  private struct Adapted {
    let product: WeightProduct
    let pair: LowRankAdapter.Pair
    let panels: LowRankBuffers.Panels
    let inputs: Rows
    let outputs: Rows
  }

  /// The tasks that add an adapter's gradients of one layer, once the thin products are made.
  func adapterTasks(_ adapter: LowRankAdapter, _ products: [WeightProduct]) -> [WeightTask] {
    let adapted = thinMatrices(adapter, products)
    let tokens = 0..<plan.tokens.count
    Parallel.run(pieces(of: tokens, by: RowPlan.tileTokens)) { index, _ in
      let tokens = tokens.piece(index, by: RowPlan.tileTokens)
      for matrix in adapted { makeThinProducts(matrix, tokens) }
    }
    return adapted.flatMap { matrix in
      weightTasks(
        WeightProduct(
          weight: matrix.pair.b, outputGradient: matrix.product.outputGradient,
          input: matrix.inputs))
        + weightTasks(
          WeightProduct(
            weight: matrix.pair.a, outputGradient: matrix.outputs, input: matrix.product.input))
    }
  }

  private func thinMatrices(
    _ adapter: LowRankAdapter, _ products: [WeightProduct]
  ) -> [Adapted] {
    let memory = model.adapterBuffers
    let stride = rowStride(adapter.settings.rank)
    let adapted = products.compactMap { product in
      adapter.pair(for: product.weight).map { (product, $0) }
    }
    let count = plan.tokens.count
    memory.products.reserve(2 * adapted.count * count * stride)
    return adapted.enumerated().map { index, found in
      let start = memory.products.start + 2 * index * count * stride
      // Layers share their panels: what follows the layer's number names the matrix.
      let key = found.0.weight.name.split(separator: ".").dropFirst(3).joined(separator: ".")
      return Adapted(
        product: found.0, pair: found.1, panels: memory.pack(found.1, of: adapter, as: key),
        inputs: Rows(start, stride: stride, count: count),
        outputs: Rows(start + count * stride, stride: stride, count: count))
    }
  }

  private func makeThinProducts(_ matrix: Adapted, _ tokens: Range<Int>) {
    matrix.panels.a.product(matrix.product.input[tokens], into: matrix.inputs[tokens])
    matrix.panels.b.product(matrix.product.outputGradient[tokens], into: matrix.outputs[tokens])
  }
}
