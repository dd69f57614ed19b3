import LanguageModel
import Testing
import Trajectories

@testable import Learning

@Suite struct MarksInTrainingTests {
  func word(_ trajectory: Trajectory, _ step: Int, _ kind: MarkKind) -> MarkedTrajectory {
    MarkedTrajectory(
      mark: Mark(trajectory: trajectory.id, step: step, kind: kind), trajectory: trajectory)
  }

  @Test func `a marked step is reset to from the next update on`() throws {
    let run = try LoopFixture()
    try run.update()
    let wrong = try #require(run.sampled.first { $0.reward == 0 })
    let metrics = try #require(try run.update(1, marks: [word(wrong, 0, .marked)]))
    #expect(metrics.bufferMarked == 1)
    try run.update(8)
    #expect(run.sampled.contains { $0.forkedFrom?.trajectory == wrong.id })
  }

  @Test func `a rejected trajectory is no longer reset to`() throws {
    let run = try LoopFixture()
    try run.update()
    let stored = try #require(run.loop.state.buffer.states.first)
    let base = try #require(run.sampled.first { $0.id == stored.trajectory })
    let before = run.sampled.count
    try run.update(8, marks: [word(base, stored.step, .rejected)])
    #expect(!run.sampled[before...].contains { $0.forkedFrom?.trajectory == base.id })
    #expect(!run.loop.state.buffer.states.contains { $0.trajectory == base.id })
  }

  @Test(arguments: [MarkKind.marked, .rejected])
  func `an update that is made again leaves the name of an answer somebody spoke of`(
    _ kind: MarkKind
  ) throws {
    let given = try LoopFixture()
    try given.update()
    let spokenOf = try #require(given.sampled.first)
    // As after a return to the start: the same update, and the word still stands.
    let again = try LoopFixture()
    try again.update(1, marks: [word(spokenOf, 0, kind)])
    #expect(!again.sampled.contains { $0.id == spokenOf.id })
    #expect(!again.sampled.contains { $0.forkedFrom?.trajectory == $0.id })
    #expect(again.sampled.allSatisfy { $0.id.hasPrefix("update-1.2/") })
    try again.update()
    #expect(again.sampled.last?.id.hasPrefix("update-2/") == true)
  }
}
