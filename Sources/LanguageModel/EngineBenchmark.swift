import Foundation
import Tensors

/// How fast the engine trains and samples on this machine.
public struct EngineBenchmark {
  /// What is measured.
  public struct Case: Sendable {
    /// Name as in the tables of results.
    public let name: String
    /// Shape of the policy.
    public let architecture: Architecture
    /// Rows of a training batch.
    public let batch: Int
  }

  /// Median speed of several runs.
  public struct Result: Equatable, Sendable {
    /// What ran, such as “tiny, training” or “tiny, sampling 64”.
    public let name: String
    /// Tokens a second.
    public let tokensPerSecond: Double
    /// Number of runs.
    public let runs: Int
  }

  /// Vocabulary 64, width 128, 4 layers, 4 heads, hidden 352, context 64, batch 64.
  public static var tiny: Case {
    Case(name: "tiny", architecture: shape(64, 128, 4, 4, 352, 64), batch: 64)
  }

  /// Vocabulary 512, width 256, 6 layers, 8 heads, hidden 688, context 128, batch 32.
  public static var small: Case {
    Case(name: "small", architecture: shape(512, 256, 6, 8, 688, 128), batch: 32)
  }

  /// The policy of the built-in task: vocabulary 54, width 64, 2 layers, 256 rows of 37 tokens.
  public static var embedded: Case {
    Case(name: "embedded", architecture: shape(54, 64, 2, 4, 176, 37), batch: 256)
  }

  /// The shape of SmolLM2-135M: 30 layers, vocabulary 49152; takes about 2 GB of memory to sample.
  public static var medium: Case {
    var shape = shape(49152, 576, 30, 9, 1536, 256)
    shape.keyHeads = 3
    shape.tied = true
    return Case(name: "135M", architecture: shape, batch: 4)
  }

  /// Batch sizes that sampling is measured at.
  public static let samplingBatches = [1, 8, 32, 64]

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
    return shape
  }

  private let benchmark: Case
  private let policy: Transformer

  /// Prepares a policy with fresh weights.
  public init(_ benchmark: Case) {
    self.benchmark = benchmark
    policy = Transformer(architecture: benchmark.architecture, seed: 1)
  }

  /// Forward, backward and AdamW over all weights; every token but the first of a row is predicted.
  public func training(runs: Int) -> Result {
    let context = benchmark.architecture.contextLength
    let rows = (0..<benchmark.batch).map { row -> TokenRow in
      let tokens = (0...context).map {
        Token((row * 31 + $0 * 7) % benchmark.architecture.vocabulary)
      }
      return TokenRow(tokens: tokens, firstPredicted: 1)
    }
    let count = policy.parameters.weights.count
    let (first, second) = (FloatBuffer(count), FloatBuffer(count))
    var step = 0
    return measure("training", runs: runs, tokens: benchmark.batch * context) {
      step += 1
      policy.parameters.clearGradients()
      policy.differentiate(rows) { scores in
        let share = -1 / Float(benchmark.batch * context)
        return scores.map {
          ScoreGradients(logProbabilities: $0.logProbabilities.map { _ in share })
        }
      }
      adamWStep(
        weights: policy.parameters.weights, gradients: policy.parameters.gradients,
        firstMoments: UnsafeMutableBufferPointer(start: first.start, count: count),
        secondMoments: UnsafeMutableBufferPointer(start: second.start, count: count),
        range: 0..<count,
        AdamWStep(
          learningRate: 1e-4, beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0, step: step))
      policy.weightsChanged()
    }
  }

  /// Rollouts from a prompt of 8 tokens to the context length, `batch` at once.
  public func sampling(batch: Int, runs: Int) -> Result {
    let prompt = (0..<8).map { Token($0 % benchmark.architecture.vocabulary) }
    let limit = benchmark.architecture.contextLength - prompt.count
    let request = RolloutRequest(
      prefix: prompt, seeds: (0..<batch).map { UInt64($0) }, limit: limit)
    return measure("sampling \(batch)", runs: runs, tokens: batch * limit) {
      _ = policy.continuations(
        of: [request], sampling: Sampling(), endTokens: [], report: { _ in .goOn })
    }
  }

  private func measure(
    _ name: String, runs: Int, tokens: Int, _ body: () -> Void
  ) -> Result {
    // The first run grows the buffers and is not counted.
    body()
    let seconds = (0..<max(1, runs)).map { _ -> Double in
      let start = DispatchTime.now().uptimeNanoseconds
      body()
      return Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
    }.sorted()
    return Result(
      name: "\(benchmark.name), \(name)",
      tokensPerSecond: Double(tokens) / max(seconds[seconds.count / 2], 1e-9),
      runs: seconds.count)
  }
}
