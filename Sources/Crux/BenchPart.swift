import Foundation
import LanguageModel
import Tensors

/// One piece of work whose memory is measured, in a process of its own: the peak never falls.
struct BenchPart: Codable {
  /// What is done.
  enum Work: Codable, Equatable {
    /// Steps of training all weights.
    case training(rows: Int, tokens: Int)
    /// Rollouts of one prefix.
    case rollouts(count: Int, prefix: Int, newTokens: Int)
  }

  /// The model; nil stands for random weights of the 135m shape.
  var model: String?
  var work: Work

  /// What came of it.
  struct Outcome: Codable {
    /// Seconds of the work, without loading.
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
    let clock = ContinuousClock()
    // The weights are laid out and the smallest buffers are there before anything counts.
    Self.draw(policy, count: 1, prefix: 1, newTokens: 1)
    let before = ProcessMemory.resident ?? 0
    var reading = 0.0
    var seconds = 0.0
    switch work {
    case .training(let rows, let tokens):
      let job = BenchmarkTraining(policy, rows: rows, predicted: tokens)
      seconds = clock.measure { for _ in 0..<2 { job.step() } } / .seconds(2)
    case .rollouts(let count, let prefix, let newTokens):
      reading =
        clock.measure { Self.draw(policy, count: 1, prefix: prefix, newTokens: 1) } / .seconds(1)
      seconds =
        clock.measure {
          Self.draw(policy, count: count, prefix: prefix, newTokens: newTokens)
        } / .seconds(1)
    }
    return Outcome(
      seconds: seconds, readingSeconds: reading, bytesBefore: before,
      peakBytes: ProcessMemory.peak ?? 0,
      weightBytes: policy.parameters.weights.count * MemoryLayout<Float>.stride,
      keyValueBytes: policy.architecture.keyValueBytes)
  }

  private static func draw(_ policy: Transformer, count: Int, prefix: Int, newTokens: Int) {
    let request = RolloutRequest(
      prefix: policy.randomTokens(prefix, seed: 1), seeds: (0..<count).map { UInt64($0) },
      limit: newTokens)
    _ = policy.continuations(
      of: [request], sampling: Sampling(), endTokens: [], report: { _ in .goOn })
  }
}
