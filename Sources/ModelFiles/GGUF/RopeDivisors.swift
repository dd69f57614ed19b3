import Foundation
import LanguageModel

extension Architecture {
  /// What the stretching divides each frequency of the rotation by, as GGUF keeps it.
  var ropeDivisors: [Float] {
    var plain = self
    plain.ropeScaling = nil
    return zip(plain.ropeFrequencies, ropeFrequencies).map { Float($0 / $1) }
  }
}

extension RopeScaling {
  /// The stretching that divides the frequencies by these numbers, as far as 32 bits say them; nil
  /// where none does.
  ///
  /// Between the two ends the divisor d has 1 / d = (1 - s) / factor + s, where s is linear in the
  /// frequency: two of those give the line. It fixes only the ratios of the two bounds and the
  /// original context, so the low bound is taken to be 1, as all published models have it.
  init?(divisors: [Float], of architecture: Architecture) {
    guard let largest = divisors.max(), largest > 1, largest.isFinite else { return nil }
    var plain = architecture
    plain.ropeScaling = nil
    let turns = plain.ropeFrequencies.map { $0 / (2 * Double.pi) }
    let factor = Double(largest)
    var bends: [(turns: Double, s: Double)] = []
    for (turns, divisor) in zip(turns, divisors) where divisor > 1 && divisor < largest {
      bends.append((turns, (1 / Double(divisor) - 1 / factor) / (1 - 1 / factor)))
    }
    var candidates: [RopeScaling] = []
    if let first = bends.first, let last = bends.last, first.turns > last.turns {
      let slope = (first.s - last.s) / (first.turns - last.turns)
      let offset = first.s - slope * first.turns
      let high = (1 - 1 / offset).rounded()
      candidates.append(RopeScaling(factor, high, (slope * (high - 1)).rounded()))
    }
    // With fewer than two such numbers the line is not fixed; Llama 3 has 4, a power of two before.
    for power in 5...20 { candidates.append(RopeScaling(factor, 4, Double(1 << power))) }
    candidates.append(RopeScaling(factor, 4, Double(architecture.contextLength)))
    let found = candidates.first { candidate in
      guard candidate.highFactor > 1, candidate.originalContext >= 1 else { return false }
      plain.ropeScaling = candidate
      // Files are made with frequencies of 32 bits, whose last digits show in the divisors.
      return zip(plain.ropeDivisors, divisors).allSatisfy { (1 / $0 - 1 / $1).magnitude <= 1e-6 }
    }
    guard let found else { return nil }
    self = found
  }

  private init(_ factor: Double, _ highFactor: Double, _ originalContext: Double) {
    self.init()
    self.factor = factor
    self.highFactor = highFactor
    self.originalContext = originalContext
  }
}
