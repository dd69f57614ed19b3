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
    let dropped = sampling.topP < 1 ? dropUnlikely(&kept) : 0
    kept.sort { a, b in
      a.distance == b.distance ? a.token > b.token : a.distance > b.distance
    }
    keepTopP(&kept, dropped)
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

  /// The tokens that top-k keeps and, without top-p, none that min-p surely drops; in no order.
  private func candidates(_ logits: UnsafeBufferPointer<Float>) -> [Candidate] {
    let temperature = Double(sampling.temperature)
    let maximum = Double(logits.max() ?? 0)
    var least = -Float.infinity
    if sampling.topK > 0, sampling.topK < logits.count { least = largest(sampling.topK, logits) }
    // Top-p counts what min-p drops, so min-p may only come first where there is no top-p.
    let floor =
      sampling.topP < 1 || sampling.minP <= 0 ? -Double.infinity : log(Double(sampling.minP)) - 1e-6
    var kept: [Candidate] = []
    for (token, logit) in logits.enumerated() where logit >= least && logit > -.infinity {
      let distance = (Double(logit) - maximum) / temperature
      guard distance >= floor else { continue }
      kept.append(Candidate(token: Token(token), distance: distance, weight: exp(distance)))
    }
    return kept
  }

  /// The k-th largest logit; a heap of the largest so far, the least of them first.
  private func largest(_ k: Int, _ logits: UnsafeBufferPointer<Float>) -> Float {
    var heap = Array(logits[..<k]).sorted()
    for logit in logits[k...] where logit > heap[0] {
      var hole = 0
      while true {
        var child = 2 * hole + 1
        guard child < k else { break }
        if child + 1 < k, heap[child + 1] < heap[child] { child += 1 }
        guard heap[child] < logit else { break }
        heap[hole] = heap[child]
        hole = child
      }
      heap[hole] = logit
    }
    return heap[0]
  }

  /// Takes out the tokens that top-p drops anyway, so that few are left to sort.
  ///
  /// - Returns: What they weigh together.
  private func dropUnlikely(_ kept: inout [Candidate]) -> Double {
    guard kept.count > 256 else { return 0 }
    // Weights by distance, sixteen steps a nat.
    let last = 1023
    func step(_ candidate: Candidate) -> Int { Int(min(-candidate.distance * 16, Double(last))) }
    var weights = [Double](repeating: 0, count: last + 1)
    for candidate in kept { weights[step(candidate)] += candidate.weight }
    let limit = (1 - Double(sampling.topP)) * weights.reduce(0, +) * (1 - 1e-9)
    var (dropped, first) = (0.0, last + 1)
    while first > 1, dropped + weights[first - 1] <= limit {
      first -= 1
      dropped += weights[first]
    }
    kept.removeAll { step($0) >= first }
    return dropped
  }

  /// Drops from the unlikely end while the running sum stays within 1 − top-p.
  private func keepTopP(_ kept: inout [Candidate], _ dropped: Double) {
    guard sampling.topP < 1 else { return }
    let limit = (1 - Double(sampling.topP)) * (dropped + kept.reduce(0) { $0 + $1.weight })
    var sum = dropped
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
