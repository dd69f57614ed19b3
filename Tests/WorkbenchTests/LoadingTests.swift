import Testing
import Trajectories

@testable import Workbench

/// Before the policy is there.
struct LoadingTests {
  private func loading(_ percent: Int, columns: Int = 80, rows: Int = 24) -> WorkbenchState {
    var state = WorkbenchState(
      runName: "model.gguf", policyName: "model.gguf", size: Size(columns: columns, rows: rows))
    _ = update(&state, .engine(.loading))
    _ = update(
      &state,
      .progress(
        EngineProgress(
          label: "loading model.gguf", done: percent, total: 100, secondsLeft: nil, rollouts: 0)))
    return state
  }

  @Test(arguments: 0..<6) func `loading looks as kept`(variant: Int) {
    let (size, glyphs) = Snapshot.variants[variant]
    var state = loading(43, columns: size.columns, rows: size.rows)
    state.glyphs = glyphs
    Snapshot.check(view(state), "loading", glyphs: glyphs)
  }

  @Test func `the title says how much is read`() {
    #expect(view(loading(43)).text.prefix { $0 != "\n" }.hasSuffix("LOADING 43 %"))
  }

  @Test func `keys are answered and work is taken while the model loads`() {
    var state = loading(10)
    for (key, screen) in [("4", ScreenName.training), ("6", .recipe), ("?", .help)] {
      _ = update(&state, .key(.character(Character(key))))
      #expect(state.screen == screen)
      _ = view(state)
    }
    state = loading(10)
    _ = update(&state, .key(.character("d")))
    #expect(update(&state, .key(.enter)) == [.draw(8)])
    #expect(update(&state, .key(.character("t"))) == [.train(.start)])
    #expect(update(&state, .key(.control("c"))) == [])
    #expect(update(&state, .key(.control("c"))) == [.quit])
    state = loading(10)
    #expect(update(&state, .key(.character("q"))) == [.quit])
  }

  @Test func `a model that cannot be loaded is told in full`() {
    var state = loading(10)
    let reason =
      "model.gguf: the tensor “token_embd.weight” ends behind the end of the file; "
      + "fetch the file again."
    _ = update(&state, .engine(.failed(reason)))
    let text = view(state).text
    #expect(text.contains("FAILED"))
    #expect(text.contains("fetch the file again."))
    #expect(update(&state, .key(.character("t"))) == [])
    #expect(update(&state, .key(.character("q"))) == [.quit])
  }

  @Test func `once begun the run has its name`() {
    var state = loading(100)
    _ = update(&state, .begun(runName: "runs/model", policyName: "model.gguf"))
    _ = update(&state, .engine(.idle))
    #expect(view(state).text.contains("runs/model"))
    #expect(view(state).text.contains("No trajectory yet: i asks"))
  }
}
