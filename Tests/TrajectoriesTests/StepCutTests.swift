import Testing
import Trajectories

struct StepCutTests {
  private let pieces = ["*8", " 24", "\n", "+1", " 25", "\n", "# ", "25", "$"]

  private var trajectory: Trajectory {
    let steps = [0..<3, 3..<6, 6..<9].map { range in
      Step(start: range.lowerBound, end: range.upperBound, text: pieces[range].joined())
    }
    return Trajectory(
      id: "a",
      problem: Problem(id: "p", task: "file", prompt: "?", reference: "25", guessChance: 0),
      promptTokens: [1], responseTokens: Array(0..<9),
      logProbabilities: Array(repeating: 0, count: 9),
      steps: steps, reward: 1, chainCorrect: nil, seed: 1, policyVersion: 0, truncated: false)
  }

  @Test func `a split step is two that say the same`() throws {
    let steps = try #require(trajectory.steps(splitAt: 4, pieces: pieces))
    #expect(steps.map(\.tokens) == [0..<3, 3..<4, 4..<6, 6..<9])
    #expect(steps.map(\.text).joined() == trajectory.text)
  }

  @Test(arguments: [-1, 0, 3, 9, 99])
  func `where a boundary is or cannot be nothing is split`(token: Int) {
    #expect(trajectory.steps(splitAt: token, pieces: pieces) == nil)
  }

  @Test func `no split leaves a half of a character`() {
    // The first token of two that make one character has no text of its own.
    let half = ["*8", " 24", "\n", "", "é", "\n", "# ", "25", "$"]
    #expect(trajectory.steps(splitAt: 4, pieces: half) == nil)
    #expect(trajectory.steps(splitAt: 5, pieces: half) != nil)
  }

  @Test func `joining takes a split back`() throws {
    var split = trajectory
    split.steps = try #require(trajectory.steps(splitAt: 4, pieces: pieces))
    #expect(split.steps(joiningAfter: 1) == trajectory.steps)
    #expect(split.steps(joiningAfter: 3) == nil)
  }

  @Test func `a cut that does not cover the response is known as such`() {
    var cut = StepCut(
      trajectory: "a", kind: .joined, token: 3, starts: [0, 3, 6], steps: trajectory.steps)
    #expect(cut.covers(9) && !cut.covers(8))
    cut.steps.remove(at: 1)
    #expect(!cut.covers(9))
  }

  @Test func `a step is found again by its first token`() throws {
    let cut = StepCut(
      trajectory: "a", kind: .joined, token: 3, starts: [0, 3, 6],
      steps: try #require(trajectory.steps(joiningAfter: 0)))
    #expect([0, 1, 2].map { cut.place(of: $0) } == [0, 0, 1])
  }

  @Test func `steps of a chain are hard, easy or the answer; others stand in thirds`() {
    var chain = trajectory
    #expect([0, 1, 2].map { chain.kind(of: $0) } == [.first, .middle, .last])
    chain.problem.task = "chains"
    #expect([0, 1, 2].map { chain.kind(of: $0) } == [.hard, .easy, .answer])
  }
}
