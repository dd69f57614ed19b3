import Testing
import Trajectories

@testable import Workbench

struct StudyScreenTests {
  @Test(arguments: 0..<6) func `a study looks as kept`(variant: Int) {
    let (size, glyphs) = Snapshot.variants[variant]
    var state = Scene.state(StudyScene.state(size, glyphs: glyphs), after: ["j"])
    _ = update(&state, .engine(.training))
    _ = update(
      &state,
      .progress(
        EngineProgress(
          label: "GRPO, random step, 8 hard, seed 2, update 30:", done: 17, total: 39,
          secondsLeft: 260, rollouts: 0)))
    Snapshot.check(view(state), "study", glyphs: glyphs)
    Snapshot.check(
      view(Scene.state(state, after: ["d"])), "study-differences", glyphs: glyphs)
  }

  @Test func `an entry tells its mean, its error and how many seeds are finished`() {
    let text = view(StudyScene.state(Size(columns: 120, rows: 30))).text
    #expect(text.contains("17 of 39 trainings"))
    #expect(text.contains(".460 ±.006"))
    #expect(text.contains(".125 ±.115 2/3"))
    #expect(text.contains("1 failed"))
  }

  @Test func `differences carry their interval, and what has none keeps its accuracy`() {
    let state = Scene.state(StudyScene.state(Size(columns: 120, rows: 30)), after: ["d", "j"])
    let grid = view(state)
    #expect(grid.text.contains("+.410 [+.36 +.46]"))
    #expect(grid.text.contains("−.093 [−.12 −.06]"))
    #expect(grid.text.contains("minus GRPO, sampled accuracy: +.410, 95 % interval +.360 to +.460"))
    #expect(grid.text.contains(".050 ±.006"))
  }

  @Test func `a difference is painted by the side its interval lies on`() {
    let board = StudyBoard(StudyScene.study)
    var shown = board
    shown.rows = StudyScene.rows
    shown.showsDifferences = true
    let table = StudyTable(board: shown, glyphs: .unicode, columns: 120)
    #expect(table.entry(1, 0).role == .barPositive)
    #expect(table.entry(2, 0).role == .barUnsure)
    #expect(table.entry(1, 1).role == .barNegative)
  }

  @Test func `what is under way is told in its entry and in words`() {
    let state = Scene.state(StudyScene.state(), after: ["j", "j"])
    #expect(view(state).text.contains("under way: seed 2 at 40 %"))
    #expect(view(Scene.state(state, after: ["l"])).text.contains("under way: seed 0 at 10 %"))
  }

  @Test func `the cursor stays within the study`() {
    let state = Scene.state(StudyScene.state(), after: ["G", "j", "$", "l"])
    #expect(state.study?.method == 4)
    #expect(state.study?.task == 2)
    let back = Scene.state(state, after: ["gg", "g", "0", "h", "k"])
    #expect(back.study?.task == 0)
  }

  @Test func `m goes round the measures, x and z turn the curves`() {
    var state = StudyScene.state(Size(columns: 120, rows: 40))
    for measure in [Measure.sampledChain, .greedy, .greedyChain, .sampled] {
      state = Scene.state(state, after: ["m"])
      #expect(state.study?.measure == measure)
      #expect(view(state).text.contains(measure.words))
    }
    #expect(view(Scene.state(state, after: ["x"])).text.contains("over tokens"))
    let alone = Scene.state(state, after: ["z"])
    #expect(!view(alone).text.contains("standard error over 3 seeds"))
    #expect(Scene.state(alone, after: ["Enter"]).study?.isEnlarged == false)
  }

  @Test(arguments: ["1", "2", "/", "m", "e", "r", "u", ".", "i", "F", "7"])
  func `what belongs to runs is refused in words`(key: String) {
    let before = StudyScene.state()
    let state = Scene.state(before, after: [key])
    #expect(state.screen == .study)
    #expect(key == "m" || state.message != nil)
  }

  @Test func `the recipe of the training under the cursor can be read`() {
    let state = Scene.state(StudyScene.state(Size(columns: 120, rows: 66)), after: ["l", "6"])
    #expect(state.screen == .recipe)
    let line = view(state).text.split(separator: "\n").first { $0.contains("task.hard ") }
    #expect(line?.contains(" 7 ") == true)
    #expect(Scene.state(state, after: ["Esc"]).screen == .study)
  }

  @Test
  func `training is asked for, paused, and not begun where all is finished or another trains`() {
    var state = StudyScene.state()
    #expect(update(&state, .key(.character("t"))) == [.train(.start)])
    _ = update(&state, .engine(.training))
    #expect(update(&state, .key(.character("p"))) == [.train(.pause)])
    _ = update(&state, .engine(.paused))
    #expect(update(&state, .key(.character("p"))) == [.train(.resume)])
    #expect(update(&state, .key(.character("q"))) == [])
    #expect(state.message == nil && view(state).text.contains("y drops them and leaves"))
    #expect(update(&state, .key(.character("y"))) == [.quit])
    _ = update(&state, .engine(.idle))
    _ = update(&state, .trainedElsewhere(0))
    #expect(update(&state, .key(.character("t"))) == [])
    #expect(state.message?.text.contains("Another Crux trains this study") == true)
    _ = update(&state, .trainedElsewhere(nil))
    _ = update(&state, .study(StudyScene.rows, finished: 39))
    #expect(update(&state, .key(.character("t"))) == [])
    #expect(state.message?.text == "Every training of this study is finished.")
  }

  @Test func `a click chooses an entry, a click on a name the method alone`() {
    var state = StudyScene.state(Size(columns: 120, rows: 40))
    let table = StudyTable(
      board: StudyBoard(StudyScene.study), glyphs: .unicode, columns: 119)
    func press(_ row: Int, _ column: Int) -> Action {
      .mouse(MouseEvent(kind: .press(count: 1), place: Point(row: row, column: column)))
    }
    // The title, the caption and the names of the task settings stand above.
    _ = update(&state, press(3 + 2, 1 + table.nameColumns + table.cellColumns + 3))
    #expect(state.study?.method == 2 && state.study?.task == 1)
    _ = update(&state, press(3 + 4, 3))
    #expect(state.study?.method == 4 && state.study?.task == 1)
    _ = update(&state, press(2, 3))
    #expect(state.study?.method == 4)
  }

  @Test func `more task settings than fit scroll with the cursor`() {
    var many = StudyScene.study
    many.tasks = (1...12).map { "setting \($0)" }
    many.recipes = many.methods.map { _ in many.tasks.map { _ in Recipe() } }
    let first = WorkbenchState(
      study: many, name: "many", size: Size(columns: 80, rows: 24), glyphs: .unicode, readOnly: nil)
    #expect(view(first).text.contains("setting 1 "))
    let last = view(Scene.state(first, after: ["$"])).text
    #expect(last.contains("setting 12") && !last.contains("setting 1 "))
    #expect(last.contains("more task settings"))
  }
}
