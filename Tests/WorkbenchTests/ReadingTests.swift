import Testing
import Trajectories

@testable import Workbench

/// A long run while it is read.
struct ReadingTests {
  private func reading(_ done: Int, _ events: ArraySlice<RunEvent>, _ state: inout WorkbenchState) {
    _ = update(&state, .reading(RunReading(done: done, total: 12_400)))
    _ = update(&state, .events(Array(events)))
  }

  private var empty: WorkbenchState { Scene.state(events: []) }

  @Test func `it says how far it is, and keys are answered`() {
    var state = empty
    _ = update(&state, .reading(RunReading(done: 0, total: 12_400)))
    #expect(view(state).text.contains("Reading the run: 0 of 12 400 events."))
    reading(1024, Scene.events[..<5], &state)
    #expect(view(state).text.contains("reading the run: 1 024 of 12 400 events"))
    #expect(state.listed.count == 3)
    _ = update(&state, .key(.character("j")))
    #expect(state.selection == Scene.right)
    #expect(update(&state, .key(.character("q"))) == [.quit])
  }

  @Test func `in batches it comes to what it comes to at once`() {
    for size in [1, 2, 3, 7] {
      var state = empty
      for start in stride(from: 0, to: Scene.events.count, by: size) {
        reading(start, Scene.events[start...].prefix(size), &state)
      }
      _ = update(&state, .reading(nil))
      let whole = Scene.state()
      #expect(state.history == whole.history)
      #expect(state.listed.map(\.id) == whole.listed.map(\.id))
      #expect((state.selection, state.step) == (whole.selection, whole.step))
      #expect(state.message == whole.message)
      #expect(view(state) == view(whole))
    }
  }

  @Test func `only an error at its end is told of what was recorded`() {
    let before: [RunEvent] = [.failed(message: "The disk is full."), .resumed(update: 0)]
    for (last, told) in [(RunEvent.stopped, nil), (.failed(message: "No room."), "No room.")] {
      var state = empty
      reading(0, Scene.events[...], &state)
      reading(100, before[...], &state)
      #expect(state.message == nil)
      reading(102, [last][...], &state)
      _ = update(&state, .reading(nil))
      #expect(state.message?.text == told)
    }
  }

  @Test func `what a person is told meanwhile stays`() {
    var state = empty
    reading(0, Scene.events[..<5], &state)
    _ = update(&state, .message("The disk is full.", .error))
    reading(5, Scene.events[5...], &state)
    #expect(state.message?.text == "The disk is full.")
  }

  @Test func `words are taken back as they were said`() {
    var history = RunHistory(Scene.events)
    let said = (0..<40).map { number in
      Mark(
        trajectory: number % 3 == 0 ? Scene.wrong : Scene.right, step: number % 3, kind: .marked)
    }
    for mark in said { history.apply(.marked(mark)) }
    for number in stride(from: 39, to: 20, by: -1) {
      history.apply(.undone)
      let left = said[..<number]
      #expect(history.mark(of: Scene.wrong) == left.last { $0.trajectory == Scene.wrong })
      #expect(history.mark(of: Scene.right) == left.last { $0.trajectory == Scene.right })
    }
    for _ in 0..<5 { history.apply(.redone) }
    #expect(history.marks == Array(said[..<26]))
    #expect(history.mark(of: Scene.wrong) == said[..<26].last { $0.trajectory == Scene.wrong })
  }
}
