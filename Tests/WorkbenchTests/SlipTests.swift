import Testing
import Trajectories

@testable import Workbench

/// A key that was not meant: it can be undone by one key, or it asks first.
@Suite struct SlipTests {
  private func press(_ key: Key, _ state: inout WorkbenchState) -> [Request] {
    update(&state, .key(key))
  }

  private func press(_ key: Character, _ state: inout WorkbenchState) -> [Request] {
    press(.character(key), &state)
  }

  /// The sample's list, with a checkpoint of where the run stands.
  private func list() -> WorkbenchState {
    var state = Scene.state()
    state.screen = .trajectories
    state.speed = nil
    _ = update(&state, .engine(.idle))
    _ = update(&state, .checkpoints([state.history.policyVersion]))
    return state
  }

  /// Updates that follow where the run stands, each of that many seconds.
  private func train(_ state: inout WorkbenchState, seconds: [Double]) {
    _ = update(&state, .engine(.training))
    let first = state.history.policyVersion + 1
    _ = update(
      &state,
      .events(
        seconds.enumerated().map { number, time in
          var metrics = Metrics()
          (metrics.update, metrics.seconds) = (first + number, time)
          return .updated(metrics)
        }))
  }

  @Test func `no key of a list writes without asking or being undone by one key`() {
    for screen in [ScreenName.trajectories, .branches, .training, .recipe, .agreement, .help] {
      for binding in Keymap.standard.bindings where binding.screens.contains(screen) {
        for keys in binding.keys {
          var state = list()
          state.screen = screen
          var requests: [Request] = []
          for key in keys { requests += press(key, &state) }
          if state.mode != .normal { continue }
          guard let wish = requests.first, writes(wish) else { continue }
          let undone = update(&state, .key(.character("u")))
          #expect(!undone.isEmpty || asks(state), "\(binding.command) on \(screen) wrote \(wish)")
        }
      }
    }
  }

  private func asks(_ state: WorkbenchState) -> Bool {
    if case .confirm = state.mode { true } else { false }
  }

  private func writes(_ request: Request) -> Bool {
    switch request {
    case .estimate, .estimateStep, .locate, .measureFresh, .controls, .reset, .draw, .ask, .limit,
      .train, .compare:
      true
    // Words, which `u` takes back once their event has come; see UpdateTests.
    default: false
    }
  }

  @Test func `training that was begun by a slip is taken back by u`() {
    for key in ["t", "."] as [Character] {
      var state = list()
      let began = state.history.policyVersion
      #expect(press(key, &state).count == 1)
      train(&state, seconds: [0.1, 0.1, 0.1])
      #expect(press("u", &state) == [.train(.rollBack(to: began))])
      // Then a mark is the newest again.
      #expect(state.trainingBegan == nil)
    }
  }

  @Test func `hours of training are not taken back unasked`() {
    var state = list()
    let began = state.history.policyVersion
    _ = press("t", &state)
    train(&state, seconds: [5, 5, 5])
    #expect(press("u", &state) == [])
    #expect(view(state).text.contains("3 updates after update \(began)"))
    #expect(press("y", &state) == [.train(.rollBack(to: began))])
  }

  @Test func `where there is no checkpoint to return to, training waits`() {
    var state = list()
    _ = update(&state, .checkpoints([]))
    _ = press("t", &state)
    train(&state, seconds: [0.1])
    #expect(press("u", &state) == [.train(.pause)])
    #expect(state.message?.text.contains("There is no checkpoint of update") == true)
  }

  @Test func `values are asked about in the list, and begin at once on the steps`() {
    for (key, words) in [("e", "Value every step of #1"), ("a", "Search the critical step of #1")] {
      var state = list()
      #expect(press(Character(key), &state) == [])
      #expect(view(state).text.contains(words))
      #expect(press("y", &state).count == 1)
      state = list()
      _ = press(Character(key), &state)
      #expect(press(Character(key), &state) == [])
      state.screen = .inspect
      #expect(press(Character(key), &state).count == 1)
    }
  }
}
