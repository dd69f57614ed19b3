import Foundation
import LanguageModel
import Tensors

extension ModelSource {
  /// Opens a GGUF file.
  init(gguf place: URL) throws {
    let gguf = try GGUF(contentsOf: place)
    self.place = place
    let shape = try GGUFSettings(gguf).architecture()
    configuration = Configuration(architecture: shape)
    metadata = gguf.header.metadata
    configuration.endTokens = gguf.header.metadata.endTokens(below: shape.vocabulary)
    configuration.beginToken = gguf.header.metadata.token("bos", below: shape.vocabulary)
    configuration.padToken = gguf.header.metadata.token("padding", below: shape.vocabulary)
    weights = try ModelSource.weights(of: shape, in: gguf)
    configuration.strangeEnds = gguf.header.metadata.strangeEnds(from: shape.vocabulary)
    try ModelSource.refuseOthers(shape, in: gguf)
    if let warning = ModelSource.twin(shape, in: gguf) { warnings.append(warning) }
    do {
      try take(Tokenizer(gguf), from: gguf.file)
    } catch {
      tokenizerProblem = "\(error)"
    }
  }

  /// Refuses tensors that the model has no place for, unless they have no part in its numbers.
  private static func refuseOthers(_ shape: Architecture, in gguf: GGUF) throws {
    let names = GGUFNames(architecture: shape)
    let used = Set(shape.parameterShapes.map { names.name(of: $0.name) } + [GGUFNames.rotation])
    for name in gguf.names where !used.contains(name) {
      // Frequencies that older converters stored, and that follow from the metadata.
      if name.hasPrefix("blk."), name.hasSuffix(".attn_rot_embd.weight") { continue }
      if name == GGUFNames.outputBias, try gguf.floats(of: name).allSatisfy({ $0 == 0 }) {
        continue
      }
      throw ModelFileError(
        file: gguf.file,
        problem: "tensor \(quoted(name)) has no place in a \(shape.family.rawValue) model as Crux "
          + "computes it, and without it the numbers would be others.")
    }
  }

  /// Warns of an output matrix that is the embedding once more, as converters store it in another
  /// format; nil where there is none.
  private static func twin(_ shape: Architecture, in gguf: GGUF) -> String? {
    guard !shape.tied, let output = try? gguf.stored(GGUFNames.output),
      let embedding = try? gguf.stored(GGUFNames.embedding),
      output.distance(to: embedding, rows: 64) < 0.2
    else { return nil }
    return "\(gguf.file): \(quoted(GGUFNames.output)) (\(output.format.rawValue)) is the embedding "
      + "(\(embedding.format.rawValue)) once more, so the model was made with one matrix for both; "
      + "here they are two, and training all weights moves them apart."
  }

  private static func weights(of shape: Architecture, in gguf: GGUF) throws -> [StoredTensor] {
    let names = GGUFNames(architecture: shape)
    return try shape.parameterShapes.map { weight, wanted in
      let name = names.name(of: weight)
      var tensor = try gguf.stored(name)
      guard tensor.shape == wanted else {
        throw ModelFileError(
          file: gguf.file,
          problem: "tensor \(quoted(name)) has the shape \(tensor.shape), "
            + "and the file's metadata ask for \(wanted).")
      }
      tensor.interleaved = names.interleaved(weight)
      return tensor
    }
  }
}

/// How GGUF names the weights of a model.
struct GGUFNames {
  /// The shape, which decides on what there is.
  let architecture: Architecture

  /// The weights' own rotation, where the file has it.
  static let rotation = "rope_freqs.weight"
  /// The embedding, whose rows are the vocabulary.
  static let embedding = "token_embd.weight"
  /// The output matrix, which tied models do not have.
  static let output = "output.weight"
  /// What would be added to the logits.
  static let outputBias = "output.bias"

  /// The name in GGUF of the bias of a block's linear layer.
  static func bias(_ layer: LinearLayer, block: Int) -> String {
    "blk.\(block).\(layerParts[layer.path] ?? layer.path).bias"
  }

  private static let layerParts = [
    "input_layernorm": "attn_norm", "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output",
    "self_attn.q_norm": "attn_q_norm", "self_attn.k_norm": "attn_k_norm",
    "post_attention_layernorm": "ffn_norm", "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
  ]

  /// The name in GGUF of a weight with that Hugging Face name.
  func name(of weight: String) -> String {
    switch weight {
    case "model.embed_tokens.weight": return GGUFNames.embedding
    case "model.norm.weight": return "output_norm.weight"
    case "lm_head.weight": return GGUFNames.output
    default:
      let parts = weight.split(separator: ".", maxSplits: 3)
      let rest = parts[3].split(separator: ".")
      let part = rest.dropLast().joined(separator: ".")
      return "blk.\(parts[2]).\(GGUFNames.layerParts[part] ?? part).\(rest[rest.count - 1])"
    }
  }

