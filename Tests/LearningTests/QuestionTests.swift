import LanguageModel
import Testing
import Trajectories

@testable import Learning

struct QuestionTests {
  let task = RightWrong(chances: [0.5, 0.5])

  private func answers(reference: String) throws -> [Trajectory] {
    let sampler = task.sampler(Recipe())
    return try (0..<12).map { number in
      try #require(
        try sampler.answer(
          "go", reference: reference, id: "asked-\(number)", seed: UInt64(number)))
    }
  }

  @Test func `an answer that ends on what the reader expects is right`() throws {
    let answers = try answers(reference: "Right.")
    for answer in answers {
      #expect(answer.problem.task == Problem.askedTask)
      #expect(answer.reward == (answer.steps.suffix(2).first?.text == "right\n" ? 1 : 0))
      // The task says nothing of a problem that it did not draw.
      #expect(answer.chainCorrect == nil)
      #expect(answer.steps.allSatisfy { $0.verdict == nil })
    }
    #expect(Set(answers.map(\.reward)) == [0, 1])
  }

  @Test func `where nobody knows the answer the first one is agreed with`() throws {
    let sampler = task.sampler(Recipe())
    for answer in try answers(reference: "") {
      #expect(answer.problem.isAgreement)
      #expect(answer.reward == 1)
      #expect(["right", "wrong"].contains(answer.problem.reference))
      let values = try StepValuer(sampler).values(of: answer, rollouts: 200)
      // Both lines are right once in four times, so the last one is wrong three times.
      let share = answer.problem.reference == "right" ? 0.25 : 0.75
      #expect(abs(values.mean(0) - share) < 0.1)
    }
  }

  @Test func `an answer does not depend on what else is asked`() throws {
    let sampler = task.sampler(Recipe())
    let questions = (0..<6).map { number in
      Question(
        problem: Problem(
          id: "\(number)", task: "right-wrong", prompt: "go", reference: "right", guessChance: 0),
        seed: UInt64(number), id: "answer-\(number)")
    }
    let together = try sampler.sample(questions)
    let alone = try questions.flatMap { try sampler.sample([$0]) }
    #expect(together == alone)
    #expect(together.map(\.id) == questions.map(\.id))
    let progress = WorkProgress<AnswerReport> { report throws(Stopped) in
      if report.finished == 3 { throw Stopped() }
    }
    #expect(throws: Stopped.self) { _ = try sampler.sample(questions, progress: progress) }
  }
}
