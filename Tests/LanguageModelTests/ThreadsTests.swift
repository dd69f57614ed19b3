import Comparing
import LanguageModel
import Tensors
import Testing

/// The number of threads is one for the whole process, so these run one after another.
@Suite(.serialized) struct ThreadsTests {
  private func withThreads<Result>(_ count: Int, _ body: () throws -> Result) rethrows -> Result {
    Parallel.threads = count
    defer { Parallel.threads = 0 }
    return try body()
  }

  private let rows = (0..<60).map { row in
    TokenRow(
      tokens: (0..<(9 + row % 23)).map { Token((row * 11 + $0 * $0) % 50) },
      firstPredicted: 1 + row % 4)
  }

  @Test(arguments: SmallShape.allCases, ProductPrecision.allCases)
  func `gradients do not depend on the number of threads`(
    _ family: SmallShape, _ precision: ProductPrecision
  ) {
    let gradients = [1, 2, 3].map { threads in
      withThreads(threads) {
        let policy = smallPolicy(family: family)
        policy.differentiate(rows, precision: precision) { scores in
          scores.map {
            ScoreGradients(logProbabilities: $0.logProbabilities, entropies: $0.entropies)
          }
        }
        return Array(policy.parameters.gradients)
      }
    }
    #expect(gradients[0].contains { $0 != 0 })
    expectEqual(gradients[0], gradients[1])
    expectEqual(gradients[0], gradients[2])
  }

  @Test func `a long row has the same numbers on one thread and on several`() {
    let long = [
      TokenRow(tokens: (0..<301).map { Token(($0 * $0 + 3) % 50) }, firstPredicted: 2)
    ]
    let answers = [1, 2, 3].map { threads in
      withThreads(threads) { () -> (TokenScores, [Float]) in
        let policy = smallPolicy(family: .qwen3)
        policy.differentiate(long) { scores in
          [ScoreGradients(logProbabilities: scores[0].logProbabilities)]
        }
        return (policy.score(long)[0], Array(policy.parameters.gradients))
      }
    }
    for answer in answers[1...] {
      #expect(answer.0 == answers[0].0)
      #expect(answer.1 == answers[0].1)
    }
    #expect(answers[0].1.contains { $0 != 0 })
  }

  @Test func `rollouts do not depend on the number of threads`() throws {
    let requests = (0..<9).map { (index: Int) -> RolloutRequest in
      let tail = (0..<index * 3).map { Token($0 % 50) }
      let seeds = (0..<7).map { UInt64(index * 100 + $0) }
      return RolloutRequest(prefix: [1, 2, 3, Token(index % 3)] + tail, seeds: seeds, limit: 20)
    }
    let answers = try [1, 2, 3].map { (threads: Int) -> [[Continuation]] in
      try withThreads(threads) {
        try smallPolicy().continuations(
          of: requests, sampling: Sampling(), endTokens: [4, 5])
      }
    }
    #expect(answers[0].map(\.count) == Array(repeating: 7, count: 9))
    #expect(answers[0] == answers[1])
    #expect(answers[0] == answers[2])
  }

  @Test func `a stop ends the call and nothing is reported after it`() {
    // With one thread the reports come after every token.
    let heard = withThreads(1) { () -> Int in
      let requests = (0..<4).map {
        RolloutRequest(prefix: [Token($0)], seeds: Array(0..<50), limit: 8)
      }
      var reports = 0
      let progress = WorkProgress<RolloutReport> { report throws(Stopped) in
        reports += 1
        #expect(report.finished == reports && report.total == 200)
        if reports == 3 { throw Stopped() }
      }
      #expect(throws: Stopped.self) {
        _ = try smallPolicy().continuations(
          of: requests, sampling: Sampling(), endTokens: [], progress: progress)
      }
      return reports
    }
    #expect(heard == 3)
  }

  @Test func `a step of the optimizer does not depend on the number of threads`() {
    let count = 200_003
    let results = [1, 2].map { threads in
      withThreads(threads) {
        let buffers = (0..<4).map { _ in allocateFloats(count) }
        defer { for buffer in buffers { buffer.deallocate() } }
        for index in 0..<count {
          buffers[0][index] = Float(index % 101) / 50 - 1
          buffers[1][index] = Float(index % 37) / 20 - 0.9
        }
        adamWStep(
          weights: buffers[0], gradients: buffers[1], firstMoments: buffers[2],
          secondMoments: buffers[3], range: 0..<count,
          AdamWStep(
            learningRate: 0.01, beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1, step: 1))
        return (Array(buffers[0]), squaredNorm(buffers[1]))
      }
    }
    #expect(results[0].0 == results[1].0)
    #expect(results[0].1 == results[1].1)
  }
}
