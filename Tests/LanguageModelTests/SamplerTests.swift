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
}
