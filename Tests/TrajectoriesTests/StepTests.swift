import Testing
import Trajectories

struct StepTests {
  @Test func `a response is cut after every newline`() {
    let pieces = ["*8", " 24", "\n", "# ", "24", "$"]
    #expect(Step.cut(pieces: pieces, minimum: 1, maximum: 30) == [0..<3, 3..<6])
  }

  @Test func `short pieces are merged with what follows`() {
    let pieces = ["a", "\n", "b", "\n", "c", "d", "\n", "e"]
    #expect(Step.cut(pieces: pieces, minimum: 4, maximum: 30) == [0..<4, 4..<8])
  }

  @Test func `what is left is the last step`() {
    let pieces = Array(repeating: "\n", count: 9)
    #expect(Step.cut(pieces: pieces, minimum: 1, maximum: 3) == [0..<1, 1..<2, 2..<9])
  }

  @Test(arguments: [(1, 1), (2, 3), (5, 30), (100, 2)])
  func `steps cover the response exactly`(minimum: Int, maximum: Int) {
    let pieces = (0..<57).map { $0 % 7 == 3 || $0 % 5 == 1 ? "x\n" : "x" }
    let steps = Step.cut(pieces: pieces, minimum: minimum, maximum: maximum)
    #expect(steps.flatMap { Array($0) } == Array(0..<57))
    #expect(steps.count <= maximum)
  }

  @Test func `an empty response has no steps`() {
    #expect(Step.cut(pieces: [], minimum: 1, maximum: 30).isEmpty)
  }
}
