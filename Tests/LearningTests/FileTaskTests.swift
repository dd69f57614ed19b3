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

  @Test func `equal questions stay on one side, and that they repeat is told`() throws {
    // Ten questions, the n-th asked n times, spaced in other ways.
    let rows = (1...10).flatMap { number in
      (0..<number).map { copy in
        Problem(
          id: "f/\(number).\(copy)", task: Problem.fileTask,
          prompt: "What is \(number)?" + String(repeating: " ", count: copy), reference: "1",
          guessChance: 0)
      }
    }
    for seed in 0..<20 as Range<UInt64> {
      let task = try FileTask(rows, heldOut: 0.2, seed: seed)
      func questions(_ problems: [Problem]) -> Set<Substring> {
        Set(problems.map { $0.prompt.prefix { $0 != "?" } })
      }
      let (learnt, kept) = (questions(task.training), questions(task.heldOutProblems))
      #expect(learnt.isDisjoint(with: kept) && learnt.count == 8 && kept.count == 2)
      #expect(task.training.count + task.heldOutProblems.count == rows.count)
      #expect(task.warnings.count == 1 && task.warnings[0].hasPrefix("45 of the 55"))
    }
    #expect(try FileTask(problems, heldOut: 0.2, seed: 1).warnings.isEmpty)
    let one = (0..<10).map { number in
      var row = problems[0]
      row.id = "f/\(number)"
      return row
    }
    #expect(throws: TaskError.self) { try FileTask(one, heldOut: 0.2, seed: 0) }
  }

  @Test func `questions of the held-out file that are learnt from are told`() throws {
    let mixed = Array(problems[..<3] + problems[40...])
    let task = try FileTask(Array(problems[..<20]), heldOut: mixed, seed: 1)
    #expect(task.heldOutProblems.count == 13)
    #expect(task.warnings.count == 1 && task.warnings[0].hasPrefix("3 of the 13"))
    #expect(
      try FileTask(Array(problems[..<20]), heldOut: Array(problems[20...]), seed: 1).warnings == [])
  }

  @Test func `too few problems are refused`() throws {
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
