import Foundation

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
        file: gguf.file,
        problem: "models of type \(quoted(name)) are not supported; llama, qwen2 and qwen3 are.")
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
    guard let number = value.integer, range.contains(number) else {
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
    shape.width = try required("embedding_length", 1...65536)
    shape.hidden = try required("feed_forward_length", 1...1_048_576)
    shape.layers = try required("block_count", 1...1024)
    shape.heads = try required("attention.head_count", 1...1024)
    shape.keyHeads = try integer("attention.head_count_kv", 1...1024) ?? shape.heads
    guard shape.heads % shape.keyHeads == 0 else {
      throw error(
        "‘\(key("attention.head_count"))’ (\(shape.heads)) is no multiple of "
          + "‘\(key("attention.head_count_kv"))’ (\(shape.keyHeads)).")
    }
    shape.headWidth = try headWidth(shape)
    shape.contextLength = try required("context_length", 1...1_000_000_000)
    guard let epsilon = try number("attention.layer_norm_rms_epsilon", 1e-30...0.1) else {
      throw error("‘\(key("attention.layer_norm_rms_epsilon"))’ is missing.")
    }
    shape.normEpsilon = Float(epsilon)
    shape.ropeBase = try number("rope.freq_base", 1...1e15) ?? 10000
    shape.tied = gguf.shape(of: GGUFNames.output) == nil
    shape.vocabulary = try vocabulary()
    try refuseUnsupported(shape)
    if let problem = shape.tooLarge { throw error(problem) }
    shape.ropeScaling = try scaling(shape)
    return shape
  }

  private func headWidth(_ shape: Architecture) throws -> Int {
    let given = try integer("attention.key_length", 2...4096)
    guard given != nil || shape.width % shape.heads == 0 else {
      throw error(
        "‘\(key("attention.key_length"))’ is missing and the width is no multiple of the heads.")
    }
    let width = given ?? shape.width / shape.heads
    for name in ["attention.value_length", "rope.dimension_count"] {
      guard try integer(name, 1...4096) ?? width == width else {
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
    guard shape[0] <= 4_000_000 else {
      throw error("the vocabulary has \(shape[0]) tokens; at most 4000000 are supported.")
    }
    return shape[0]
  }

  private func refuseUnsupported(_ shape: Architecture) throws {
    if let experts = try integer("expert_count", 0...100_000), experts > 0 {
      throw error("mixtures of experts are not supported.")
    }
    if let window = try integer("attention.sliding_window", 0...1_000_000_000),
      window > 0, window < shape.contextLength
    {
      throw error("sliding windows of attention are not supported.")
    }
    let scaling = metadata[key("rope.scaling.type")]?.string ?? "none"
    let factor =
      try number("rope.scaling.factor", 0...1e9) ?? number("rope.scale_linear", 0...1e9) ?? 1
    if scaling != "none", scaling != "linear" || factor != 1, factor != 0 {
      throw error("rotation of type \(quoted(scaling)) is not supported.")
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
