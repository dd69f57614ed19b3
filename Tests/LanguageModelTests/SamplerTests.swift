import Comparing
import Foundation
import LanguageModel
import Tensors
import Testing

@Suite struct SamplerTests {
  private struct Cases: Decodable {
    struct Case: Decodable {
      var logits: String
      var temperature: Float
      var top_k: Int?
      var top_p: Float?
      var min_p: Float?
      var kept_ids: [Token]
      var probabilities: [Double]

      var sampling: Sampling {
        var sampling = Sampling()
        sampling.temperature = temperature
        sampling.topK = top_k ?? 0
        sampling.topP = top_p ?? 1
        sampling.minP = min_p ?? 0
        return sampling
      }
    }
    var logits: [String: [Float]]
    var masked_ids: [String: [Int]]
    var cases: [Case]

    func vector(_ name: String) -> [Float] {
      var vector = logits[name] ?? []
      for id in masked_ids[name] ?? [] { vector[id] = -.infinity }
      return vector
    }
  }

  private func cases() throws -> Cases {
    try JSONDecoder().decode(
      Cases.self, from: Data(contentsOf: GoldenModels.golden("sampling/cases.json")))
  }

  private func draw(
    _ sampling: Sampling, _ logits: [Float], seed: UInt64
  ) -> (token: Token, logProbability: Float) {
    var random = Random(seed: seed)
    var scratch = [Float](repeating: 0, count: logits.count)
    return logits.withUnsafeBufferPointer { logits in
      scratch.withUnsafeMutableBufferPointer { scratch in
        scratch.baseAddress.map {
          Sampler(sampling).draw(logits, scratch: $0, random: &random)
        } ?? (0, 0)
      }
    }
  }

  @Test func `kept tokens and their probabilities are those of transformers`() throws {
    let cases = try cases()
    #expect(cases.cases.count == 168)
    for item in cases.cases {
      let logits = cases.vector(item.logits)
      let kept = logits.withUnsafeBufferPointer {
        Sampler(item.sampling).distribution($0).sorted { $0.token < $1.token }
      }
      #expect(kept.map(\.token) == item.kept_ids, "\(item)")
      for (mine, reference) in zip(kept.map(\.probability), item.probabilities) {
        #expect(abs(mine - reference) < 1e-5)
      }
    }
  }

  @Test func `a token comes with the logarithm of the probability it was drawn at`() throws {
    let cases = try cases()
    for (index, item) in cases.cases.enumerated() {
      let logits = cases.vector(item.logits)
      let (token, logProbability) = draw(item.sampling, logits, seed: UInt64(index))
      let place = try #require(item.kept_ids.firstIndex(of: token), "\(item)")
      #expect(abs(Double(logProbability) - log(item.probabilities[place])) < 2e-5)
    }
  }

  @Test func `tokens come as often as their probability says`() {
    let logits: [Float] = [0, log(2), log(5), -.infinity]
    var counts = [0, 0, 0, 0]
    for seed in 0..<16000 {
      counts[Int(draw(Sampling(), logits, seed: UInt64(seed)).token)] += 1
    }
    #expect(counts[3] == 0)
    // Four standard deviations of a count of 16 000.
    for (count, share) in zip(counts, [0.125, 0.25, 0.625]) {
      #expect(abs(Double(count) - 16000 * share) < 4 * (16000 * share * (1 - share)).squareRoot())
    }
  }

  @Test func `temperature 0 takes the first of the largest`() {
    let (token, logProbability) = draw(.greedy, [1, 3, 3, 2], seed: 9)
    #expect(token == 1)
    #expect(logProbability == 0)
  }

  @Test func `filters keep of a large vocabulary what sorting it all would keep`() {
    var random = Random(seed: 5)
    for (k, p, least) in [(50, Float(1), Float(0)), (0, 0.9, 0), (0, 1, 0.05), (500, 0.8, 0.01)] {
      // Flat at first, then peaked.
      for width in [Float(0.5), 20] {
        let logits = (0..<20_000).map { _ in (random.uniform() * width * 64).rounded() / 64 }
        var sampling = Sampling()
        (sampling.topK, sampling.topP, sampling.minP) = (k, p, least)
        let kept = logits.withUnsafeBufferPointer { Sampler(sampling).distribution($0) }
        expectEqual(kept.map(\.token), Self.sorted(logits, k, Double(p), Double(least)))
        #expect(abs(kept.reduce(0) { $0 + $1.probability } - 1) < 1e-9)
      }
    }
  }

  /// The definition: everything sorted, then cut three times.
  private static func sorted(_ logits: [Float], _ k: Int, _ p: Double, _ least: Double) -> [Token] {
    var order = logits.indices.sorted {
      logits[$0] == logits[$1] ? $0 > $1 : logits[$0] > logits[$1]
    }
    let weights = logits.map { exp(Double($0) - Double(logits[order[0]])) }
    if k > 0 {
      let last = logits[order[k - 1]]
      order.removeAll { logits[$0] < last }
    }
    let limit = (1 - p) * order.reduce(0) { $0 + weights[$1] }
    var sum = 0.0
    while p < 1, order.count > 1, let last = order.last, sum + weights[last] <= limit {
      sum += weights[last]
      order.removeLast()
    }
    order.removeAll { weights[$0] < least }
    return order.map { Token($0) }
  }
}
