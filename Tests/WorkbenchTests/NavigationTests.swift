import Testing
import Trajectories

@testable import Workbench

struct NavigationTests {
  private let list = Scene.state()

  private func ids(_ state: WorkbenchState) -> [Int] {
    state.listed.compactMap { state.history.place(of: $0.id).map { $0 + 1 } }
  }

  @Test(arguments: [
    ("right", [2, 3, 4]), ("wrong", [1, 5, 6]), ("lucky", [3]), ("forked", [4, 5, 6]),
    ("valued", [1]), ("unvalued right", [2, 3, 4]), ("marked", []), ("update:0 wrong", [1, 5, 6]),
    ("+4 23", [4, 6]), ("", [1, 2, 3, 4, 5, 6]),
  ])
  func `a filter lists what fulfils every word`(filter: String, expected: [Int]) {
    var state = list
    _ = state.runLine("filter \(filter)")
    if filter.isEmpty { state.list.filter = "" }
    #expect(ids(state) == expected)
  }

  @Test func `o goes through the orders and O turns them round`() {
    let byReward = Scene.state(list, after: ["o"])
    #expect(byReward.list.sorting == .reward)
    #expect(byReward.listed.prefix(3).allSatisfy { $0.reward == 1 })
    let turned = Scene.state(byReward, after: ["O"])
    #expect(turned.listed.prefix(3).allSatisfy { $0.reward == 0 })
    var critical = list
    _ = critical.runLine("sort critical")
    #expect(critical.listed.first?.id == Scene.wrong)
  }

  @Test func `the cursor stays on its trajectory when the list changes`() {
    var state = Scene.state(list, after: ["j"])
    #expect(state.selection == Scene.right)
    _ = state.runLine("sort steps")
    state.bringIntoRange()
    #expect(state.selection == Scene.right)
    #expect(state.listed[state.list.row].id == Scene.right)
  }

  @Test func `a cursor whose trajectory is filtered out goes to one that is there`() {
    var state = list
    _ = state.runLine("filter right")
    state.bringIntoRange()
    #expect(state.selection == Scene.right)
  }

  @Test func `search finds steps and goes round the end`() {
    let open = Scene.state(list, after: ["Enter", "/", "2", "3", "Enter"])
    #expect(open.search.text == "23")
    // The note of the wrong step holds the text.
    #expect(open.step == 4)
    #expect(open.selection == Scene.wrong)
    let next = Scene.state(open, after: ["n"])
    #expect(next.selection == Scene.plain)
    let round = Scene.state(next, after: ["n", "n", "n", "n", "n"])
    #expect(round.selection == Scene.wrong)
    #expect(round.message?.text == "The search went round the end.")
    #expect(Scene.state(next, after: ["N"]).selection == Scene.wrong)
  }

  @Test func `search on the list asks the store too`() {
    var state = Scene.state(list, after: ["/", "z", "z"])
    #expect(update(&state, .key(.enter)) == [.search("zz")])
    #expect(state.message?.text == "“zz” is not found here.")
    _ = update(&state, .found("zz", trajectories: [Scene.plain]))
    #expect(Scene.state(state, after: ["n"]).selection == Scene.plain)
  }

  @Test func `brackets go from critical step to critical step`() {
    var state = Scene.state(list, after: ["2", "L"])
    #expect(state.selection == Scene.right)
    state = Scene.state(state, after: ["["])
    #expect(state.selection == Scene.wrong)
    #expect(state.step == 4)
    #expect(Scene.state(state, after: ["]"]).message != nil)
  }

  @Test func `digits change the screen and stack no screen twice`() {
    let state = Scene.state(list, after: ["2", "4", "2", "4", "5", "4"])
    #expect(state.screen == .training)
    #expect(state.past.map(\.screen) == [.trajectories, .inspect, .compare])
    #expect(Scene.state(state, after: ["1"]).past.isEmpty)
  }

  @Test func `gg and G go to the ends`() {
    let last = Scene.state(list, after: ["2", "G"])
    #expect(last.step == 8)
    #expect(Scene.state(last, after: ["g", "g"]).step == 0)
    // A key that does not continue is a key of its own.
    #expect(Scene.state(last, after: ["g", "k"]).step == 7)
  }

  @Test func `a click chooses and a double click opens`() {
    var state = list
    _ = update(&state, .mouse(MouseEvent(kind: .press(count: 1), place: Point(row: 4, column: 9))))
    #expect(state.selection == Scene.right)
    _ = update(&state, .mouse(MouseEvent(kind: .press(count: 2), place: Point(row: 5, column: 9))))
    #expect(state.selection == Scene.plain)
    #expect(state.screen == .inspect)
  }

  @Test func `the wheel turns the pane under it`() {
    var state = list
    _ = update(&state, .mouse(MouseEvent(kind: .wheelDown, place: Point(row: 18, column: 9))))
    #expect(state.top(of: .text) == 3)
    #expect(state.selection == Scene.wrong)
    _ = update(&state, .mouse(MouseEvent(kind: .wheelDown, place: Point(row: 4, column: 9))))
    #expect(state.list.row == 3)
  }

  @Test func `commands are completed as far as all agree`() {
    let state = Scene.state(list, after: [":", "r", "o", "Tab"])
    #expect(state.mode == .prompt(Prompt(kind: .command, text: "rollback ")))
    let more = Scene.state(list, after: [":", "s", "o", "r", "t", "Space", "r", "Tab"])
    #expect(more.mode == .prompt(Prompt(kind: .command, text: "sort reward ")))
  }

  @Test func `a rollback is asked before it is done`() {
    var state = list
    #expect(state.runLine("rollback 0") == [])
    #expect(update(&state, .key(.character("y"))) == [.train(.rollBack(to: 0))])
    #expect(state.runLine("rollback 7") == [])
    #expect(state.message?.text.contains("Say a checkpoint to return to: 0") == true)
  }

  @Test func `earlier commands come back with Up`() {
    let state = Scene.state(list, after: [":", "o", "p", "e", "n", "Enter", ":", "Up"])
    guard case .prompt(let prompt) = state.mode else {
      Issue.record("no prompt")
      return
    }
    #expect(prompt.text == "open")
  }

  @Test func `the palette runs what fits best`() {
    let state = Scene.state(list, after: ["Space", "h", "e", "l", "p", "Enter"])
    #expect(state.screen == .help)
    #expect(fuzzyScore("xyz", in: "help") == nil)
  }

  @Test func `help is narrowed and runs the line under the cursor`() {
    let help = Scene.state(list, after: ["2", "?", "/", "u", "n", "d", "o", "Enter"])
    #expect(
      HelpScreen(state: help).rows.compactMap(\.command)
        == [.clear, .undo, .redo].filter { command in
          HelpScreen(state: help).rows.contains { $0.command == command }
        })
    let row = HelpScreen(state: help).rows.firstIndex { $0.command == .undo } ?? 0
    var state = help
    state.help.row = row
    _ = update(&state, .key(.enter))
    #expect(state.screen == .inspect)
    #expect(state.message?.text == "There is no mark or cut to undo.")
  }

  @Test func `pasted text goes into the prompt without its line end`() {
    var state = Scene.state(list, after: ["/"])
    _ = update(&state, .pasted("a\u{1B}b\nquit\n"))
    #expect(state.mode == .prompt(Prompt(kind: .search, text: "ab")))
  }
}
