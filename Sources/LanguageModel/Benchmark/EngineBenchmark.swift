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
    _ = policy.continuations(
      of: requests, sampling: sampling, endTokens: [], report: { _ in .goOn })
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
