import Foundation
import LanguageModel
import Testing

@testable import ServedPolicy

private let address = ProcessInfo.processInfo.environment["CRUX_SERVER"]

/// A real server, where one is named: `CRUX_SERVER=http://127.0.0.1:8000`.
@Suite(.enabled(if: address != nil), .timeLimit(.minutes(30)))
struct RealServerTests {
  @Test func `a server draws what it is asked for, and scores it as it drew it`() throws {
    let (policy, found) = try ServedPolicy.connect(urls: [try #require(address)])
    Attachment.record(found.lines.map { "\($0.name): \($0.value)" }.joined(separator: "\n"))
    let prompt = try policy.tokenizer?.encode("4 + 3 = 7. 2 + 6 =") ?? [31, 32, 33, 34, 35]
    let requests = [request(prompt, 1..<33, limit: 16)]
    let (first, reports) = try draw(policy, requests)
    #expect(reports.count == 32)
    let empty = first[0].count { $0.tokens.isEmpty }
    #expect(empty == 0)
    #expect(first[0].allSatisfy { $0.tokens.count == $0.logProbabilities.count })
    #expect(Set(first[0].map(\.tokens)).count > 1)
    let greedy = try draw(policy, [request(prompt, 1..<3, limit: 8)], sampling: .greedy).answers[0]
    #expect(greedy[0].tokens == greedy[1].tokens)
    guard found.scoresPrompts, policy.logProbabilityNote(Sampling()) == nil else { return }
    let rows = first[0].map {
      TokenRow(tokens: prompt + $0.tokens, firstPredicted: prompt.count)
    }
    for (score, drawn) in zip(policy.score(rows), first[0]) {
      for (again, once) in zip(score.logProbabilities, drawn.logProbabilities) {
        #expect(abs(again - once) < 1e-2)
      }
    }
  }
}