  /// Width of a head where the rows of a weight lie interleaved, nil where they lie in order.
  ///
  /// llama.cpp rotates neighbours in models of type llama, so their queries and keys are reordered;
  /// those of Qwen are not.
  func interleaved(_ weight: String) -> Int? {
    let turned = weight.contains(".q_proj.") || weight.contains(".k_proj.")
    return architecture.family == .llama && turned ? architecture.headWidth : nil
  }
}

/// The numbers of a GGUF file that make a model's shape, with their ranges checked.
struct GGUFSettings {
  /// The file.
  let gguf: GGUF
  /// Its `general.architecture`.
  let family: Architecture.Family

  private var metadata: GGUFMetadata { gguf.header.metadata }

  /// Reads what kind of model the file holds.
  init(_ gguf: GGUF) throws {
    self.gguf = gguf
    let type = gguf.header.metadata["general.type"]?.string ?? "model"
    guard type == "model" else {
      throw ModelFileError(
        file: gguf.file, problem: "it holds no model but a part of one (\(quoted(type))).")
    }
    if let parts = gguf.header.metadata["split.count"]?.integer, parts > 1 {
      throw ModelFileError(
        file: gguf.file,
        problem: "the model is split over \(parts) files; join them with llama-gguf-split --merge.")
    }
    guard let name = gguf.header.metadata["general.architecture"]?.string else {
      throw ModelFileError(file: gguf.file, problem: "‘general.architecture’ is missing.")
    }
    guard let family = Architecture.Family(rawValue: name) else {
      throw ModelFileError(
        file: gguf.file, problem: Relatives.refusal(of: name))
    }
    self.family = family
  }

  private func error(_ problem: String) -> ModelFileError {
    ModelFileError(file: gguf.file, problem: problem)
  }

  private func key(_ name: String) -> String { "\(family.rawValue).\(name)" }

  /// A whole number of the model; nil where it is missing.
  func integer(_ name: String, _ range: ClosedRange<Int>) throws -> Int? {
    guard let value = metadata[key(name)] else { return nil }
    var found = value.integer
    if let list = value.integers, let first = list.first {
      guard list.allSatisfy({ $0 == first }) else {
        throw error("‘\(key(name))’ differs from layer to layer, which is not supported.")
      }
      found = first
    }
    guard let number = found, range.contains(number) else {
      throw error(
        "‘\(key(name))’ must be a whole number from \(range.lowerBound) to \(range.upperBound).")
    }
    return number
  }

  private func required(_ name: String, _ range: ClosedRange<Int>) throws -> Int {
    guard let number = try integer(name, range) else { throw error("‘\(key(name))’ is missing.") }
    return number
  }

  private func number(_ name: String, _ range: ClosedRange<Double>) throws -> Double? {
    guard let value = metadata[key(name)] else { return nil }
    guard let number = value.number, range.contains(number) else {
      throw error(
        "‘\(key(name))’ must be a number from \(range.lowerBound) to \(range.upperBound).")
    }
    return number
  }
}

extension GGUFSettings {
  /// The shape of the model, with the defaults that llama.cpp gives to missing keys.
  func architecture() throws -> Architecture {
    var shape = Architecture()
    shape.family = family
    shape.width = try required("embedding_length", ShapeLimits.width)
    shape.hidden = try required("feed_forward_length", ShapeLimits.hidden)
    shape.layers = try required("block_count", ShapeLimits.layers)
    shape.heads = try required("attention.head_count", ShapeLimits.heads)
    shape.keyHeads = try integer("attention.head_count_kv", ShapeLimits.heads) ?? shape.heads
    guard shape.heads % shape.keyHeads == 0 else {
      throw error(
        "‘\(key("attention.head_count"))’ (\(shape.heads)) is no multiple of "
          + "‘\(key("attention.head_count_kv"))’ (\(shape.keyHeads)).")
    }
    shape.headWidth = try headWidth(shape)
    shape.contextLength = try required("context_length", ShapeLimits.contextLength)
    guard let epsilon = try number("attention.layer_norm_rms_epsilon", ShapeLimits.normEpsilon)
    else {
      throw error("‘\(key("attention.layer_norm_rms_epsilon"))’ is missing.")
    }
    shape.normEpsilon = Float(epsilon)
    shape.ropeBase = try number("rope.freq_base", ShapeLimits.ropeBase) ?? 10000
    shape.tied = gguf.shape(of: GGUFNames.output) == nil
    shape.vocabulary = try vocabulary()
    if let problem = shape.tooLarge { throw error(problem) }
    shape.biases = try biases(shape)
    try refuseUnsupported(shape)
    shape.ropeScaling = try scaling(shape)
    shape.ropeFactor = try factor()
    guard shape.ropeFactor == 1 || shape.ropeScaling == nil else {
      throw error(
        "the rotation is stretched twice, by \(quoted(GGUFNames.rotation)) and by a factor of "
          + "\(shape.ropeFactor); that is not supported.")
    }
    return shape
  }

