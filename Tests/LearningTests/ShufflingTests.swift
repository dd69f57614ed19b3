import Tensors
import Testing
import Trajectories

@testable import Learning

struct ShufflingTests {
  @Test func `a seed gives the order it always gave`() {
    var random = Random(seed: 7)
    #expect(Array(0..<10).shuffled(&random) == [6, 1, 8, 3, 0, 2, 9, 4, 5, 7])
    let problems = (0..<10).map {
      Problem(id: "\($0)", task: Problem.fileTask, prompt: "", reference: "", guessChance: 0)
    }
    let order = FileTask.shuffled(problems, seed: 5).map(\.id)
    #expect(order == [5, 6, 1, 3, 0, 2, 4, 9, 8, 7].map { "\($0)" })
  }

  @Test func `fewer than two elements cost no draw`() {
    var random = Random(seed: 7)
    let before = random
    #expect([Int]().shuffled(&random).isEmpty)
    #expect([1].shuffled(&random) == [1])
    #expect(random == before)
  }
}
