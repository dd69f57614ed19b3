import LanguageModel
import Tensors
import Testing

@Suite struct DecodingTests {
  private func draw(
    _ policy: Transformer, _ requests: [RolloutRequest], sampling: Sampling = Sampling(),
    endTokens: Set<Token> = []
  ) throws -> [[Continuation]] {
    try policy.continuations(of: requests, sampling: sampling, endTokens: endTokens)
  }

  @Test(arguments: Fixtures.models)
  func `decoding agrees with scoring`(_ name: String) throws {
    let policy = try GoldenModels.load(name)
    let prefix: [Token] = [5, 17, 3, 88, 21]
    let request = RolloutRequest(prefix: prefix, seeds: Array(0..<5), limit: 45)
    for answer in try draw(policy, [request])[0] {
      let score = policy.score([
        TokenRow(tokens: prefix + answer.tokens, firstPredicted: prefix.count)
      ])[0]
      #expect(answer.tokens.count == 45)
      #expect(GoldenModels.distance(score.logProbabilities, answer.logProbabilities) < 5e-5)
    }
  }

  @Test(arguments: Fixtures.models)
  func `the likeliest token is the largest logit`(_ name: String) throws {
    let policy = try GoldenModels.load(name)
    var tokens: [Token] = [11, 2]
    let answer = try draw(
      policy, [RolloutRequest(prefix: tokens, seeds: [0], limit: 12)], sampling: .greedy)
    for token in answer[0][0].tokens {
      let last = policy.logits(tokens)[tokens.count - 1]
      #expect(last[Int(token)] > (last.max() ?? 0) - 1e-4)
      tokens.append(token)
    }
  }

  @Test(arguments: SmallShape.allCases)
  func `a fork continues exactly as the original`(_ family: SmallShape) throws {
    let policy = smallPolicy(family: family)
    let prompt: [Token] = [1, 2, 3, 4, 5, 6, 7]
    let original = try draw(
      policy, [RolloutRequest(prefix: prompt, seeds: [3], limit: 50)], sampling: .greedy)[0][0]
    let resets = [1, 8, 9, 10, 25, 26, 40].map { kept in
      RolloutRequest(prefix: prompt + original.tokens[..<kept], seeds: [9], limit: 50 - kept)
    }
    // All at once, so that they share pages, and each alone.
    let together = try draw(policy, resets, sampling: .greedy)
    for (reset, fork) in zip(resets, together) {
      #expect(reset.prefix + fork[0].tokens == prompt + original.tokens)
      #expect(try draw(policy, [reset], sampling: .greedy)[0] == fork)
    }
  }

  @Test func `a rollout does not depend on the others of its call`() throws {
    let policy = smallPolicy()
    let requests = (0..<12).map { (index: Int) -> RolloutRequest in
      let tail = (0..<index).map { Token($0 * 5 % 50) }
      let seeds = (0..<9).map { UInt64(index * 31 + $0) }
      return RolloutRequest(prefix: [9, 8, 7] + tail, seeds: seeds, limit: 5 + index)
    }
    let together = try draw(policy, requests, endTokens: [0, 1])
    for index in [0, 5, 11] {
      for (place, seed) in requests[index].seeds.enumerated() {
        var alone = requests[index]
        alone.seeds = [seed]
        #expect(try draw(policy, [alone], endTokens: [0, 1])[0] == [together[index][place]])
      }
    }
  }

  @Test func `branching prefixes are told apart`() throws {
    let policy = smallPolicy()
    let trunk = (0..<20).map { Token($0 % 50) }
    let prefixes: [[Token]] = [
      trunk, trunk + [30], trunk + [31], trunk + [31, 5, 6], Array(trunk[..<7]) + [44],
      Array(trunk[..<7]) + [45, 1], [49], trunk,
    ]
    let requests = prefixes.map { RolloutRequest(prefix: $0, seeds: [1, 2], limit: 9) }
    let answers = try draw(policy, requests)
    for (request, answer) in zip(requests, answers) {
      #expect(try draw(policy, [request])[0] == answer)
    }
    #expect(answers[0] == answers[7])
  }

