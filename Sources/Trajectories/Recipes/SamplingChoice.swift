/// How responses are drawn.
///
/// What each part means stands beside its key, below.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
public struct SamplingChoice: Equatable, Sendable {
  public var temperature = 1.0
  public var topK = 0
  public var topP = 1.0
  public var minP = 0.0
  public var weights = Precision.f32
  public var limit = 48

  /// The defaults.
  public init() {}
}

extension SamplingChoice {
  static let keys: [RecipeKey] = [
    .number(
      "sampling.temperature", \.sampling.temperature, 0...10, "factor",
      "Divides the logits; 0 always takes the likeliest token."),
    .whole(
      "sampling.top_k", \.sampling.topK, 0...1_000_000, "tokens",
      "Keeps this many of the likeliest tokens; 0 keeps all."),
    .number(
      "sampling.top_p", \.sampling.topP, 0.001...1, "probability",
      "Keeps the likeliest tokens up to this probability; 1 keeps all."),
    .number(
      "sampling.min_p", \.sampling.minP, 0...1, "share",
      "Drops tokens below this share of the likeliest; 0 keeps all."),
    .word(
      "sampling.weights", \.sampling.weights,
      "How the weights are kept while drawing; what is learnt from is scored with those trained."),
    .whole("sampling.limit", \.sampling.limit, 1...8192, "tokens", "Most tokens of a response."),
  ]
}

/// How the factors of products are kept; sums are 32-bit floats either way.
public enum Precision: String, Codable, CaseIterable, Equatable, Sendable {
  /// 32-bit floats.
  case f32
  /// Rounded to bfloat16: half the memory to read, and faster where the processor multiplies it.
  case bf16
}

extension SamplingChoice {
  /// Whether always the likeliest token is taken.
  public var isGreedy: Bool { temperature <= 0 }
}

extension Recipe {
  /// What does not fit about how responses are drawn and cut.
  var samplingContradictions: [String] {
    var found: [String] = []
    if sampling.temperature > 0, sampling.temperature < 0.01 {
      found.append(
        "sampling.temperature is \(sampling.temperature), so low that logits over it leave the "
          + "range of 32-bit floats; take 0 for the likeliest token, or 0.01 and more.")
    }
    if sampling.isGreedy, steps.splitter == .lowProbability {
      found.append(
        "steps.splitter is \"low-probability\", but sampling.temperature is 0, where every token "
          + "counts as certain and nothing is cut; take a temperature above 0 or another splitter.")
    }
    return found
  }
}
