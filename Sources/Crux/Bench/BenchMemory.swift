import Foundation
import Tensors

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
