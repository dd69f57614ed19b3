import Testing

@testable import Learning

@Suite struct StepLabelScoreTests {
  @Test func `F1 is the harmonic mean of both shares`() throws {
    var score = StepLabelScore()
    #expect(score.f1 == nil)
    for (named, label) in [(2, 2), (1, 2), (nil, 0), (3, 0)] as [(Int?, Int)] {
      score.add(named, label: label, steps: 4)
    }
    #expect(score.wrong == Proportion(1, of: 4))
    #expect(score.near == Proportion(2, of: 4))
    #expect(score.overlooked == Proportion(1, of: 4))
    #expect(score.chance == 0.25)
    #expect(score.f1 == nil)
    score.add(nil, label: nil, steps: 3)
    score.add(1, label: nil, steps: 3)
    #expect(score.right == Proportion(1, of: 2))
    #expect(abs(try #require(score.f1) - 1 / 3) < 1e-12)
  }
}
