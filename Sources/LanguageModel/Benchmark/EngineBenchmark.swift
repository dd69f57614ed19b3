public import Tensors

/// How fast the engine trains, reads and samples on this machine.
///
/// Every piece of work runs until a tenth of a second has passed before anything counts, which
/// grows the buffers and lays the weights out. What is shorter than that is repeated within a run.
public struct EngineBenchmark {
  private let benchmark: Case
  private let policy: Transformer
  private let sampling: Sampling
  private let precision: ProductPrecision

  /// Measures a case with fresh weights, or with those of a policy of its shape; `precision` is that
  /// of the products that read prompts and draw tokens, and of the backward pass.
  public init(
    _ benchmark: Case, policy: Transformer? = nil, precision: ProductPrecision = .float32
  ) {
    self.benchmark = benchmark
    var sampling = Sampling()
    sampling.precision = precision
    self.sampling = sampling
    self.precision = precision
    self.policy = policy ?? Transformer(randomWeightsOf: benchmark.architecture)
  }

  /// Forward, backward and AdamW over all weights; every token but the first of a row is predicted.
  public func training(runs: Int) -> Measurement { training(policy, .training, runs: runs) }

  /// The same for an adapter of rank 16 on all linear layers.
  public func adapterTraining(runs: Int) -> Measurement {
    training(policy.withFreshAdapter(), .adapter, runs: runs)
  }

  private func training(_ policy: Transformer, _ kind: Kind, runs: Int) -> Measurement {
    let job = BenchmarkTraining(
      policy, rows: benchmark.rows, predicted: benchmark.rowLength, precision: precision)
    // Before the steps, which fit the few rows until little but noise is left of the gradient.
    let error = precision == .float32 ? nil : job.gradientError()
    var measurement = measurement(
      kind, benchmark.rows, tokens: benchmark.rows * benchmark.rowLength,
      seconds: secondsOfCalls(runs: runs) { job.step() })
    measurement.gradientError = error
    return measurement
  }

  /// Reading one prompt of that many tokens and drawing one token after it.
  public func prefill(length: Int, runs: Int) -> Measurement {
    let request = RolloutRequest(prefix: prompt(0, length), seeds: [0], limit: 1)
    return measurement(
      .prefill, length, tokens: length, seconds: secondsOfCalls(runs: runs) { draw([request]) })
  }

  /// Drawing `batch` rollouts at once, the reading of their prompts taken away.
  ///
  /// The same call with one new token is timed first and its median subtracted; what is left are
  /// the other new tokens, each with a step of the model and a draw from the whole vocabulary.
  public func sampling(batch: Int, runs: Int) -> Measurement {
    let first = requests(batch, limit: 1)
    let reading = Spread(secondsOfCalls(runs: runs) { draw(first) }).median
    let whole = requests(batch, limit: benchmark.newTokens)
    return measurement(
      .sampling, batch, tokens: batch * (benchmark.newTokens - 1),
      seconds: secondsOfCalls(runs: runs) { draw(whole) }.map { $0 - reading })
  }

  private func measurement(
    _ kind: Kind, _ batch: Int, tokens: Int, seconds: [Double]
  ) -> Measurement {
    Measurement(
      shape: benchmark.name, kind: kind, batch: batch, precision: precision, tokens: tokens,
      seconds: seconds)
  }

  private func requests(_ batch: Int, limit: Int) -> [RolloutRequest] {
    let seeds = (0..<batch).map { UInt64($0) }
    guard !benchmark.sharesPrompt else {
      return [RolloutRequest(prefix: prompt(0, benchmark.prompt), seeds: seeds, limit: limit)]
    }
    return seeds.map {
      RolloutRequest(prefix: prompt($0, benchmark.prompt), seeds: [$0], limit: limit)
    }
  }

  private func prompt(_ number: UInt64, _ length: Int) -> [Token] {
    policy.randomTokens(length, seed: Random.seed(1, number))
  }

  /// No token ends a rollout, so that every run draws as many.
  private func draw(_ requests: [RolloutRequest]) {
    _ = try? policy.continuations(of: requests, sampling: sampling, endTokens: [])
  }
}

