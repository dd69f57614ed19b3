import Foundation
import Tensors

/// `crux bench --memory`: the peak memory of training and sampling, each in a process of its own.
struct BenchMemory {
  let model: String?
  let json: Bool

  private struct Row: Encodable {
    var name: String
    var peakBytes: Int
    var weightBytes: Int
    var seconds: Double
    var machine = BenchMachine()
  }

  private static let parts: [(name: String, work: BenchPart.Work)] = [
    ("all weights, 4 x 256", .training(rows: 4, tokens: 256)),
    (
      "sampling, 64 rollouts of 512", .rollouts(count: 64, prefix: 66, newTokens: 512)
    ),
  ]

  func run() throws {
    if !json { print("peak memory                         GB   of it weights   s") }
    for part in Self.parts {
      tellProgress("\(part.name): measured in a process of its own")
      let outcome = try BenchPart(model: model, work: part.work).measure()
      endProgress()
      guard !json else {
        try BenchReport.line(
          Row(
            name: part.name, peakBytes: outcome.peakBytes, weightBytes: outcome.weightBytes,
            seconds: outcome.seconds))
        continue
      }
      print(
        part.name.padding(toLength: 32, withPad: " ", startingAt: 0)
          + String(
            format: "%6.2f %12.2f %9.1f", BenchReport.gigabytes(outcome.peakBytes),
            BenchReport.gigabytes(outcome.weightBytes), outcome.seconds))
    }
  }
}
