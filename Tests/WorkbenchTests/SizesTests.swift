import Testing
import Trajectories

@testable import Workbench

/// No size traps, and nothing hostile reaches a cell.
struct SizesTests {
  static let sizes: [(Int, Int)] = {
    var sizes = [
      (0, 0), (1, 1), (2, 2), (20, 5), (59, 16), (60, 15), (500, 200), (200, 1), (1, 60),
    ]
    for columns in stride(from: 1, through: 200, by: 13) {
      for rows in stride(from: 1, through: 60, by: 7) { sizes.append((columns, rows)) }
    }
    return sizes
  }()

  static let walks: [[String]] = [
    [], ["Enter"], ["Enter", "Tab", "j"], ["2", "3", "j"], ["4"], ["5"], ["6", "G"], ["?", "G"],
    ["Space", "a"], [":", "s"], ["2", "r"], ["2", "R"],
    ["7"], ["B", "2", "j"], ["B", "2", "M"],
  ]

  @Test(arguments: walks) func `every size is drawn whole`(keys: [String]) {
    expectWhole(Scene.state(Scene.state(columns: 120, rows: 40), after: keys), "\(keys)")
  }

  @Test(arguments: [[], ["G", "$"], ["d", "j"], ["z", "x"], ["6", "G"], ["?", "G"]])
  func `a study is drawn whole at every size`(keys: [String]) {
    let start = StudyScene.state(Size(columns: 120, rows: 40))
    expectWhole(Scene.state(start, after: keys), "\(keys)")
  }

  private func expectWhole(_ walked: WorkbenchState, _ name: String) {
    for (columns, rows) in SizesTests.sizes {
      var state = walked
      state.glyphs = columns % 2 == 0 ? .ascii : .unicode
      _ = update(&state, .resized(Size(columns: columns, rows: rows)))
      let grid = view(state)
      #expect(grid.size == Size(columns: columns, rows: rows))
      Snapshot.expectSound(grid, ascii: state.glyphs == .ascii, "\(name) \(columns)x\(rows)")
      if let cursor = grid.cursor {
        #expect(
          cursor.row >= 0 && cursor.row < rows && cursor.column >= 0 && cursor.column < columns)
      }
    }
  }

  @Test func `a terminal that is too small says what is needed, and q quits`() {
    var state = Scene.state(columns: 59, rows: 16)
    #expect(view(state).text.contains("Crux needs 60x16, this is 59x16. q quits."))
    #expect(update(&state, .key(.character("q"))) == [.quit])
    #expect(update(&state, .key(.character("m"))) == [])
  }

  @Test func `hostile text never reaches a cell as such`() {
    for (name, text) in HostileText.corpus {
      var events = Scene.events
      var answer = Scene.answer("evil", [text, "# 3"], reward: 0.5, slip: 0)
      answer.problem.prompt = text
      answer.steps[0].note = text
      events.append(.sampled(answer))
      events.append(.failed(message: text))
      for keys in [["G"], ["G", "Enter"], ["G", "Enter", "3"], ["G", "Enter", "R"]] {
        var state = Scene.state(columns: 100, rows: 30, events: events)
        state.runName = text
        state = Scene.state(state, after: keys)
        _ = update(&state, .message(text, .error))
        let grid = view(state)
        Snapshot.expectSound(grid, ascii: false, "\(name) \(keys)")
        let whole = grid.text.unicodeScalars
        #expect(!whole.contains { $0.value == 0x202E || $0.value == 0x1B || $0.value == 0x9B })
      }
    }
  }

  @Test func `any keys in any order leave a screen that can be drawn`() {
    let end = walk(from: Scene.state())
    #expect(end.history.trajectories.count == 6)
  }

  @Test func `any keys in any order leave a study that can be drawn`() {
    let end = walk(from: StudyScene.state())
    #expect(end.study?.study == StudyScene.study)
  }

  private func walk(from start: WorkbenchState) -> WorkbenchState {
    let keys =
      Keymap.standard.bindings.flatMap(\.keys).flatMap { $0 } + [
        .character("3"), .backspace, .enter, .escape, .character("x"),
      ]
    var seed: UInt64 = 7
    var state = start
    for turn in 0..<4000 {
      seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let key = keys[Int(seed >> 33) % keys.count]
      for request in update(&state, .key(key)) {
        for action in Scene.answers(to: request, in: state) { _ = update(&state, action) }
      }
      if turn % 10 == 0 {
        Snapshot.expectSound(view(state), ascii: state.glyphs == .ascii, "turn \(turn)")
      }
      if turn % 97 == 0 {
        let columns = 60 + Int(seed >> 40) % 80
        _ = update(&state, .resized(Size(columns: columns, rows: 16 + turn % 30)))
      }
    }
    return state
  }
}
