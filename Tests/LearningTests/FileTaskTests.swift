import Grading
import Tensors
import Testing
import Trajectories

@testable import Learning

@Suite struct FileTaskTests {
  let problems = (0..<50).map {
    Problem(
      id: "f/\($0)", task: Problem.fileTask, prompt: "What is \($0)?", reference: "\($0)",
      guessChance: 0, grading: AnswerGrading(.mathematics))
  }

  @Test func `held-out problems are never drawn to learn from`() throws {
    let task = try FileTask(problems, heldOut: 0.2, seed: 999)
    let kept = try #require(task.heldOut(100, seed: 0))
    #expect(kept.count == 10)
    #expect(task.training.count == 40)
    var random = Random(seed: 1)
    let drawn = Set((0..<500).map { _ in task.problem(id: "x", random: &random).id })
    #expect(drawn.isDisjoint(with: kept.map(\.id)))
    #expect(drawn.count == 40)
  }

  @Test func `the split depends on the seed alone`() throws {
    let (one, same) = (
      try FileTask(problems, heldOut: 0.2, seed: 1), try FileTask(problems, heldOut: 0.2, seed: 1)
    )
    let other = try FileTask(problems, heldOut: 0.2, seed: 2)
    #expect(one.heldOutProblems == same.heldOutProblems)
    #expect(one.heldOutProblems != other.heldOutProblems)
    #expect(one.heldOut(3, seed: 5) == Array(one.heldOutProblems.prefix(3)))
  }

  @Test func `too few problems are refused`() {
    #expect(throws: TaskError.self) { try FileTask([problems[0]], heldOut: 0.5, seed: 0) }
    #expect(throws: TaskError.self) { try FileTask(problems, heldOut: 0, seed: 0) }
  }

  @Test func `answers are judged by the file's grading`() throws {
    let task = try FileTask(problems, heldOut: 0.2, seed: 1)
    let problem = try #require(task.problem(id: "y", prompt: "What is 7?"))
    #expect(task.judge("It is \\boxed{\\frac{14}{2}}<|im_end|>", to: problem).reward == 1)
    #expect(task.judge("It is \\boxed{8}</s>", to: problem).reward == 0)
    #expect(task.problem(id: "y", prompt: "What is 70?") == nil)
  }
}
