public import Tensors

extension EngineBenchmark {
  /// What is timed, in the order of the memory it takes.
  public enum Kind: String, Codable, CaseIterable, Sendable {
    /// Reading one prompt; the batch is its length.
    case prefill
    /// Drawing tokens after the prompts were read.
    case sampling
    /// Forward, backward and AdamW over an adapter of rank 16 on all linear layers.
    case adapter
    /// Forward, backward and AdamW over all weights.
    case training
  }

  /// The time of several runs of one piece of work.
  public struct Measurement: Equatable, Sendable {
    /// Name of the case.
    public var shape: String
    /// What was timed.
    public var kind: Kind
    /// Rows of training, tokens of a prompt, or rollouts at once.
    public var batch: Int
    /// Precision of the products that drew tokens, or of the backward pass.
    public var precision: ProductPrecision
    /// Tokens of one run.
    public var tokens: Int
    /// Seconds of each run, in order.
    public var seconds: [Double]
    /// How far a gradient made with rounded factors lies from that in 32-bit floats, as a share of
    /// its length; nil where nothing was rounded or nothing learns.
    public var gradientError: Double?

    /// A measurement with every other field given; there is at least one run.
    public init(
      shape: String, kind: Kind, batch: Int, precision: ProductPrecision = .float32, tokens: Int,
      seconds: [Double]
    ) {
      precondition(!seconds.isEmpty, "a measurement needs a run")
      self.shape = shape
      self.kind = kind
      self.batch = batch
      self.precision = precision
      self.tokens = tokens
      self.seconds = seconds
    }

    /// What ran, such as “tiny, training” or “tiny, sampling 64, bf16”.
    public var name: String {
      let batch = kind == .training || kind == .adapter ? "" : " \(self.batch)"
      let precision = self.precision == .float32 ? "" : ", \(self.precision.rawValue)"
      return "\(shape), \(kind.rawValue)\(batch)\(precision)"
    }

    /// Tokens a second over the runs.
    public var tokensPerSecond: Spread { Spread(seconds.map { Double(tokens) / max($0, 1e-9) }) }
  }

  /// Middle and ends of some numbers.
  public struct Spread: Codable, Equatable, Sendable {
    /// The middle one, or the mean of the two middle ones.
    public var median: Double
    /// The least.
    public var minimum: Double
    /// The largest.
    public var maximum: Double

    /// The spread of at least one number.
    public init(_ numbers: [Double]) {
      let sorted = numbers.sorted()
      precondition(!sorted.isEmpty, "a spread needs a number")
      median = (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
      minimum = sorted[0]
      maximum = sorted[sorted.count - 1]
    }
  }
}
