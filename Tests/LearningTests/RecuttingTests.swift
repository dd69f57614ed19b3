import LanguageModel
import Testing
import Trajectories

@testable import Learning

struct RecuttingTests {
  let task = RightWrong(chances: [0.5, 1, 0.25, 0.9])

  @Test func `boundaries with the same prefix keep their rollouts`() throws {
    let base = task.trajectory([true, true, true, true])
    let values = try task.valuer(Recipe()).values(of: base, rollouts: 6)
    var joined = base
    joined.steps = try #require(base.steps(joiningAfter: 1))
    let kept = values.recut(as: joined)
    #expect(kept.rollouts == [0, 1, 3, 4].map { values.rollouts[$0] })
    #expect(kept.spent == 24 && kept.mean(2) == values.mean(3))
    // What was spent on the boundary that is gone was spent.
    #expect(kept.tokens == values.tokens)
    let back = kept.recut(as: base)
    #expect(back.rollouts.map(\.count) == [6, 6, 0, 6, 6])
  }

  private func chain() throws -> (ClockChains, Trajectory) {
    var choice = TaskChoice()
    (choice.length, choice.hard) = (2, 1)
    let task = try ClockChains(choice)
    let problem = try #require(task.problem(id: "p", prompt: "3 *8 +2 ?v :"))
    let pieces = ["*8", " 24", "\n", "+2", " 27", "\n", "# ", "27", " $"]
    let steps = [0..<3, 3..<6, 6..<9].map { range in
      Step(start: range.lowerBound, end: range.upperBound, text: pieces[range].joined())
    }
    let trajectory = Trajectory(
      id: "a", problem: problem, promptTokens: [1], responseTokens: Array(0..<9),
      logProbabilities: Array(repeating: 0, count: 9), steps: task.examine(steps, of: problem),
      reward: 0, chainCorrect: false, seed: 1, policyVersion: 0, truncated: false)
    return (task, trajectory)
  }

  @Test func `the task reads steps that were joined`() throws {
    let (task, trajectory) = try chain()
    #expect(trajectory.steps.map(\.verdict) == [.right, .wrong, .inherited])
    let joined = try #require(trajectory.steps(joiningAfter: 0))
    let steps = task.examine(recut: joined, of: trajectory)
    #expect(steps.map(\.verdict) == [.wrong, .inherited])
    #expect(steps[1] == trajectory.steps[2])
  }

  @Test func `of a line cut in two the half that ends it keeps the verdict`() throws {
    let (task, trajectory) = try chain()
    let pieces = ["*8", " 24", "\n", "+2", " 27", "\n", "# ", "27", " $"]
    let split = try #require(trajectory.steps(splitAt: 4, pieces: pieces))
    let steps = task.examine(recut: split, of: trajectory)
    #expect(steps.map(\.verdict) == [.right, nil, .wrong, .inherited])
    #expect(steps[2].note == trajectory.steps[1].note)
  }

  @Test func `a study asks each problem once as far as it can, the same for a seed`() {
    let candidates = (0..<12).map { number in
      var one = task.trajectory([true, true, true, true])
      one.id = "\(number)"
      one.problem.prompt = "problem \(number / 2)"
      return one
    }
    let chosen = StudySelection.draw(5, of: candidates, seed: 3)
    #expect(chosen == StudySelection.draw(5, of: candidates, seed: 3))
    #expect(chosen != StudySelection.draw(5, of: candidates, seed: 4))
    #expect(Set(chosen.compactMap { Int($0) }.map { $0 / 2 }).count == 5)
    #expect(Set(StudySelection.draw(9, of: candidates, seed: 3)).count == 9)
    #expect(StudySelection.draw(99, of: candidates, seed: 3).count == 12)
  }
}
