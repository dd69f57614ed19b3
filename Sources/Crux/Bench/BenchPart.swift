import Foundation
import LanguageModel
import ModelFiles
import Session
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
      seconds = train(policy.widened(), rows: rows, tokens: tokens)
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
      weightBytes: policy.base.bytes,
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
      _ = try? policy.continuations(of: [request], sampling: sampling, endTokens: [])
    } / .seconds(1)
  }
}

/// The policy that is measured: a model of the user's, or random weights of the 135m shape.
struct BenchSubject {
  let benchmarkCase: EngineBenchmark.Case
  let policy: Transformer

  /// Loads the model of that name; nil takes random weights.
  init(model: String?) throws {
    guard let model else {
      benchmarkCase = EngineBenchmark.medium
      policy = Transformer(randomWeightsOf: benchmarkCase.architecture)
      return
    }
    let folder = try Locations.model(model, besides: nil)
    let files = try ModelSource(folder).load(asStored: true)
    files.warnings.forEach(tell)
    benchmarkCase = EngineBenchmark.Case(
      name: folder.deletingPathExtension().lastPathComponent, model: files.architecture)
    policy = Transformer(architecture: files.architecture, parameters: files.parameters)
  }

  /// The context length of that model, without loading its weights.
  static func context(of model: String?) throws -> Int {
    guard let model else { return EngineBenchmark.medium.architecture.contextLength }
    return try ModelSource(Locations.model(model, besides: nil)).architecture.contextLength
  }
}

/// `crux bench --memory`: the peak memory of training and sampling, each in a process of its own.
struct BenchMemory {
  let model: String?
  let gradients: [ProductPrecision]
  let json: Bool

  private struct Row: Encodable {
    var name: String
    var peakBytes: Int
    var weightBytes: Int
    var seconds: Double
    var machine = BenchMachine()
  }

  /// The cases by the lengths a model's context has room for.
  private func parts(context: Int) -> [(name: String, part: BenchPart)] {
    let short = min(256, context)
    let long = min(1024, context)
    let prompt = min(66, context / 2)
    let newTokens = min(512, context - prompt)
    let rollouts = BenchPart.Work.rollouts(count: 64, prefix: prompt, newTokens: newTokens)
    let sampling = ProductPrecision.allCases.map { weights in
      (
        "sampling, 64 rollouts of \(newTokens), \(weights.rawValue)",
        BenchPart(model: model, weights: weights, work: rollouts)
      )
    }
    let training: [(String, BenchPart.Work)] = [
      ("adapter, 4 rows of \(short)", .adapter(rows: 4, tokens: short)),
      ("adapter, 4 rows of \(long)", .adapter(rows: 4, tokens: long)),
      ("all weights, 4 rows of \(short)", .training(rows: 4, tokens: short)),
      ("all weights, 4 rows of \(long)", .training(rows: 4, tokens: long)),
    ]
    return sampling
      + gradients.flatMap { precision in
        training.map { name, work in
          (
            precision == .float32 ? name : "\(name), \(precision.rawValue)",
            BenchPart(model: model, gradients: precision, work: work)
          )
        }
      }
  }

  func run() throws {
    if !json { show("peak memory                             GB   weights GB   seconds") }
    for (name, part) in parts(context: try BenchSubject.context(of: model)) {
      tellProgress("\(name): measured in a process of its own")
      let outcome = try part.measure()
      endProgress()
      guard !json else {
        try BenchReport.line(
          Row(
            name: name, peakBytes: outcome.peakBytes, weightBytes: outcome.weightBytes,
            seconds: outcome.seconds))
        continue
      }
      BenchReport.text(
        name.padding(toLength: 36, withPad: " ", startingAt: 0)
          + String(
            format: "%6.2f %12.2f %9.1f", BenchReport.gigabytes(outcome.peakBytes),
            BenchReport.gigabytes(outcome.weightBytes), outcome.seconds))
    }
  }
}

/// `crux bench --prefixes`: what rollouts cost by how many go on from one prefix.
///
/// Each cell is a process of its own. Beside it stands what the same rollouts would cost if each
/// read and kept the prefix for itself; that is computed, not measured.
struct BenchPrefixes {
  let model: String?
  let weights: ProductPrecision
  let json: Bool
  private let newTokens = 32

  private struct Row: Encodable {
    var weights: String
    var prefix: Int
    var rollouts: Int
    var newTokens: Int
    var seconds: Double
    var readingSeconds: Double
    var bytes: Int
    var secondsWithoutSharing: Double
    var bytesWithoutSharing: Int
    var machine = BenchMachine()

    init(
      _ weights: ProductPrecision, prefix: Int, rollouts: Int, newTokens: Int,
      _ outcome: BenchPart.Outcome
    ) {
      self.weights = weights.rawValue
      self.prefix = prefix
      self.rollouts = rollouts
      self.newTokens = newTokens
      seconds = outcome.seconds
      readingSeconds = outcome.readingSeconds
      bytes = max(0, outcome.peakBytes - outcome.bytesBefore)
      let unshared = UnsharedPrefixCost(
        seconds: seconds, readingSeconds: readingSeconds, bytes: bytes, prefix: prefix,
        keyValueBytes: outcome.keyValueBytes, rollouts: rollouts)
      (secondsWithoutSharing, bytesWithoutSharing) = (unshared.seconds, unshared.bytes)
    }
  }

  func run() throws {
    if !json {
      Crux.show(
        "\(newTokens) new tokens a rollout, weights \(weights.rawValue)          without sharing (computed)"
      )
      Crux.show("prefix  rollouts       s   to read       MB          s         MB")
    }
    let context = try BenchSubject.context(of: model)
    for prefix in [64, 512, 2048] where prefix + newTokens <= context {
      for rollouts in [1, 8, 32, 128] {
        tellProgress("a prefix of \(prefix) tokens, \(rollouts) rollouts")
        let work = BenchPart.Work.rollouts(
          count: rollouts, prefix: prefix, newTokens: newTokens)
        let outcome = try BenchPart(model: model, weights: weights, work: work).measure()
        endProgress()
        try show(
          Row(weights, prefix: prefix, rollouts: rollouts, newTokens: newTokens, outcome))
      }
    }
  }

  private func show(_ row: Row) throws {
    guard !json else { return try BenchReport.line(row) }
    BenchReport.text(
      String(
        format: "%6d %9d %7.2f %9.2f %8.0f %10.1f %10.0f", row.prefix, row.rollouts, row.seconds,
        row.readingSeconds, Double(row.bytes) / 1e6, row.secondsWithoutSharing,
        Double(row.bytesWithoutSharing) / 1e6))
  }
}
