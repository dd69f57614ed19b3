import Testing
import Trajectories

@testable import Workbench

struct CreditTests {
  private func value(_ mean: Double, _ low: Double, _ high: Double, rollouts: Int = 32) -> StepValue
  {
    StepValue(
      boundary: 0, rewardSum: 0, rollouts: rollouts, truncated: 0, mean: mean, low: low, high: high)
  }

  @Test func `the interval of a difference is recovered from those of both values`() {
    let credit = Credit(before: value(0.5, 0.3, 0.6), after: value(0.2, 0.1, 0.6))
    #expect(abs(credit.advantage + 0.3) < 1e-12)
    #expect(abs(credit.low - (-0.3 - (0.01 + 0.01).squareRoot())) < 1e-12)
    #expect(abs(credit.high - (-0.3 + (0.16 + 0.04).squareRoot())) < 1e-12)
    #expect(!credit.sure)
  }

  @Test func `a boundary without rollouts gives no credit, the end does`() {
    var valuation = Scene.valuation
    valuation.values[3].rollouts = 0
    #expect(valuation.credit(of: 2) == nil)
    #expect(valuation.credit(of: 3) == nil)
    #expect(valuation.credit(of: 8) != nil)
    #expect(valuation.credit(of: 9) == nil)
  }

  @Test func `the rule's own interval stands where it speaks of the same rollouts`() {
    var state = Scene.state()
    #expect(state.credit(of: 4, in: Scene.wrong)?.low == -0.61)
    var more = Scene.valuation
    more.values[4].rollouts = 64
    _ = update(&state, .partialValuation(more))
    #expect(state.credit(of: 4, in: Scene.wrong)?.low != -0.61)
  }

  @Test func `rollouts that keep a step stand beside those that do not`() {
    var state = Scene.state()
    var valuation = Scene.valuation
    let anchor = StepAnchor(
      kept: 59, keptMean: 0.68, changed: 5, changedMean: 0, divergence: 0.16)
    valuation.anchors = Array(repeating: anchor, count: 9)
    _ = update(&state, .partialValuation(valuation))
    state.step = 4
    let lines = StepText(state: state, columns: 78).anchorLines(of: Scene.wrong).map {
      $0.map(\.text).joined()
    }
    #expect(
      lines == [
        "kept  V .68, 59 rollouts; else V .00, 5: counterfactual +.68",
        "the step moves the answers by KL 0.16 nats",
      ])
  }

  @Test func `children give a value with Wilson's interval`() throws {
    let half = try #require(ChildValue(rewards: [1, 0, 1, 0, 1, 0, 1, 0, 1, 0]))
    #expect(half.mean == 0.5)
    // Wilson's interval for 5 of 10, from the published table: .237 and .763.
    #expect(abs(half.low - 0.2366) < 1e-3)
    #expect(abs(half.high - 0.7634) < 1e-3)
    #expect(ChildValue(rewards: []) == nil)
  }

  private func cells(
    _ length: Double, _ value: Double, sure: Bool, _ glyphs: Glyphs
  ) -> String {
    String(AdvantageBar(value: value, isSure: sure, glyphs: glyphs).cells(length))
  }

  @Test func `bars grow from the axis by eighths, and hatched where unsure`() {
    #expect(cells(2.5, 1, sure: true, .unicode) == "██▌")
    #expect(cells(2.5, -1, sure: true, .unicode) == "██▐")
    #expect(cells(2, 1, sure: false, .unicode) == "▒▒")
    #expect(cells(3, -1, sure: true, .ascii) == "---")
    #expect(cells(0, -1, sure: true, .unicode) == "")
  }

  @Test func `a branch parts from its parent at the first step that differs`() throws {
    let state = Scene.state()
    let part = try #require(state.anyTrajectory("branch-3"))
    #expect(state.firstDivergence(of: part) == 4)
    let same = try #require(state.anyTrajectory("branch-2"))
    #expect(state.firstDivergence(of: same) == nil)
    #expect(state.root(of: "branch-3") == Scene.wrong)
  }

  @Test func `a circle of forks is opened where it closes`() {
    let one = Scene.answer(
      "a", ["1"], reward: 1, fork: Fork(trajectory: "b", step: 0, keptTokens: 0))
    let two = Scene.answer(
      "b", ["1"], reward: 1, fork: Fork(trajectory: "a", step: 0, keptTokens: 0))
    var state = Scene.state(events: [.sampled(one), .sampled(two)])
    state = Scene.state(state, after: ["3"])
    #expect(branchRows(of: state).compactMap(\.id).sorted() == ["a"])
    let words = state.history.skipped.words
    #expect(words?.contains("b is forked from a, which is forked from it") == true)
  }
}
