import Testing
import Trajectories

@testable import Workbench

/// Whole screens as text, in every size and both sets of glyphs.
struct ScreensTests {
  private func check(_ name: String, _ variant: Int, keys: [String]) {
    let (size, glyphs) = Snapshot.variants[variant]
    let start = Scene.state(columns: size.columns, rows: size.rows, glyphs: glyphs)
    let grid = view(Scene.state(start, after: keys))
    Snapshot.check(grid, name, glyphs: glyphs)
    Snapshot.expectSound(grid, ascii: glyphs == .ascii, name)
  }

  @Test(arguments: 0..<6) func `the list looks as kept`(variant: Int) {
    check("trajectories", variant, keys: [])
  }

  @Test(arguments: 0..<6) func `a trajectory looks as kept`(variant: Int) {
    check("inspect", variant, keys: ["Enter"])
  }

  @Test(arguments: 0..<6) func `a step in full looks as kept`(variant: Int) {
    check("inspect-step", variant, keys: ["Enter", "Tab"])
  }

  @Test(arguments: 0..<6) func `a trajectory without values says what to do`(variant: Int) {
    check("inspect-unvalued", variant, keys: ["j", "Enter"])
  }

  @Test(arguments: 0..<6) func `branches look as kept`(variant: Int) {
    check("branches", variant, keys: ["Enter", "Enter"])
  }

  @Test(arguments: 0..<6) func `help looks as kept`(variant: Int) {
    check("help", variant, keys: ["2", "?"])
  }

  @Test(arguments: 0..<6) func `the palette looks as kept`(variant: Int) {
    check("palette", variant, keys: ["2", "Ctrl-P", "m", "a"])
  }

  @Test(arguments: 0..<6) func `a trajectory to be judged blind looks as kept`(variant: Int) {
    let (size, glyphs) = Snapshot.variants[variant]
    var state = Scene.blind(columns: size.columns, rows: size.rows, glyphs: glyphs)
    state = Scene.state(state, after: ["Enter", "j"])
    Snapshot.check(view(state), "inspect-blind", glyphs: glyphs)
  }

  @Test(arguments: 0..<6) func `the agreement of two people looks as kept`(variant: Int) {
    let (size, glyphs) = Snapshot.variants[variant]
    let start = Scene.state(
      columns: size.columns, rows: size.rows, glyphs: glyphs,
      events: Scene.events + Scene.labels.map { .labelled($0) })
    let grid = view(Scene.state(start, after: ["7"]))
    Snapshot.check(grid, "agreement", glyphs: glyphs)
    Snapshot.expectSound(grid, ascii: glyphs == .ascii, "agreement")
  }

  @Test(arguments: 0..<6) func `a step being split looks as kept`(variant: Int) {
    let (size, glyphs) = Snapshot.variants[variant]
    let grid = view(Scene.splitting(columns: size.columns, rows: size.rows, glyphs: glyphs))
    Snapshot.check(grid, "inspect-split", glyphs: glyphs)
    Snapshot.expectSound(grid, ascii: glyphs == .ascii, "inspect-split")
  }

  @Test(arguments: 0..<6) func `sentences have room`(variant: Int) {
    let (size, glyphs) = Snapshot.variants[variant]
    let start = Scene.state(
      columns: size.columns, rows: size.rows, glyphs: glyphs, events: Scene.proseEvents)
    let grid = view(Scene.state(start, after: ["Enter"]))
    Snapshot.check(grid, "inspect-prose", glyphs: glyphs)
    // The answer itself is written in more than ASCII.
    Snapshot.expectSound(grid, ascii: false, "inspect-prose")
  }

  @Test(arguments: 0..<6) func `an empty run says what to do`(variant: Int) {
    let (size, glyphs) = Snapshot.variants[variant]
    let state = Scene.state(
      columns: size.columns, rows: size.rows, glyphs: glyphs, events: [])
    Snapshot.check(view(state), "trajectories-empty", glyphs: glyphs)
  }

  @Test(arguments: 0..<6) func `an engine at work looks as kept`(variant: Int) {
    let (size, glyphs) = Snapshot.variants[variant]
    var state = Scene.state(columns: size.columns, rows: size.rows, glyphs: glyphs)
    state = Scene.state(state, after: ["Enter"])
    let mark = Mark(trajectory: Scene.wrong, step: 4, kind: .confirmed)
    let effect = FreshEffect(
      step: 4, before: Scene.valuation.values[4], after: Scene.valuation.values[5],
      advantage: -0.44, low: -0.55, high: -0.33)
    let tokens = state.history.trajectory(Scene.wrong)?.steps[4].tokens ?? 0..<0
    let measured = Control.allCases.map { control in
      RunEvent.measured(
        StepMeasurement(
          trajectory: Scene.wrong, control: control, policyVersion: 0, tokens: tokens,
          effect: effect))
    }
    let actions: [Action] = [
      .events([.marked(mark)]), .engine(.working),
      .progress(
        EngineProgress(label: "measuring step 5", done: 3, total: 4, secondsLeft: 1.2, rollouts: 96)
      ),
      .events(measured), .key(.tab), .key(.tab),
    ]
    for action in actions { _ = update(&state, action) }
    Snapshot.check(view(state), "inspect-working", glyphs: glyphs)
  }
}
