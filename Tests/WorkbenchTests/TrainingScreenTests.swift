import Testing
import Trajectories

@testable import Workbench

@Suite struct TrainingScreenTests {
  private func drawn(_ state: WorkbenchState) -> Grid {
    var grid = Grid(size: state.size)
    TrainingScreen(state: state).draw(in: Layout(of: state), on: &grid)
    return grid
  }

  private let wide = Size(columns: 120, rows: 40)

  @Test(arguments: 0..<6)
  func `the curves look as kept`(variant: Int) {
    let (size, glyphs) = Snapshot.variants[variant]
    var state = SampleRun.state(.training, size: size, glyphs: glyphs)
    state.engine = .training
    Snapshot.check(drawn(state), "training", glyphs: glyphs)
  }

  @Test(arguments: 0..<6)
  func `one curve alone looks as kept`(variant: Int) {
    let (size, glyphs) = Snapshot.variants[variant]
    var state = SampleRun.state(.training, size: size, glyphs: glyphs)
    state.training.charts.isEnlarged = true
    state.training.curve = 1
    state.training.cursor = 19
    Snapshot.check(drawn(state), "training-alone", glyphs: glyphs)
  }

  @Test func `every state has a word of its own`() {
    var state = SampleRun.state(.training, size: wide)
    let states: [(EngineState, String)] = [
      (.training, "RUN"), (.paused, "PAUSED"), (.idle, "IDLE"), (.failed("no"), "FAILED"),
    ]
    for (engine, word) in states {
      state.engine = engine
      #expect(drawn(state).text.contains("\(word)  update 34 of 60"))
    }
    state.engine = .idle
    state.history.apply(.stopped)
    #expect(drawn(state).text.contains("STOPPED  update 34 of 60"))
    state.history.apply(.finished)
    #expect(drawn(state).text.contains("DONE  update 34 of 60"))
    state.history.apply(.failed(message: "no memory"))
    #expect(drawn(state).text.contains("FAILED  update 34 of 60"))
  }

  @Test func `the time left is told while training runs`() {
    var state = SampleRun.state(.training, size: wide)
    #expect(!drawn(state).text.contains(" left"))
    state.engine = .training
    #expect(drawn(state).text.contains("1 min 49 s left"))
    state.progress = EngineProgress(
      label: "update 35", done: 34, total: 60, secondsLeft: 30, rollouts: 0)
    #expect(drawn(state).text.contains("30 s left"))
  }

  @Test func `marks of a person are named`() {
    var state = SampleRun.state(.training, size: wide)
    #expect(drawn(state).text.contains("2 marks of yours in it"))
    state.history = SampleRun.history(marked: 0)
    #expect(drawn(state).text.contains("1 mark of yours for the next batch"))
    state.history.apply(.undone)
    #expect(!drawn(state).text.contains("of yours"))
  }

  @Test func `what the critic explains is among the first curves, where there is a critic`() {
    let small = Size(columns: 80, rows: 24)
    #expect(!drawn(SampleRun.state(.training, size: small)).text.contains("explained variance"))
    var state = SampleRun.state(.training, size: small)
    var made = SampleRun.metrics(update: state.history.policyVersion + 1, marked: 0)
    made.explainedVariance = -0.1
    made.valueLoss = 0.01
    state.history.apply(.updated(made))
    #expect(state.trainingCharts.prefix(6).contains(.explained))
    #expect(Set(state.trainingCharts).count == state.trainingCharts.count)
    #expect(drawn(state).text.contains("explained variance -0.10"))
  }

  @Test(arguments: [Size(columns: 60, rows: 16), Size(columns: 80, rows: 24)])
  func `what games steps or length is in sight, as numbers where charts are few`(size: Size) {
    let text = drawn(SampleRun.state(.training, size: size)).text
    for shape in ["response length 36.4", "steps an answer 8.20", "cut off by length .01"] {
      #expect(text.contains(shape), "\(shape)")
    }
  }

  @Test func `steps an answer have no curve where they were not counted`() {
    var state = SampleRun.state(.training, size: wide)
    #expect(state.trainingCharts.contains(.steps))
    state.history = RunHistory([.updated(Metrics())])
    #expect(!state.trainingCharts.contains(.steps))
    #expect(state.trainingCharts.contains(.truncation))
  }

  @Test func `the untrained policy stands beside the trained one`() {
    let state = SampleRun.state(.training, size: wide)
    let text = drawn(state).text
    #expect(text.contains("untrained sampled .09 ±.02, greedy .20"))
    #expect(text.contains("update 30 sampled .38 ±.02, greedy .47"))
  }

  @Test func `tokens for training and for estimation are told apart`() {
    let text = drawn(SampleRun.state(.training, size: wide)).text
    #expect(text.contains("415 k for training, 97 k for estimation"))
  }

