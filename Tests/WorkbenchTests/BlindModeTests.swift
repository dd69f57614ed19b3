import Testing
import Trajectories

@testable import Workbench

/// What may not be seen before a person has chosen, and what becomes of the choice.
struct BlindModeTests {
  /// The same run, of which nothing is known but problems and answers.
  private var unknown: [RunEvent] {
    Scene.events.compactMap { event in
      switch event {
      case .valued, .proposed: return nil
      case .sampled(var trajectory):
        for step in trajectory.steps.indices {
          trajectory.steps[step].verdict = nil
          trajectory.steps[step].note = ""
        }
        trajectory.reward = 0
        trajectory.chainCorrect = nil
        return .sampled(trajectory)
      default: return event
      }
    }
  }

  private var others: [RunEvent] {
    [
      .marked(Mark(trajectory: Scene.wrong, step: 4, kind: .confirmed)),
      .labelled(Scene.label("Bo", Scene.wrong, 4)),
    ]
  }

  @Test(arguments: [
    [], ["Enter"], ["Enter", "j", "Tab"], ["Enter", "j", "R"], ["Enter", "L"], ["Enter", "3"],
    ["Enter", "5"], ["Enter", "e"], ["Enter", "c"], ["Enter", "x"], ["Enter", "]"], ["7"],
    ["o"], ["F"], ["Enter", "f"], ["Enter", "H", "L"],
  ])
  func `a blind screen shows nothing that is known`(keys: [String]) {
    for (columns, rows) in [(60, 16), (80, 24), (120, 40)] {
      let known = Scene.blind(columns: columns, rows: rows, events: Scene.events + others)
      let nothing = Scene.blind(columns: columns, rows: rows, events: unknown)
      #expect(
        view(Scene.state(known, after: keys)).text
          == view(Scene.state(nothing, after: keys)).text, "\(keys)")
    }
  }

  @Test func `m chooses, and then all is shown`() {
    var state = Scene.state(Scene.blind(), after: ["Enter", "j"])
    #expect(state.step == 1 && state.isVeiled(Scene.wrong))
    #expect(view(state).text.contains("BLIND 0 of 2"))
    let label = Scene.label("Ada", Scene.wrong, 1)
    #expect(update(&state, .key(.character("m"))) == [.label(label)])
    #expect(state.isVeiled(Scene.wrong))
    _ = update(&state, .events([.labelled(label)]))
    #expect(!state.isVeiled(Scene.wrong) && state.isVeiled(Scene.right))
    #expect(view(state).text.contains("BLIND 1 of 2"))
    #expect(view(state).text.contains("◆"))
    #expect(
      state.message?.text
        == "You chose step 2; rule: largest |A|: step 5. L: the next.")
    let mark = Mark(trajectory: Scene.wrong, step: 1, kind: .marked)
    #expect(update(&state, .key(.character("m"))) == [.mark(mark)])
  }

  @Test func `M says that none is critical`() {
    var state = Scene.state(Scene.blind(), after: ["Enter"])
    #expect(
      update(&state, .key(.character("M"))) == [.label(Scene.label("Ada", Scene.wrong, nil))])
    var open = Scene.state(Scene.state(), after: ["Enter"])
    #expect(update(&open, .key(.character("M"))) == [])
    #expect(open.message?.text == "That belongs to blind mode; B hides the values.")
  }

  @Test func `after the last choice the agreement appears`() {
    var state = Scene.state(Scene.blind(), after: ["Enter"])
    _ = update(&state, .events([.labelled(Scene.label("Ada", Scene.wrong, 4))]))
    state = Scene.state(state, after: ["L"])
    _ = update(&state, .events([.labelled(Scene.label("Ada", Scene.right, 0))]))
    #expect(state.screen == .agreement)
    #expect(view(state).text.contains("same step as leads by the rule: 1 of 1"))
    #expect(Scene.state(state, after: ["Esc"]).screen == .inspect)
  }

  @Test func `another person's choice reveals nothing`() {
    var state = Scene.state(Scene.blind(), after: ["Enter"])
    _ = update(&state, .events(others))
    #expect(state.isVeiled(Scene.wrong))
    #expect(state.message == nil)
  }

  @Test func `who saw the values has not chosen blind`() {
    var state = Scene.state(Scene.state(), after: ["B", "Enter"])
    #expect(state.isVeiled(Scene.wrong))
    guard case .label(let label) = update(&state, .key(.character("m"))).first else {
      Issue.record("no label")
      return
    }
    #expect(!label.blind)
  }

  @Test func `a study lists what is to be judged and nothing else`() {
    let state = Scene.blind()
    #expect(state.listed.map(\.id) == [Scene.wrong, Scene.right])
    #expect(Scene.state(state, after: ["B"]).listed.count == 6)
  }

  @Test func `names of people cannot act on the terminal`() {
    var label = Scene.label("\u{1B}[31mEve\u{202E}", Scene.plain, 1)
    label.seconds = .nan
    let state = Scene.state(
      Scene.state(events: Scene.events + [.labelled(label)]), after: ["7"])
    Snapshot.expectSound(view(state), ascii: false, "agreement")
    #expect(view(state).text.contains("^[[31mEve<U+202E>"))
  }
}