  @Test func `a model larger than the cache decodes as it scores`() throws {
    var shape = Architecture()
    shape.vocabulary = 270_000
    shape.layers = 1
    shape.tied = true
    let parameters = Parameters(shapes: shape.parameterShapes)
    var random = Random(seed: 4)
    for index in parameters.weights.indices {
      parameters.weights[index] = random.uniform() * 0.5 - 0.25
    }
    let policy = Transformer(architecture: shape, parameters: parameters)
    let request = RolloutRequest(prefix: [5, 200_000, 7], seeds: [1, 2, 3], limit: 6)
    let answers = try draw(policy, [request])[0]
    let rows = answers.map { TokenRow(tokens: request.prefix + $0.tokens, firstPredicted: 3) }
    for (answer, score) in zip(answers, policy.score(rows)) {
      #expect(GoldenModels.distance(score.logProbabilities, answer.logProbabilities) < 5e-5)
    }
    #expect(answers.map(\.tokens.count) == [6, 6, 6])
  }

  @Test func `an end token ends a rollout and the limit truncates it`() throws {
    let policy = smallPolicy()
    let request = RolloutRequest(prefix: [1], seeds: Array(0..<64), limit: 12)
    let answers = try draw(policy, [request], endTokens: [2, 3, 4, 5, 6, 7])[0]
    #expect(answers.contains { $0.truncated })
    #expect(answers.contains { !$0.truncated })
    for answer in answers {
      let ended = (2...7).contains(answer.tokens.last ?? 0)
      #expect(answer.truncated == !ended)
      #expect(answer.tokens.dropLast().allSatisfy { !(2...7).contains($0) })
      #expect(answer.tokens.count == 12 || ended)
      #expect(answer.logProbabilities.count == answer.tokens.count)
    }
    #expect(answers.map(\.seed) == request.seeds)
  }

  @Test func `no rollout passes the context length`() throws {
    let policy = smallPolicy()
    let requests = [90, 96, 100].map { length in
      RolloutRequest(prefix: Array(repeating: 3, count: length), seeds: [1], limit: 50)
    }
    let answers = try draw(policy, requests).map { $0[0] }
    #expect(answers.map(\.tokens.count) == [6, 0, 0])
    #expect(answers.allSatisfy { $0.truncated })
  }

  @Test func `every rollout is reported once`() throws {
    let policy = smallPolicy()
    let requests = (0..<4).map {
      RolloutRequest(prefix: [Token($0)], seeds: Array(0..<50), limit: 8)
    }
    var seen: Set<[Int]> = []
    var counts: [Int] = []
    _ = try policy.continuations(
      of: requests, sampling: Sampling(), endTokens: [],
      progress: WorkProgress { report in
        seen.insert([report.request, report.rollout])
        counts.append(report.finished)
      })
    #expect(seen.count == 200)
    #expect(counts == Array(1...200))
  }

  @Test func `whoever watches the tokens may end the call`() {
    let policy = smallPolicy()
    // One rollout is drawn by the thread that asked, which is the one that watches.
    let request = RolloutRequest(prefix: [1, 2], seeds: [1], limit: 20)
    policy.watch = .until { true }
    #expect(throws: Stopped.self) { _ = try draw(policy, [request]) }
    policy.watch = .unheard
    #expect(throws: Never.self) { _ = try draw(policy, [request]) }
  }

  @Test func `reports of a part become reports of the whole, and a stop goes up`() throws {
    var heard: [PartsDone] = []
    let whole = WorkProgress<PartsDone> { parts throws(Stopped) in
      heard.append(parts)
      if parts.done == 12 { throw Stopped() }
    }
    let part = whole.reporting { (done: Int) in PartsDone(10 + done, of: 20) }
    try part(1)
    #expect(throws: Stopped.self) { try part(2) }
    #expect(heard == [PartsDone(11, of: 20), PartsDone(12, of: 20)])
  }

  @Test func `weights that changed change the rollouts`() throws {
    let policy = smallPolicy()
    let request = RolloutRequest(prefix: [1, 2], seeds: [1, 2, 3], limit: 20)
    let before = try draw(policy, [request])
    for index in policy.parameters.weights.indices { policy.parameters.weights[index] *= -0.5 }
    policy.weightsChanged()
    let after = try draw(policy, [request])
    #expect(before != after)
    #expect(try draw(policy.copy(), [request]) == after)
  }
}