/// Seconds of one call of `body`, for each run.
func secondsOfCalls(runs: Int, _ body: () -> Void) -> [Double] {
  let clock = ContinuousClock()
  let least = 0.1
  var warm = 0.0
  var last = 0.0
  repeat {
    last = max(clock.measure(body) / .seconds(1), 1e-9)
    warm += last
  } while warm < least
  let calls = max(1, Int((least / last).rounded(.up)))
  return (0..<max(1, runs)).map { _ in
    clock.measure { for _ in 0..<calls { body() } } / .seconds(1) / Double(calls)
  }
}

extension EngineBenchmark {
  /// What is measured: a shape, its training batch and its rollouts.
  public struct Case: Sendable {
    /// Name as in the tables of results.
    public var name: String
    /// Shape of the policy.
    public var architecture: Architecture
    /// Rows of a training batch.
    public var rows: Int
    /// Predicted tokens of each of them.
    public var rowLength: Int
    /// Tokens of a prompt.
    public var prompt: Int
    /// New tokens of a rollout; the first comes with the prompt, each other one takes a step.
    public var newTokens: Int
    /// Whether the rollouts of a batch go on from one prompt, as they do from a step of an answer;
    /// otherwise each has a prompt of its own.
    public var sharesPrompt: Bool
    /// Lengths of the prompts whose reading is measured by itself.
    public var prefills: [Int]
  }

  /// The shapes of the protocol by their names.
  public static let cases = [tiny, small, embedded, medium]

  /// Batch sizes that sampling is measured at.
  public static let samplingBatches = [1, 8, 32, 64]
}

extension EngineBenchmark.Case {
  /// A shape with prompts of their own for the rollouts; the training rows fill the context.
  public init(
    name: String, architecture: Architecture, rows: Int, prompt: Int, newTokens: Int
  ) {
    self.name = name
    self.architecture = architecture
    self.rows = rows
    rowLength = architecture.contextLength
    self.prompt = prompt
    self.newTokens = newTokens
    sharesPrompt = false
    prefills = [prompt]
  }

  /// A language model of the size people use: 4 rows of 256 tokens, rollouts of 65 tokens from one
  /// prompt of 66, prompts of 66 and of 512 tokens; less where the context is shorter.
  public init(name: String, model architecture: Architecture) {
    let context = architecture.contextLength
    let prompt = max(1, min(66, context / 2))
    self.init(
      name: name, architecture: architecture, rows: 4, prompt: prompt,
      newTokens: max(1, min(65, context - prompt)))
    rowLength = min(256, context)
    sharesPrompt = true
    prefills = [prompt, min(512, context - 1)].filter { $0 > 0 }
  }
}

extension EngineBenchmark {
  /// Vocabulary 64, width 128, 4 layers, 4 heads, hidden 352, context 64, batch 64.
  public static var tiny: Case {
    Case(
      name: "tiny", architecture: shape(64, 128, 4, 4, 352, 64), rows: 64, prompt: 16,
      newTokens: 48)
  }

  /// Vocabulary 512, width 256, 6 layers, 8 heads, hidden 688, context 128, batch 32.
  public static var small: Case {
    Case(
      name: "small", architecture: shape(512, 256, 6, 8, 688, 128), rows: 32, prompt: 32,
      newTokens: 64)
  }

  /// The policy of the built-in task: vocabulary 54, width 64, 2 layers, 256 rows of 37 tokens.
  public static var embedded: Case {
    Case(
      name: "embedded", architecture: shape(54, 64, 2, 4, 176, 37), rows: 256, prompt: 8,
      newTokens: 29)
  }

  /// The shape of SmolLM2-135M: 30 layers, 3 key heads of 9, vocabulary 49152, context 8192.
  public static var medium: Case {
    var shape = shape(49152, 576, 30, 9, 1536, 8192)
    shape.keyHeads = 3
    shape.ropeBase = 100_000
    shape.tied = true
    return Case(name: "135m", model: shape)
  }

  private static func shape(
    _ vocabulary: Int, _ width: Int, _ layers: Int, _ heads: Int, _ hidden: Int, _ context: Int
  ) -> Architecture {
    var shape = Architecture()
    shape.vocabulary = vocabulary
    shape.width = width
    shape.layers = layers
    shape.heads = heads
    shape.keyHeads = heads
    shape.headWidth = width / heads
    shape.hidden = hidden
    shape.contextLength = context
    shape.tied = true
    return shape
  }
}

extension Architecture {
  /// Bytes that keys and values of one token take in all layers.
  public var keyValueBytes: Int {
    2 * keyHeads * headWidth * layers * MemoryLayout<Float>.stride
  }
}

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