  private func headWidth(_ shape: Architecture) throws -> Int {
    let given = try integer("attention.key_length", ShapeLimits.headWidth)
    guard given != nil || shape.width % shape.heads == 0 else {
      throw error(
        "‘\(key("attention.key_length"))’ is missing and the width is no multiple of the heads.")
    }
    let width = given ?? shape.width / shape.heads
    for name in ["attention.value_length", "rope.dimension_count"] {
      guard try integer(name, 1...ShapeLimits.headWidth.upperBound) ?? width == width else {
        throw error("‘\(key(name))’ is not the width of a head, \(width); that is not supported.")
      }
    }
    guard width >= 2, width % 2 == 0 else {
      throw error("a head is \(width) wide; rotary embeddings need an even width.")
    }
    return width
  }

  private func vocabulary() throws -> Int {
    guard let shape = gguf.shape(of: GGUFNames.embedding), shape.count == 2 else {
      throw error("the matrix \(quoted(GGUFNames.embedding)) is missing.")
    }
    let most = ShapeLimits.vocabulary.upperBound
    guard shape[0] <= most else {
      throw error("the vocabulary has \(shape[0]) tokens; at most \(most) are supported.")
    }
    return shape[0]
  }

  /// The linear layers that have a bias, which must be the same in all blocks.
  private func biases(_ shape: Architecture) throws -> Set<LinearLayer> {
    let known: Set<LinearLayer> =
      switch family {
      case .llama: LinearLayer.attention.union(LinearLayer.feedForward)
      case .qwen2: family.biases
      case .qwen3: LinearLayer.attention
      }
    var biases = family.biases
    for layer in LinearLayer.allCases where known.contains(layer) && !biases.contains(layer) {
      let names = (0..<shape.layers).map { GGUFNames.bias(layer, block: $0) }
      let present = names.filter { gguf.shape(of: $0) != nil }
      guard present.isEmpty || present.count == names.count else {
        let lacking = names.first { gguf.shape(of: $0) == nil } ?? ""
        throw error(
          "tensor \(quoted(present[0])) is there and \(quoted(lacking)) is not; biases in some "
            + "blocks only are not supported.")
      }
      if !present.isEmpty { biases.insert(layer) }
    }
    return biases
  }

  /// What positions are divided by: without a type a factor means linear scaling, and with the type
  /// `none` it means nothing.
  private func factor() throws -> Double {
    let type = metadata[key("rope.scaling.type")].map { $0.string ?? "?" } ?? "linear"
    guard type == "linear" || type == "none" else {
      throw error("rotation of type \(quoted(type)) is not supported; none and linear are.")
    }
    let factor = try number("rope.scaling.factor", 0...1e6) ?? number("rope.scale_linear", 0...1e6)
    return type == "none" || factor == 0 ? 1 : factor ?? 1
  }

  private func refuseUnsupported(_ shape: Architecture) throws {
    if let experts = try integer("expert_count", 0...100_000), experts > 0 {
      throw error("mixtures of experts are not supported. \(Relatives.relative(of: "moe"))")
    }
    if let window = try integer(
      "attention.sliding_window", 0...ShapeLimits.contextLength.upperBound),
      window > 0, window < shape.contextLength
    {
      throw error("sliding windows of attention are not supported.")
    }
    let usual = 1 / Double(shape.headWidth).squareRoot()
    for (name, neutral) in [
      ("attention.scale", [0, usual]), ("rope.scaling.attn_factor", [0, 1]),
      ("rope.scaling.yarn_ext_factor", [0, -1]), ("embedding_length_out", [Double(shape.width)]),
    ] {
      guard let value = metadata[key(name)] else { continue }
      let number = value.number
      guard neutral.contains(where: { (number ?? .nan) - $0 == 0 || near(number, $0) }) else {
        throw unsupported(name)
      }
    }
    if metadata[key("attention.causal")]?.flag == false { throw unsupported("attention.causal") }
    if let name = metadata[key("hidden_activation")]?.string, name != "silu", name != "swish" {
      throw unsupported("hidden_activation")
    }
    try refuseOthers()
  }

