import Testing
import Trajectories

@testable import Workbench

@Suite struct CompareScreenTests {
  private func drawn(_ state: WorkbenchState) -> Grid {
    var grid = Grid(size: state.size)
    CompareScreen(state: state).draw(in: Layout(of: state), on: &grid)
    return grid
  }

  private func words(_ state: WorkbenchState) -> String {
    drawn(state).text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  private let wide = Size(columns: 120, rows: 40)

  private func effect(_ before: Double, _ after: Double, half: Double, step: Int = 4) -> FreshEffect
  {
    func value(_ mean: Double, _ boundary: Int) -> StepValue {
      StepValue(
        boundary: boundary, rewardSum: mean * 64, rollouts: 64, truncated: 0, mean: mean,
        low: max(0, mean - half), high: min(1, mean + half))
    }
    return FreshEffect(
      step: step, before: value(before, step), after: value(after, step + 1),
      advantage: after - before, low: after - before - half * 1.4,
      high: after - before + half * 1.4)
  }

  private func compared(_ first: FreshEffect, _ second: FreshEffect, size: Size) -> WorkbenchState {
    var state = SampleRun.state(.compare, size: size)
    state.compare.first = 0
    state.compare.second = 30
    let tokens = state.history.trajectory(SampleRun.wrong)?.steps[4].tokens ?? 0..<0
    let comparison = StepComparison(
      trajectory: SampleRun.wrong, step: 4, tokens: tokens, firstVersion: 0, secondVersion: 30,
      first: first, second: second)
    _ = update(&state, .events([.compared(comparison)]))
    return state
  }

  @Test(arguments: 0..<6)
  func `a comparison looks as kept`(variant: Int) {
    let (size, glyphs) = Snapshot.variants[variant]
    var state = compared(
      effect(0.49, 0.03, half: 0.1), effect(0.81, 0.05, half: 0.08), size: size)
    state.glyphs = glyphs
    Snapshot.check(drawn(state), "compare", glyphs: glyphs)
  }

  @Test func `a clear rise is said in words`() {
    let state = compared(
      effect(0.49, 0.03, half: 0.1), effect(0.81, 0.05, half: 0.08), size: wide)
    #expect(
      words(state).contains(
        "V before the step rose from .49 [.39 .59] to .81 [.73 .89]: "
          + "the policy now comes to a right answer from here more often."))
    #expect(words(state).contains("it decides under both."))
  }

  @Test func `a clear fall is said in words`() {
    let state = compared(
      effect(0.81, 0.79, half: 0.08), effect(0.49, 0.03, half: 0.1), size: wide)
    #expect(words(state).contains("V before the step fell from .81"))
    #expect(words(state).contains("it decides now, but did not before."))
  }

  @Test func `intervals that overlap are called not clear`() {
    let state = compared(
      effect(0.49, 0.03, half: 0.1), effect(0.6, 0.55, half: 0.1), size: wide)
    #expect(words(state).contains("Not clear whether training mended it"))
    #expect(words(state).contains("it no longer clearly decides."))
  }

  @Test func `without a fresh measurement the older values are shown and named as such`() {
    var state = SampleRun.state(.compare, size: wide)
    state.compare.first = 0
    state.compare.second = 30
    #expect(words(state).contains("These are the values that the rule chose by"))
    state.compare.second = 15
    #expect(words(state).contains("Not measured under both versions yet"))
    #expect(words(state).contains("not valued"))
  }

  @Test func `accuracies of both versions stand beside the values`() {
    var state = SampleRun.state(.compare, size: wide)
    state.compare.first = 0
    state.compare.second = 30
    #expect(words(state).contains("sampled .09 ±.02 .38 ±.02 +.29 [+.24 +.35]"))
    #expect(words(state).contains("greedy .20 ±.03 .47 ±.03"))
  }

  @Test func `the difference of two values has the interval of MOVER`() {
    let state = compared(
      effect(0.5, 0.1, half: 0.1), effect(0.8, 0.7, half: 0.05), size: wide)
    let result = StepBeforeAfter(of: 4, in: SampleRun.wrong, first: 0, second: 30, state: state)
    // 0.3 ± √(0.05² + 0.1²)
    #expect(abs((result.change?.low ?? 0) - (0.3 - 0.111_803_4)) < 1e-6)
    #expect(abs((result.change?.high ?? 0) - (0.3 + 0.111_803_4)) < 1e-6)
    #expect(abs((result.advantageChange?.value ?? 0) - 0.3) < 1e-12)
  }

  @Test func `with one version it says how to get another`() {
    var state = SampleRun.state(.compare, size: wide, updates: 0)
    #expect(words(state).contains("only one version of this policy"))
    state.selection = nil
    #expect(words(state).contains("No step is chosen."))
  }

  @Test func `hostile text in the step stays in its cells`() {
    for (name, text) in HostileText.corpus {
      var state = SampleRun.state(.compare, size: Size(columns: 60, rows: 16))
      var trajectory = SampleRun.trajectory()
      trajectory.steps[4].text = text
      trajectory.problem.prompt = text
      state.history.apply(.sampled(trajectory))
      Snapshot.expectSound(drawn(state), ascii: false, name)
    }
  }

  @Test func `any size is sound`() {
    for glyphs in [GlyphSet.unicode, .ascii] {
      for columns in [0, 1, 2, 5, 20, 33, 59, 60, 71, 72, 80, 120, 500] {
        for rows in [0, 1, 2, 5, 9, 16, 24, 40] {
          var state = compared(
            effect(0.49, 0.03, half: 0.1), effect(0.81, 0.05, half: 0.08),
            size: Size(columns: columns, rows: rows))
          state.glyphs = glyphs
          Snapshot.expectSound(
            drawn(state), ascii: glyphs == .ascii, "compare \(columns)x\(rows)")
        }
      }
    }
  }
}
