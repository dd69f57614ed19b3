import LanguageModel
import Tensors
import Testing

/// Rollouts that share pages of keys and values, in models of both kinds: those that decode in
/// several batches side by side and those whose one batch all threads share.
@Suite struct SharedPagesTests {
  private static func policy(large: Bool) -> Transformer {
    var shape = Architecture()
    shape.vocabulary = large ? 270_000 : 97
    shape.keyHeads = 2
    shape.layers = large ? 1 : 2
    shape.tied = true
    let parameters = Parameters(shapes: shape.parameterShapes)
    var random = Random(seed: 11)
    for index in parameters.weights.indices {
      parameters.weights[index] = random.uniform() * 0.5 - 0.25
    }
    return Transformer(architecture: shape, parameters: parameters)
  }

  /// Prefixes that part at the start, within a page and at its end.
  private let requests: [RolloutRequest] = {
    let trunk = (0..<40).map { Token($0 * 7 % 90) }
    let prefixes: [[Token]] = [
      trunk, trunk + [5], Array(trunk[..<32]) + [1, 2], Array(trunk[..<16]), [3],
    ]
    return prefixes.enumerated().map { index, prefix in
      RolloutRequest(prefix: prefix, seeds: (0..<4).map { UInt64(10 * index + $0) }, limit: 7)
    }
  }()

  private func draw(
    _ policy: Transformer, _ requests: [RolloutRequest],
    _ precision: ProductPrecision = .float32
  ) throws -> [[Continuation]] {
    var sampling = Sampling()
    sampling.precision = precision
    return try policy.continuations(
      of: requests, sampling: sampling, endTokens: [])
  }

  @Test(arguments: [false, true], ProductPrecision.allCases)
  func `a rollout is the same alone and among those that share its pages`(
    _ large: Bool, _ precision: ProductPrecision
  ) throws {
    let policy = Self.policy(large: large)
    let together = try draw(policy, requests, precision)
    for (index, request) in requests.enumerated() {
      let seed = request.seeds[index % 4]
      let alone = RolloutRequest(prefix: request.prefix, seeds: [seed], limit: 7)
      #expect(try draw(policy, [alone], precision)[0] == [together[index][index % 4]])
    }
  }

  @Test(arguments: [false, true])
  func `a rollout goes on from a longer prefix as from the one it was drawn from`(_ large: Bool)
    throws
  {
    let policy = Self.policy(large: large)
    let request = RolloutRequest(prefix: requests[0].prefix, seeds: [1], limit: 30)
    let whole = try policy.continuations(
      of: [request], sampling: .greedy, endTokens: [])[0][0].tokens
    let later = [8, 9, 24].map { kept in
      RolloutRequest(prefix: request.prefix + whole[..<kept], seeds: [1], limit: 30 - kept)
    }
    let answers = try policy.continuations(
      of: later, sampling: .greedy, endTokens: [])
    for (kept, answer) in zip([8, 9, 24], answers) {
      #expect(answer[0].tokens == Array(whole[kept...]))
    }
  }

  @Test(arguments: [false, true])
  func `rounded weights draw at nearly the probabilities of those that are trained`(_ large: Bool)
    throws
  {
    let policy = Self.policy(large: large)
    for (request, answers) in zip(requests, try draw(policy, requests, .bfloat16)) {
      let rows = answers.map {
        TokenRow(tokens: request.prefix + $0.tokens, firstPredicted: request.prefix.count)
      }
      for (answer, score) in zip(answers, policy.score(rows)) {
        let distance = GoldenModels.distance(score.logProbabilities, answer.logProbabilities)
        #expect(distance > 0)
        #expect(distance < 0.1)
      }
    }
  }
}
