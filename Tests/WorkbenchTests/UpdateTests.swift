import Testing
import Trajectories

@testable import Workbench

/// A state, an action, and the exact change: nothing else may move.
struct UpdateTests {
  private func expect(
    _ start: WorkbenchState, _ action: Action, requests: [Request] = [],
    at place: SourceLocation = #_sourceLocation, change: (inout WorkbenchState) -> Void
  ) {
    var (state, wanted) = (start, start)
    let asked = update(&state, action)
    change(&wanted)
    #expect(asked == requests, sourceLocation: place)
    #expect(state == wanted, sourceLocation: place)
  }

  private let inspect = Scene.state(Scene.state(), after: ["Enter"])

  @Test func `Enter opens the trajectory at the proposed step`() {
    expect(Scene.state(), .key(.enter)) { state in
      state.past = [Layer(screen: .trajectories, selection: Scene.wrong, step: 4, branch: nil)]
      state.screen = .inspect
      state.step = 4
      state.tops = inspect.tops
    }
  }

  @Test func `j goes to the next step`() {
    expect(inspect, .key(.character("j"))) { $0.step = 5 }
  }

  @Test func `m asks for a mark and shows nothing yet`() {
    let mark = Mark(trajectory: Scene.wrong, step: 4, kind: .marked)
    expect(inspect, .key(.character("m")), requests: [.mark(mark)]) { _ in }
  }

  @Test func `a mark is shown once its event came`() {
    let mark = Mark(trajectory: Scene.wrong, step: 4, kind: .marked)
    expect(inspect, .events([.marked(mark)])) { state in
      state.history.apply(.marked(mark))
      state.message = Message(
        text: "Step 5 of #1 is marked; training resets there from the next batch on.",
        severity: .information)
    }
  }

