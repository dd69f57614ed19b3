import Testing
import Trajectories

@testable import Workbench

struct RunHistoryTests {
  private func mark(_ step: Int, _ kind: MarkKind = .marked) -> RunEvent {
    .marked(Mark(trajectory: Scene.wrong, step: step, kind: kind))
  }

  private func metrics(_ update: Int) -> RunEvent {
    var metrics = Metrics()
    metrics.update = update
    return .updated(metrics)
  }

  @Test func `a history is the fold of its events, whole or in pieces`() {
    var pieces = RunHistory()
    for event in Scene.events { pieces.apply(event) }
    #expect(pieces == RunHistory(Scene.events))
    #expect(pieces.trajectories.count == 6)
    #expect(pieces.status == .running)
  }

  @Test func `what only a newer Crux knows is told when a run is opened`() {
    var state = WorkbenchState(
      runName: "runs/a", policyName: "tiny", size: Size(columns: 80, rows: 24))
    let events = Scene.events + [.unknown(kind: "dreamt"), .unknown(kind: "dreamt")]
    _ = update(&state, .events(events))
    #expect(state.history.trajectories == RunHistory(Scene.events).trajectories)
    #expect(state.message?.severity == .warning)
    #expect(view(state).text.contains("2 events of a newer Crux (“dreamt”) kept, but not shown."))
  }

  @Test func `branches are found by the trajectory they left`() {
    let history = RunHistory(Scene.events)
    #expect(history.branches(of: Scene.wrong).map(\.id) == ["branch-1", "branch-2", "branch-3"])
    #expect(history.branches(of: Scene.right).isEmpty)
    #expect(history.place(of: "branch-1") == 3)
  }

  @Test func `undo takes the newest mark back and redo puts it back`() {
    let first = RunHistory(Scene.events + [mark(2)])
    var history = first
    history.apply(mark(5))
    let second = history
    history.apply(.undone)
    #expect(history.mark(of: Scene.wrong)?.step == 2)
    #expect(history.marks == first.marks)
    history.apply(.redone)
    #expect(history == second)
  }

  @Test func `a new mark forgets what was undone`() {
    var history = RunHistory(Scene.events + [mark(2), .undone, mark(3)])
    history.apply(.redone)
    #expect(history.mark(of: Scene.wrong)?.step == 3)
  }

  @Test func `undo and redo of nothing change nothing`() {
    let before = RunHistory(Scene.events)
    #expect(RunHistory(Scene.events + [.undone, .redone]) == before)
  }

  @Test func `a cleared mark leaves the word to the rule, and undo brings it back`() {
    var history = RunHistory(Scene.events + [mark(2), mark(2, .cleared)])
    #expect(history.mark(of: Scene.wrong) == nil)
    history.apply(.undone)
    #expect(history.mark(of: Scene.wrong)?.step == 2)
  }

  @Test func `a rollback forgets later updates, evaluations, checkpoints and values`() {
    var late = Scene.valuation
    late.policyVersion = 3
    var evaluation = EvaluationResult()
    evaluation.policyVersion = 3
    let history = RunHistory(
      Scene.events + [
        metrics(1), .checkpointed(update: 1), metrics(2), metrics(3), .checkpointed(update: 3),
        .evaluated(evaluation), .valued(late), .resumed(update: 1),
      ])
    #expect(history.metrics.map(\.update) == [1])
    #expect(history.evaluations.isEmpty)
    #expect(history.checkpoints == [0, 1])
    #expect(history.policyVersion == 1)
    #expect(history.newestValuation(of: Scene.wrong) == Scene.valuation)
  }

  @Test func `each version of the policy keeps its own valuation`() {
    var late = Scene.valuation
    late.policyVersion = 30
    late.seconds = 5
    let history = RunHistory(Scene.events + [.valued(late)])
    #expect(history.valuation(of: Scene.wrong, version: 0) == Scene.valuation)
    #expect(history.valuation(of: Scene.wrong, version: 30) == late)
    #expect(history.newestValuation(of: Scene.wrong) == late)
  }

  @Test func `another answer under the same name loses the values of the old one`() {
    let other = Scene.answer(Scene.wrong, ["*8 24", "# 24"], reward: 0)
    let history = RunHistory(Scene.events + [.sampled(other)])
    #expect(history.trajectory(Scene.wrong) == other)
    #expect(history.trajectories.count == 6)
    #expect(history.newestValuation(of: Scene.wrong) == nil)
    #expect(history.proposal(for: Scene.wrong) == nil)
  }

  @Test(arguments: [
    (RunEvent.finished, RunHistory.Status.finished), (.stopped, .stopped),
    (.failed(message: "no"), .failed("no")), (.resumed(update: 0), .running),
  ])
  func `the last word on a run is its status`(event: RunEvent, status: RunHistory.Status) {
    #expect(RunHistory(Scene.events + [event]).status == status)
  }
}
