import Foundation
public import Tensors

/// Draws a token from logits: divided by the temperature, then filtered by top-k, top-p and min-p.
///
/// The order and the ties are those of transformers. The filters run in double precision.
public struct Sampler {
  /// The choices.
  public let sampling: Sampling

  /// A sampler with those choices.
  public init(_ sampling: Sampling) { self.sampling = sampling }

  /// One token and the natural logarithm of the probability it was drawn at.
  ///
  /// `scratch` has room for as many floats as there are logits. A temperature of 0 takes the first
  /// of the largest logits and draws nothing.
  public func draw(
    _ logits: UnsafeBufferPointer<Float>, scratch: UnsafeMutablePointer<Float>,
    random: inout Random
  ) -> (token: Token, logProbability: Float) {
    guard let start = logits.baseAddress else { preconditionFailure("no logits to draw from") }
    if sampling.temperature <= 0 { return (Sampler.largest(logits), 0) }
    guard keepsAll else { return drawFiltered(logits, &random) }
    let scale = 1 / sampling.temperature
    let (sum, maximum) = exponentials(start, count: logits.count, scale: scale, into: scratch)
    let token = pick(scratch, count: logits.count, threshold: random.uniform() * sum)
    return (Token(token), (start[token] - maximum) * scale - log(sum))
  }

  /// The tokens that may be drawn, by falling logit, and their probabilities.
  public func distribution(
    _ logits: UnsafeBufferPointer<Float>
  ) -> [(token: Token, probability: Double)] {
    if sampling.temperature <= 0 { return [(Sampler.largest(logits), 1)] }
    var kept = candidates(logits)
    keepTopK(&kept)
    keepTopP(&kept)
    keepMinP(&kept)
    let sum = kept.reduce(0) { $0 + $1.weight }
    return kept.map { ($0.token, $0.weight / sum) }
  }

  private var keepsAll: Bool {
    sampling.topK <= 0 && sampling.topP >= 1 && sampling.minP <= 0
  }

  private struct Candidate {
    var token: Token
    /// Distance to the largest logit, divided by the temperature; never positive.
    var distance: Double
    /// exp of the distance.
    var weight: Double
  }

  private static func largest(_ logits: UnsafeBufferPointer<Float>) -> Token {
    var best = 0
    for (token, logit) in logits.enumerated() where logit > logits[best] { best = token }
    return Token(best)
  }

  /// All tokens that a filter could keep, by falling logit, of equal ones the later first.
  private func candidates(_ logits: UnsafeBufferPointer<Float>) -> [Candidate] {
    let temperature = Double(sampling.temperature)
    let maximum = Double(logits.max() ?? 0)
    var floor = -Double.infinity
    if sampling.topP < 1 {
      // All tokens below this together weigh less than what top-p drops anyway.
      let dropped = 1 - Double(sampling.topP)
      floor = -log(Double(logits.count) / dropped) - 1
    }
    var kept: [Candidate] = []
    for (token, logit) in logits.enumerated() {
      let distance = (Double(logit) - maximum) / temperature
      guard distance >= floor, logit > -.infinity else { continue }
      kept.append(
        Candidate(token: Token(token), distance: distance, weight: exp(distance)))
    }
    kept.sort { a, b in
      let (first, second) = (logits[Int(a.token)], logits[Int(b.token)])
      return first == second ? a.token > b.token : first > second
    }
    return kept
  }

  private func keepTopK(_ kept: inout [Candidate]) {
    guard sampling.topK > 0, sampling.topK < kept.count else { return }
    let last = kept[sampling.topK - 1].distance
    kept.removeAll { $0.distance < last }
  }

  /// Drops from the unlikely end while the running sum stays within 1 − top-p.
  private func keepTopP(_ kept: inout [Candidate]) {
    guard sampling.topP < 1 else { return }
    let limit = (1 - Double(sampling.topP)) * kept.reduce(0) { $0 + $1.weight }
    var sum = 0.0
    while kept.count > 1, let last = kept.last {
      sum += last.weight
      guard sum <= limit else { return }
      kept.removeLast()
    }
  }

  private func keepMinP(_ kept: inout [Candidate]) {
    guard sampling.minP > 0, let largest = kept.first?.weight else { return }
    kept.removeAll { $0.weight < Double(sampling.minP) * largest }
  }

  private func drawFiltered(
    _ logits: UnsafeBufferPointer<Float>, _ random: inout Random
  ) -> (token: Token, logProbability: Float) {
    let kept = distribution(logits)
    var left = Double(random.uniform())
    for (token, probability) in kept where probability > 0 {
      left -= probability
      if left < 0 { return (token, Float(log(probability))) }
    }
    guard let first = kept.first else { preconditionFailure("no token to draw") }
    return (first.token, Float(log(first.probability)))
  }
}