  @Test func `branches that were drawn are told together`() {
    var state = inspect
    _ = update(&state, .engine(.working))
    for (number, reward) in [0.0, 1, 1].enumerated() {
      let fork = Fork(trajectory: Scene.plain, step: 1, keptTokens: 3)
      let branch = Scene.answer("b\(number)", ["*8 24", "*2 3"], reward: reward, fork: fork)
      _ = update(&state, .events([.sampled(branch)]))
      #expect(
        state.message?.text
          == [
            "#\(state.history.trajectories.count) was drawn from step 2 of #3: − wrong.",
            "2 branches leave step 2 of #3, of them 1 right; 3 shows them.",
            "3 branches leave step 2 of #3, of them 2 right; 3 shows them.",
          ][number])
    }
  }

  @Test func `undo after a mark restores the history`() {
    var state = inspect
    let before = state.history
    let mark = Mark(trajectory: Scene.wrong, step: 2, kind: .marked)
    _ = update(&state, .events([.marked(mark)]))
    #expect(update(&state, .key(.character("u"))) == [.undo])
    _ = update(&state, .events([.undone]))
    #expect(state.history.marks == before.marks)
    #expect(state.history.mark(of: Scene.wrong) == nil)
    #expect(update(&state, .key(.control("r"))) == [.redo])
  }

  @Test func `c confirms what the rule proposes, from any step`() {
    var state = inspect
    state.step = 1
    let mark = Mark(trajectory: Scene.wrong, step: 4, kind: .confirmed)
    expect(state, .key(.character("c")), requests: [.mark(mark)]) { _ in }
  }

  @Test func `x rejects it`() {
    let mark = Mark(trajectory: Scene.wrong, step: 4, kind: .rejected)
    expect(inspect, .key(.character("x")), requests: [.mark(mark)]) { _ in }
  }

  @Test func `e values anew with twice the rollouts`() {
    expect(
      inspect, .key(.character("e")), requests: [.estimate(trajectory: Scene.wrong, rollouts: 64)]
    ) { _ in }
  }

  @Test func `s draws more at this step`() {
    expect(
      inspect, .key(.character("s")),
      requests: [.estimateStep(trajectory: Scene.wrong, step: 4, rollouts: 32)]
    ) { _ in }
  }

  @Test func `f asks for the fresh effect and its controls`() {
    expect(
      inspect, .key(.character("f")),
      requests: [
        .measureFresh(trajectory: Scene.wrong, step: 4),
        .controls(trajectory: Scene.wrong, step: 4),
      ]
    ) { _ in }
  }

  @Test func `r asks how many, and Enter takes the default`() {
    let asking = Scene.state(inspect, after: ["r"])
    #expect(asking.mode == .prompt(Prompt(kind: .number(.reset))))
    expect(
      asking, .key(.enter), requests: [.reset(trajectory: Scene.wrong, step: 4, count: 8)]
    ) { $0.mode = .normal }
  }

  @Test func `a count that is none is asked again`() {
    var state = Scene.state(inspect, after: ["r", "a"])
    #expect(update(&state, .key(.enter)) == [])
    #expect(state.mode == .prompt(Prompt(kind: .number(.reset), text: "a")))
    #expect(state.message?.text == "Type a number from 1 to 4096.")
  }

  @Test func `on a branch r draws siblings of it`() {
    let branches = Scene.state(inspect, after: ["Enter"])
    #expect(branches.screen == .branches)
    #expect(branches.branches.cursor == "branch-1")
    var state = Scene.state(branches, after: ["r", "4"])
    #expect(
      update(&state, .key(.enter)) == [.reset(trajectory: Scene.wrong, step: 4, count: 4)])
  }

  @Test func `Esc returns to where one was`() {
    let branch = Scene.state(inspect, after: ["Enter", "Enter"])
    #expect(branch.screen == .inspect)
    #expect(branch.selection == "branch-1")
    let back = Scene.state(branch, after: ["Esc", "Esc"])
    #expect(back.screen == .inspect)
    #expect(back.selection == Scene.wrong)
    #expect(Scene.state(back, after: ["Esc", "Esc"]).screen == .trajectories)
  }

  @Test func `t starts, p pauses, and a paused run resumes`() {
    var state = inspect
    #expect(update(&state, .key(.character("t"))) == [.train(.start)])
    _ = update(&state, .engine(.training))
    #expect(update(&state, .key(.character("t"))) == [])
    #expect(state.message?.text == "Training already runs; p pauses it.")
    #expect(update(&state, .key(.character("p"))) == [.train(.pause)])
    _ = update(&state, .engine(.paused))
    #expect(update(&state, .key(.character("p"))) == [.train(.resume)])
    #expect(update(&state, .key(.character("."))) == [.train(.oneUpdate)])
  }

  @Test func `q asks while training runs, and only another key confirms`() {
    var state = Scene.state()
    _ = update(&state, .engine(.training))
    #expect(update(&state, .key(.character("q"))) == [])
    var again = state
    #expect(update(&again, .key(.character("q"))) == [])
    #expect(again.mode == .normal)
    #expect(update(&state, .key(.character("y"))) == [.quit])
  }

  @Test func `q quits from the list and leaves other screens`() {
    var state = inspect
    #expect(update(&state, .key(.character("q"))) == [])
    #expect(state.screen == .trajectories)
    #expect(update(&state, .key(.character("q"))) == [.quit])
  }

  @Test func `Ctrl-C stops the work and twice leaves`() {
    var state = inspect
    _ = update(&state, .engine(.working))
    #expect(update(&state, .key(.control("c"))) == [.cancel])
    #expect(update(&state, .key(.control("c"))) == [.quit])
    state.interrupted = false
    #expect(update(&state, .key(.control("c"))) == [.cancel])
    _ = update(&state, .key(.character("j")))
    #expect(update(&state, .key(.control("c"))) == [.cancel])
  }

  @Test func `work waits behind a busy engine, and is seen to wait`() {
    var state = inspect
    state.size = Size(columns: 120, rows: 40)
    _ = update(&state, .engine(.working))
    _ = update(
      &state,
      .progress(
        EngineProgress(label: "valuing #1", done: 1, total: 9, secondsLeft: 2, rollouts: 32)))
    #expect(!update(&state, .key(.character("f"))).isEmpty)
    _ = update(&state, .waiting(["measuring step 1 afresh", "measuring the controls"]))
    #expect(view(state).text.contains("; then measuring step 1 afresh and 1 more"))
    #expect(update(&state, .key(.control("c"))) == [.cancel])
    _ = update(&state, .waiting([]))
    #expect(!view(state).text.contains("; then"))
  }

  @Test func `going back in training does not wait behind other work`() {
    var state = inspect
    _ = update(&state, .engine(.working))
    #expect(state.run(.rollback, "0") == [])
    #expect(state.message?.text == "The engine is busy (working); Ctrl-C stops that.")
  }

  @Test(arguments: Keymap.standard.bindings.filter(\.changes).map(\.command))
  func `a read-only workbench changes nothing`(command: Command) {
    var state = Scene.state(readOnly: "another process trains this run.")
    state.screen = Keymap.standard.binding(of: command)?.screens.first ?? .inspect
    #expect(state.run(command, "1") == [])
    #expect(state.message?.text == "Nothing can be changed: another process trains this run.")
  }

  @Test func `partial values are shown until the finished ones come`() {
    var state = inspect
    _ = update(&state, .events([.sampled(Scene.answer("new", ["*8 24", "# 3"], reward: 1))]))
    var partial = Scene.valuation
    partial.trajectory = "new"
    partial.values = Array(partial.values.prefix(3))
    _ = update(&state, .partialValuation(partial))
    #expect(state.valuation(of: "new") == partial)
    _ = update(&state, .events([.valued(partial)]))
    #expect(state.partialValuations.isEmpty)
    #expect(state.valuation(of: "new") == partial)
  }

  @Test func `branches on the way are replaced by those that came`() {
    var state = inspect
    let fork = Fork(trajectory: Scene.right, step: 1, keptTokens: 3)
    let branch = Scene.answer("branch-9", ["*8 24", "# 3"], reward: 1, fork: fork)
    _ = update(&state, .partialBranches([branch]))
    #expect(state.branches(of: Scene.right, at: 1).count == 1)
    _ = update(&state, .events([.sampled(branch)]))
    #expect(state.partialBranches.isEmpty)
    #expect(state.branches(of: Scene.right, at: 1).count == 1)
  }

  @Test func `what a recorded run once said is no news`() {
    let mark = Mark(trajectory: Scene.wrong, step: 4, kind: .marked)
    #expect(Scene.state(events: Scene.events + [.marked(mark), .finished]).message == nil)
    let failed = Scene.state(events: Scene.events + [.failed(message: "The disk is full.")])
    #expect(failed.message?.text == "The disk is full.")
  }

  @Test func `a comparison takes the place of an earlier one`() {
    var state = inspect
    let effect = FreshEffect(
      step: 4, before: Scene.valuation.values[4], after: Scene.valuation.values[5],
      advantage: -0.4, low: -0.5, high: -0.3)
    let tokens = state.trajectory?.steps[4].tokens ?? 0..<0
    var comparison = StepComparison(
      trajectory: Scene.wrong, step: 4, tokens: tokens, firstVersion: 0, secondVersion: 30,
      first: effect, second: effect, cost: Cost(rollouts: 256, tokens: 900, seconds: 1))
    let before = state.history.cost(of: Scene.wrong).rollouts
    _ = update(&state, .events([.compared(comparison)]))
    comparison.second.advantage = 0
    _ = update(&state, .events([.compared(comparison)]))
    #expect(state.history.comparisons(of: Scene.wrong) == [comparison])
    // Both were paid.
    #expect(state.history.cost(of: Scene.wrong).rollouts == before + 512)
    _ = update(&state, .events([.rolledBack(update: 20)]))
    #expect(state.history.comparisons(of: Scene.wrong).isEmpty)
    #expect(state.history.cost(of: Scene.wrong).rollouts == before + 512)
  }

  @Test func `e on Compare asks for both versions`() {
    var state = Scene.state(
      columns: 80, rows: 24,
      events: Scene.events + [.updated(Metrics()), .checkpointed(update: 30)])
    state = Scene.state(state, after: ["Enter", "5"])
    #expect(
      update(&state, .key(.character("e")))
        == [.compare(trajectory: Scene.wrong, step: 4, first: 0, second: 30)])
  }
}
