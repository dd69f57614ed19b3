import Foundation
import Testing

@testable import TerminalTesting

extension SoakTests {
  @Test func `seeded keys, pastes, replies and sizes neither end nor hang the workbench`() throws {
    let sessions = 2 * min(Soak.factor, 20)
    for session in 0..<sessions {
      let seed = Soak.seed &+ UInt64(session)
      var dice = Dice(state: seed)
      let deeds = (0..<150 * max(1, Soak.factor / 20)).map { _ in dice.deed() }
      var monkey = Monkey(patience: Self.patience)
      let ending = try monkey.play(deeds)
      guard !ending.isWhole else { continue }
      let least = try Monkey.shrink(deeds, [], patience: Self.patience, tries: 40)
      let words = least.map(\.description).joined(separator: "\n")
      Issue.record("seed \(seed): \(ending); \(least.count) deeds do it:\n\(words)")
    }
  }

  /// `CRUX_SOAK_MINUTES` of one process that trains while the monkey is at it; off otherwise.
  @Test(.enabled(if: SoakTests.minutes > 0, "CRUX_SOAK_MINUTES says how long"))
  func `an hour of deeds while it trains leaves memory as a fresh process has it`() throws {
    let recipe = ProcessInfo.processInfo.environment["CRUX_SOAK_RECIPE"]
    let model = ProcessInfo.processInfo.environment["CRUX_SOAK_MODEL"]
    let arguments = (recipe.map { [$0] } ?? []) + (model.map { ["--model", $0] } ?? [])
    let until = Date(timeIntervalSinceNow: Double(SoakTests.minutes) * 60)
    var dice = Dice(state: Soak.seed)
    // Every look at it leaves all that is open, and with that may stop the training.
    var number = 0
    let deeds = AnySequence {
      AnyIterator<Deed> {
        guard Date() < until else { return nil }
        defer { number += 1 }
        return number % 25 == 0 ? .typed(Array(":train 1000\r".utf8)) : dice.deed()
      }
    }
    var monkey = Monkey(
      arguments, patience: Self.patience, lookingEvery: Double(SoakTests.minutes) * 60 / 24)
    let ending = try monkey.play(deeds)
    #expect(ending.isWhole, "seed \(Soak.seed): \(ending)")
    for look in monkey.memory {
      let (minute, kilobytes) = (Int(look.seconds / 60), Int(look.kilobytes))
      print(
        "process \(look.process), minute \(minute): \(kilobytes) kB, \(Int(look.beyond)) beyond a "
          + "fresh one")
    }
    // The record grows, and what is loaded and cached first is no leak: the second half of the process
    // that lived longest, beyond what a fresh one takes, counts.
    let lives = Dictionary(grouping: monkey.memory, by: \.process).values
    let longest = lives.max { $0.count < $1.count } ?? []
    let late = longest.suffix((longest.count + 1) / 2)
    let slope = Slope(late.map { ($0.seconds / 60, $0.beyond) })
    let words = "\(slope.median) [\(slope.low) \(slope.high)] kB a minute over \(late.count) looks"
    print("memory beyond a fresh process: \(words)")
    // Too few looks, or too different ones, show nothing and so do not pass.
    #expect(slope.high < 1000, "memory grows by \(words)")
  }

  static let minutes = Int(ProcessInfo.processInfo.environment["CRUX_SOAK_MINUTES"] ?? "") ?? 0
  /// Seconds until a key that is not answered counts as a hang; a busy machine needs more than one.
  static let patience =
    Double(ProcessInfo.processInfo.environment["CRUX_SOAK_PATIENCE"] ?? "") ?? 10
}

/// How fast points rise: the median of the slopes between any two of them, with the interval that
/// holds the slope in 95 of 100 cases (Theil 1950, Sen 1968).
///
/// A look in the middle of a large piece of work stands far off, and a line by least squares would
/// follow it.
struct Slope {
  let median: Double
  let low: Double
  let high: Double

  init(_ points: [(Double, Double)]) {
    let n = Double(points.count)
    let slopes = points.indices.flatMap { second in
      points[..<second].map { (points[second].1 - $0.1) / (points[second].0 - $0.0) }
    }.sorted()
    // Kendall's deviation of the number of rising pairs.
    let spread = 1.96 * (n * (n - 1) * (2 * n + 5) / 18).squareRoot()
    let first = Int((Double(slopes.count) - spread) / 2)
    guard first >= 1 else {
      (median, low, high) = (0, -.infinity, .infinity)
      return
    }
    let (half, last) = (slopes.count / 2, slopes.count - 1)
    median = slopes.count.isMultiple(of: 2) ? (slopes[half - 1] + slopes[half]) / 2 : slopes[half]
    (low, high) = (slopes[first - 1], slopes[last - (first - 1)])
  }
}

extension SoakTests {
  @Test func `one look that stands far off does not make a slope`() {
    let flat = (0..<12).map { (Double($0), $0 == 7 ? 5000 : Double($0 % 3)) }
    #expect(Slope(flat).high < 500 && Slope(flat).low > -500)
    let rising = flat.map { ($0.0, $0.1 + 1500 * $0.0) }
    #expect(Slope(rising).low > 1000)
    #expect(Slope([(0, 1), (1, 1), (2, 1)]).high == .infinity)
  }
}