  private func near(_ number: Double?, _ wanted: Double) -> Bool {
    number.map { ($0 - wanted).magnitude <= 1e-5 * wanted.magnitude } ?? false
  }

  private func unsupported(_ name: String) -> ModelFileError {
    error("‘\(key(name))’ changes the model's numbers and is not supported.")
  }

  /// Refuses settings of the model that are not known, unless they are off.
  private func refuseOthers() throws {
    let prefix = family.rawValue + "."
    for key in metadata.keys where key.hasPrefix(prefix) {
      let name = String(key.dropFirst(prefix.count))
      guard !GGUFRefusals.used.contains(name), !GGUFRefusals.irrelevant.contains(name),
        let value = metadata[key]
      else { continue }
      let neutral: NeutralValue = GGUFRefusals.factors.contains(name) ? .one : .off
      guard neutral.allows(value) else {
        throw error(
          "\(quoted(key)) is a setting of the model that Crux does not compute; it would have to "
            + "be off.")
      }
    }
  }

  /// Llama 3's stretching of the rotation, which the file has as divisors of the frequencies.
  private func scaling(_ shape: Architecture) throws -> RopeScaling? {
    guard gguf.shape(of: GGUFNames.rotation) != nil else { return nil }
    let divisors = try gguf.floats(of: GGUFNames.rotation)
    guard divisors.count == shape.headWidth / 2 else {
      throw error(
        "tensor \(quoted(GGUFNames.rotation)) has \(divisors.count) numbers instead of "
          + "\(shape.headWidth / 2).")
    }
    if divisors.allSatisfy({ $0 == 1 }) { return nil }
    guard let scaling = RopeScaling(divisors: divisors, of: shape) else {
      throw error(
        "tensor \(quoted(GGUFNames.rotation)) stretches the rotation in a way that is not Llama "
          + "3's, which is not supported.")
    }
    return scaling
  }
}

extension Architecture {
  /// What the stretching divides each frequency of the rotation by, as GGUF keeps it.
  var ropeDivisors: [Float] {
    var plain = self
    plain.ropeScaling = nil
    return zip(plain.ropeFrequencies, ropeFrequencies).map { Float($0 / $1) }
  }
}

extension RopeScaling {
  /// The stretching that divides the frequencies by these numbers, as far as 32 bits say them; nil
  /// where none does.
  ///
  /// Between the two ends the divisor d has 1 / d = (1 - s) / factor + s, where s is linear in the
  /// frequency: two of those give the line. It fixes only the ratios of the two bounds and the
  /// original context, so the low bound is taken to be 1, as all published models have it.
  init?(divisors: [Float], of architecture: Architecture) {
    guard let largest = divisors.max(), largest > 1, largest.isFinite else { return nil }
    var plain = architecture
    plain.ropeScaling = nil
    let turns = plain.ropeFrequencies.map { $0 / (2 * Double.pi) }
    let factor = Double(largest)
    var bends: [(turns: Double, s: Double)] = []
    for (turns, divisor) in zip(turns, divisors) where divisor > 1 && divisor < largest {
      bends.append((turns, (1 / Double(divisor) - 1 / factor) / (1 - 1 / factor)))
    }
    var candidates: [RopeScaling] = []
    if let first = bends.first, let last = bends.last, first.turns > last.turns {
      let slope = (first.s - last.s) / (first.turns - last.turns)
      let offset = first.s - slope * first.turns
      let high = (1 - 1 / offset).rounded()
      candidates.append(RopeScaling(factor, high, (slope * (high - 1)).rounded()))
    }
    // With fewer than two such numbers the line is not fixed; Llama 3 has 4, a power of two before.
    for power in 5...20 { candidates.append(RopeScaling(factor, 4, Double(1 << power))) }
    candidates.append(RopeScaling(factor, 4, Double(architecture.contextLength)))
    let found = candidates.first { candidate in
      guard candidate.highFactor > 1, candidate.originalContext >= 1 else { return false }
      plain.ropeScaling = candidate
      // Files are made with frequencies of 32 bits, whose last digits show in the divisors.
      return zip(plain.ropeDivisors, divisors).allSatisfy { (1 / $0 - 1 / $1).magnitude <= 1e-6 }
    }
    guard let found else { return nil }
    self = found
  }

  private init(_ factor: Double, _ highFactor: Double, _ originalContext: Double) {
    self.init()
    self.factor = factor
    self.highFactor = highFactor
    self.originalContext = originalContext
  }
}
