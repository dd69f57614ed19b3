import Foundation
import Tensors

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

    /// Without sharing every rollout reads the prefix again, and keeps it beside its own tokens.
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
      secondsWithoutSharing = seconds + Double(rollouts - 1) * readingSeconds
      bytesWithoutSharing = bytes + (rollouts - 1) * prefix * outcome.keyValueBytes
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
