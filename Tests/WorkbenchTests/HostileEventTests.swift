import Testing
import Trajectories

@testable import Workbench

/// Events that contradict each other are passed over and told; no screen stumbles over them.
struct HostileEventTests {
  private static let answer = SampleRun.trajectory()

  private static func value(_ boundary: Int) -> StepValue {
    StepValue(
      boundary: boundary, rewardSum: 1, rollouts: 4, truncated: 0, mean: 0.5, low: 0, high: 1)
  }

  private static func effect(_ step: Int) -> FreshEffect {
    FreshEffect(
      step: step, before: value(0), after: value(1), advantage: 0, low: -1, high: 1)
  }

  private static func valued(_ count: Int, anchors: Int? = nil) -> RunEvent {
    let anchor = StepAnchor(kept: 1, keptMean: 1, changed: 1, changedMean: 0, divergence: nil)
    return .valued(
      Valuation(
        trajectory: answer.id, policyVersion: 0, values: (0..<count).map(value), tokens: 1,
        seconds: 1, anchors: anchors.map { Array(repeating: anchor, count: $0) }))
  }

  private static func proposed(_ leader: Int, step: Int? = nil, candidate: Int? = nil) -> RunEvent {
    .proposed(
      CriticalStep(
        trajectory: answer.id, policyVersion: 0, rule: .paperAbsolute, step: step, leader: leader,
        advantage: 0, low: 0, high: 0, confidence: 1, rollouts: 8,
        candidates: candidate.map {
          [StepCandidate(step: $0, score: 1, probability: 1, isClear: true, verdict: .reset)]
        }))
  }

  private static let steps = answer.steps.count
  private static let hostile: [RunEvent] = [
    valued(0), valued(1), valued(steps), valued(steps + 2), valued(steps + 1, anchors: 1),
    proposed(steps), proposed(0, step: steps), proposed(0, candidate: 1_000_000_000),
    .measured(
      StepMeasurement(
        trajectory: answer.id, control: .none, policyVersion: 0, tokens: 0..<1_000_000_000,
        effect: effect(0))),
    .compared(
      StepComparison(
        trajectory: answer.id, step: 1_000_000_000, tokens: 0..<1_000_000_000, firstVersion: 0,
        secondVersion: 1_000_000_000, first: effect(0), second: effect(0))),
    .marked(Mark(trajectory: answer.id, step: 1_000_000_000, kind: .marked)),
    .labelled(
      StepLabel(
        person: "Ada", trajectory: answer.id, step: 1_000_000_000, starts: [], blind: false)),
  ]

  private static func fork(of parent: String, named id: String) -> RunEvent {
    var branch = answer
    branch.id = id
    branch.forkedFrom = Fork(trajectory: parent, step: 1_000_000_000, keptTokens: 1)
    return .sampled(branch)
  }

  private func expectScreens(of events: [RunEvent]) {
    var state = WorkbenchState(
      runName: "r", policyName: "p", size: Size(columns: 100, rows: 30), glyphs: .unicode)
    _ = update(&state, .events(events))
    for trajectory in state.history.trajectories.map(\.id) {
      state.selection = trajectory
      for screen in ScreenName.allCases where screen != .study {
        state.screen = screen
        for step in [0, 1, 1000] {
          state.step = step
          _ = update(&state, .resized(state.size))
          _ = view(state)
        }
      }
    }
  }

  @Test func `each that does not fit is passed over and told`() {
    for event in Self.hostile {
      let history = RunHistory([.sampled(Self.answer), event])
      #expect(history.skipped.damaged == 1, "\(event)")
      #expect(history.skipped.words?.contains(Self.answer.id) == true)
      #expect(history == RunHistory([.sampled(Self.answer), event]))
      expectScreens(of: [.sampled(Self.answer), event])
    }
  }

  @Test func `what was said before its answer came is dropped where it does not fit`() {
    for event in Self.hostile {
      expectScreens(of: [event, .sampled(Self.answer)])
    }
    let history = RunHistory([Self.valued(2), .sampled(Self.answer)])
    #expect(history.newestValuation(of: Self.answer.id) == nil)
  }

  @Test func `forks in a circle are told and drawn once`() {
    let events = [
      Self.fork(of: "b", named: "a"), Self.fork(of: "a", named: "b"),
      Self.fork(of: "c", named: "c"), Self.fork(of: "nobody", named: "d"),
    ]
    #expect(RunHistory(events).trajectories.map(\.id) == ["a", "d"])
    expectScreens(of: events)
  }

  @Test func `numbers at the ends of their range reach every screen`() {
    for number in [0, 1e308, -1e308, .infinity, -.infinity, .nan, .leastNonzeroMagnitude] {
      var metrics: [RunEvent] = []
      for update in [1, 2, 1_000_000_000] {
        var one = Metrics()
        one.update = update
        (one.reward, one.loss, one.kl, one.entropy) = (number, -number, number, number)
        (one.gradientNorm, one.learningRate, one.seconds) = (number, number, number)
        (one.tokensPerSecond, one.responseLength, one.truncatedShare) = (number, number, number)
        (one.explainedVariance, one.valueLoss, one.bufferAge) = (number, number, number)
        var result = EvaluationResult()
        result.policyVersion = update
        (result.sampled, result.sampledError, result.greedy) = (number, number, number)
        (one.trainingTokens, one.bufferSize) = (100_000_000_000, 100_000_000_000)
        metrics += [.updated(one), .evaluated(result), .checkpointed(update: update)]
      }
      expectScreens(of: [.sampled(Self.answer)] + metrics)
      expectScreens(of: [.sampled(Self.answer)] + metrics + metrics.reversed())
    }
  }
}