  @Test func `without updates it says which key starts training`() {
    var state = SampleRun.state(.training, size: Size(columns: 80, rows: 24))
    state.history = RunHistory()
    let text = drawn(state).text
    #expect(text.contains("No update was made yet"))
    #expect(text.contains("Press t to train"))
    state.readOnly = "another process trains this run."
    #expect(drawn(state).text.contains("another process trains this run."))
    #expect(!drawn(state).text.contains("Press t"))
    for (size, glyphs) in Snapshot.variants {
      var empty = WorkbenchState(runName: "new", policyName: "tiny", size: size, glyphs: glyphs)
      empty.screen = .training
      Snapshot.check(drawn(empty), "training-empty", glyphs: glyphs)
    }
  }

  @Test func `the cursor moves over all charts at once and back to the newest`() {
    var state = SampleRun.state(.training, size: wide)
    TrainingScreen.moveAlong(&state, by: -14)
    #expect(state.cursorUpdate == 20)
    let text = drawn(state).text
    #expect(text.contains("cursor at update 20; Enter lists its trajectories"))
    #expect(text.contains("reward pro .29 res .54"))
    TrainingScreen.moveAlong(&state, by: 100)
    #expect(state.training.cursor == nil)
    TrainingScreen.moveAlong(&state, by: -100)
    #expect(state.cursorUpdate == 1)
  }

  @Test func `zoom shows fewer updates around the cursor`() {
    let look = ChartLook()
    #expect(look.domain(last: 60, cursor: nil) == 0...60)
    var near = look
    near.zoom = 1
    #expect(near.domain(last: 60, cursor: nil) == 30...60)
    #expect(near.domain(last: 60, cursor: 20) == 5...35)
    #expect(near.domain(last: 60, cursor: 1) == 0...30)
    near.zoom = 20
    let least = near.domain(last: 60, cursor: 20)
    #expect(least.upperBound - least.lowerBound >= 2)
    #expect(look.domain(last: 0, cursor: nil) == 0...1)
  }

  @Test func `what has no chart is written as a number`() {
    let text = drawn(SampleRun.state(.training, size: Size(columns: 80, rows: 24))).text
    for name in ["reward", "accuracy", "loss", "KL", "entropy", "gradient norm"] {
      #expect(text.contains(name))
    }
    #expect(text.contains("clip ratio .0"))
    #expect(text.contains("tokens/s 4"))
  }

  @Test func `the key hints name what training can do`() {
    for (size, glyphs) in Snapshot.variants {
      let state = SampleRun.state(.training, size: size, glyphs: glyphs)
      let hints = view(state).text.split(separator: "\n").last ?? ""
      let rare = size.columns < 80 ? [] : [":rollback", "Enter open"]
      for key in ["t train", "p pause", ". one update", ":stop"] + rare {
        #expect(hints.contains(key), "\(key) at \(size.columns): \(hints)")
      }
    }
  }

  @Test func `a key moves the cursor and looks at the curves otherwise`() {
    var state = SampleRun.state(.training, size: wide)
    for name in ["h", "h", "j", "w", "v", "+"] {
      _ = update(&state, .key(Key(named: name) ?? .escape))
    }
    #expect(state.cursorUpdate == 32)
    #expect(state.training.curve == 1)
    #expect(state.training.charts.smoothing == 0.6)
    let text = view(state).text
    #expect(text.contains("log axis, smoothed .60, zoom ×2"))
    _ = update(&state, .key(.enter))
    #expect(state.screen == .trajectories)
  }

  @Test func `any size is sound`() {
    for glyphs in [GlyphSet.unicode, .ascii] {
      for columns in [0, 1, 2, 5, 20, 33, 59, 60, 79, 80, 81, 100, 120, 200, 500] {
        for rows in [0, 1, 2, 5, 9, 16, 24, 40, 60] {
          var state = SampleRun.state(
            .training, size: Size(columns: columns, rows: rows), glyphs: glyphs)
          state.training.cursor = 10
          state.training.curve = 9
          Snapshot.expectSound(
            drawn(state), ascii: glyphs == .ascii, "training \(columns)x\(rows)")
        }
      }
    }
  }

  @Test func `numbers that are none leave gaps and do no harm`() {
    var state = SampleRun.state(.training, size: Size(columns: 80, rows: 24))
    var broken = Metrics()
    broken.update = 35
    broken.reward = .nan
    broken.loss = .infinity
    broken.kl = -.infinity
    broken.seconds = .nan
    broken.tokensPerSecond = .infinity
    state.history.apply(.updated(broken))
    state.engine = .training
    Snapshot.expectSound(drawn(state), ascii: false, "broken")
    #expect(drawn(state).text.contains("update 35 of 60"))
  }
}
