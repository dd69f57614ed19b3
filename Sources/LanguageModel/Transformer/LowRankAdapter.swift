import Tensors

/// Small matrices beside large ones that stay as they are: W′ = W + scale · B · A.
///
/// A is (rank, inputs), B is (outputs, rank); they alone learn. A policy merges them into the panels
/// it multiplies with, so that sampling and scoring cost what they cost without an adapter.
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
