import Foundation
import LanguageModel
import Tensors

/// One piece of work whose memory is measured, in a process of its own: the peak never falls.
struct BenchPart: Codable {
  /// What is done.
  enum Work: Codable, Equatable {
    /// Steps of training all weights.
    case training(rows: Int, tokens: Int)
    /// Steps of training an adapter of rank 16 on all linear layers.
    case adapter(rows: Int, tokens: Int)
    /// Rollouts of one prefix.
    case rollouts(count: Int, prefix: Int, newTokens: Int)
  }

  /// The model; nil stands for random weights of the 135m shape.
  var model: String?
  /// How the weights are kept that tokens are drawn with; those that learn are 32-bit floats.
  var weights = ProductPrecision.float32
  /// How the factors of the backward pass are kept.
  var gradients = ProductPrecision.float32
  var work: Work

  /// What came of it.
  struct Outcome: Codable {
    /// Seconds of the rollouts, or of one step of training.
    var seconds: Double
    /// Seconds of them until the prefix was read; 0 for training.
    var readingSeconds: Double
    /// Bytes in memory before the work and at its peak.
    var bytesBefore: Int
    var peakBytes: Int
    /// Bytes of the weights.
    var weightBytes: Int
    /// Bytes of the keys and values of one token.
    var keyValueBytes: Int
  }

  /// Does what the argument says and prints the outcome.
  static func run(_ argument: String) throws {
    let part = try JSONDecoder().decode(BenchPart.self, from: Data(argument.utf8))
    let subject = try BenchSubject(model: part.model)
    try BenchReport.line(part.outcome(subject.policy))
  }

  /// Starts this program again for the part and waits for it.
  func measure() throws -> Outcome {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/proc/self/exe")
    let argument = String(decoding: try JSONEncoder().encode(self), as: UTF8.self)
    process.arguments = ["bench", "--part", argument]
    let answer = Pipe()
    process.standardOutput = answer
    try process.run()
    let data = answer.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Complaint(
        "The measuring process ended with code \(process.terminationStatus); "
          + "where memory is short, the system may have ended it.")
    }
    return try JSONDecoder().decode(Outcome.self, from: data)
  }

  private func outcome(_ policy: Transformer) throws -> Outcome {
    var before = ProcessMemory.resident ?? 0
    var reading = 0.0
    var seconds = 0.0
    switch work {
    case .training(let rows, let tokens):
      seconds = train(policy, rows: rows, tokens: tokens)
    case .adapter(let rows, let tokens):
      seconds = train(policy.withFreshAdapter(), rows: rows, tokens: tokens)
    case .rollouts(let count, let prefix, let newTokens):
      // The weights are laid out and the smallest buffers are there before anything counts.
      _ = draw(policy, count: 1, prefix: 1, newTokens: 1)
      before = ProcessMemory.resident ?? 0
      reading = draw(policy, count: 1, prefix: prefix, newTokens: 1)
      seconds = draw(policy, count: count, prefix: prefix, newTokens: newTokens)
    }
    return Outcome(
      seconds: seconds, readingSeconds: reading, bytesBefore: before,
      peakBytes: ProcessMemory.peak ?? 0,
      weightBytes: policy.parameters.weights.count * MemoryLayout<Float>.stride,
      keyValueBytes: policy.architecture.keyValueBytes)
  }

  /// Seconds of a step, after one that grows the buffers.
  private func train(_ policy: Transformer, rows: Int, tokens: Int) -> Double {
    let job = BenchmarkTraining(policy, rows: rows, predicted: tokens, precision: gradients)
    job.step()
    return ContinuousClock().measure { job.step() } / .seconds(1)
  }

  /// Seconds until all rollouts are drawn.
  private func draw(
    _ policy: Transformer, count: Int, prefix: Int, newTokens: Int
  ) -> Double {
    let request = RolloutRequest(
      prefix: policy.randomTokens(prefix, seed: 1), seeds: (0..<count).map { UInt64($0) },
      limit: newTokens)
    var sampling = Sampling()
    sampling.precision = weights
    return ContinuousClock().measure {
      _ = policy.continuations(
        of: [request], sampling: sampling, endTokens: [], report: { _ in .goOn })
    } / .seconds(1)
  }
}