/// Training steps on rows of random tokens, for benchmarks.
public final class BenchmarkTraining {
  private let policy: Transformer
  private let rows: [TokenRow]
  private let precision: ProductPrecision
  private let firstMoments: FloatBuffer
  private let secondMoments: FloatBuffer
  private var steps = 0

  /// Rows of that many predicted tokens, and moments for all that learns; `precision` is that of
  /// the backward pass.
  public init(
    _ policy: Transformer, rows: Int, predicted: Int, precision: ProductPrecision = .float32
  ) {
    self.policy = policy
    self.precision = precision
    self.rows = (0..<rows).map { row in
      TokenRow(
        tokens: policy.randomTokens(predicted + 1, seed: Random.seed(2, UInt64(row))),
        firstPredicted: 1)
    }
    firstMoments = FloatBuffer(policy.parameters.weights.count)
    secondMoments = FloatBuffer(policy.parameters.weights.count)
  }

  /// Mean cross-entropy of all predicted tokens, its gradient, and one step of AdamW over what learns.
  public func step() {
    differentiate(precision)
    steps += 1
    let count = policy.parameters.weights.count
    adamWStep(
      weights: policy.parameters.weights, gradients: policy.parameters.gradients,
      firstMoments: UnsafeMutableBufferPointer(start: firstMoments.start, count: count),
      secondMoments: UnsafeMutableBufferPointer(start: secondMoments.start, count: count),
      range: 0..<count,
      AdamWStep(
        learningRate: 1e-4, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01,
        step: steps))
    policy.weightsChanged()
  }

  /// How far the gradient lies from that in 32-bit floats, as a share of its length.
  public func gradientError() -> Double {
    differentiate(.float32)
    let exact = Array(policy.parameters.gradients)
    differentiate(precision)
    var (difference, length) = (0.0, 0.0)
    for (rounded, exact) in zip(policy.parameters.gradients, exact) {
      difference += Double(rounded - exact) * Double(rounded - exact)
      length += Double(exact) * Double(exact)
    }
    return (difference / max(length, .leastNormalMagnitude)).squareRoot()
  }

  private func differentiate(_ precision: ProductPrecision) {
    policy.parameters.clearGradients()
    let share = -1 / Float(rows.reduce(0) { $0 + $1.predicted })
    policy.differentiate(rows, precision: precision) { scores in
      scores.map {
        ScoreGradients(logProbabilities: $0.logProbabilities.map { _ in share })
      }
    }
  }
}

extension Transformer {
  /// A policy whose weights are random and of the right size, made quickly; for benchmarks alone.
  public convenience init(randomWeightsOf architecture: Architecture) {
    let parameters = Parameters(shapes: architecture.parameterShapes)
    for (index, slice) in parameters.slices.enumerated() {
      parameters.fillEvenly(slice, seed: Random.seed(3, UInt64(index)))
    }
    self.init(architecture: architecture, parameters: parameters)
  }

  /// The same weights beneath a fresh adapter of rank 16 on all linear layers.
  public func withFreshAdapter() -> Transformer {
    adapted(
      by: LowRankAdapter(architecture: architecture, settings: LowRankSettings(), seed: 1))
  }

  /// Tokens of any kind, each as likely as the others.
  public func randomTokens(_ count: Int, seed: UInt64) -> [Token] {
    var random = Random(seed: seed)
    return (0..<count).map { _ in Token(random.below(vocabulary)) }
  }
}

extension Parameters {
  /// Norms become 1, biases 0, matrices evenly spread with deviation 1 / √inputs.
  fileprivate func fillEvenly(_ slice: ParameterSlice, seed: UInt64) {
    guard slice.shape.count == 2 else {
      let value: Float = slice.name.hasSuffix("bias") ? 0 : 1
      return weights[slice.range].update(repeating: value)
    }
    let scale = 2 * (3 / Float(slice.shape[1])).squareRoot()
    let block = 1 << 16
    let weights = self.weights
    Parallel.run((slice.count + block - 1) / block) { index, _ in
      var random = Random(seed: Random.seed(seed, UInt64(index)))
      let start = slice.range.lowerBound + index * block
      for element in start..<min(start + block, slice.range.upperBound) {
        weights[element] = scale * (random.uniform() - 0.5)
      }
    }
  }
}
