import Testing
import Trajectories

@testable import Workbench

/// What takes long is told before it begins.
struct CostTests {
  /// The scene with a policy that draws so many tokens a second.
  private func state(speed: Double?) -> WorkbenchState {
    var state = Scene.state()
    if let speed { _ = update(&state, .speed(speed)) }
    return Scene.state(state, after: ["Enter"])
  }

  private func press(_ key: Character, _ state: inout WorkbenchState) -> [Request] {
    update(&state, .key(.character(key)))
  }

  @Test func `quick work begins at once`() {
    for speed in [nil, 1e6] {
      var state = state(speed: speed)
      let id = state.selection ?? ""
      #expect(press("a", &state) == [.locate(trajectory: id)])
    }
  }

  @Test func `a long search asks, with its rollouts, its speed and its time`() {
    var state = state(speed: 2)
    let id = state.selection ?? ""
    let answer = state.trajectory
    let lengths = answer?.steps.map { (answer?.responseTokens.count ?? 0) - $0.start } ?? []
    let tokens = 512 * (lengths.reduce(0, +) / max(1, lengths.count))
    #expect(press("a", &state) == [])
    let line =
      "Up to 512 rollouts, \(compact(tokens)) tokens at 2 a second: about "
      + "\(duration(Double(tokens) / 2)). y begins."
    #expect(view(state).text.contains(line), "\(view(state).text)")
    #expect(press("n", &state) == [])
    #expect(state.mode == .normal)
    _ = press("a", &state)
    #expect(press("y", &state) == [.locate(trajectory: id)])
  }

  @Test(arguments: Array("esfr"))
  func `every key that draws asks where that takes long`(key: Character) {
    var slow = state(speed: 0.1)
    var requests = press(key, &slow)
    if case .prompt = slow.mode { requests = update(&slow, .key(.enter)) }
    #expect(requests == [])
    guard case .confirm(let confirmation) = slow.mode else {
      Issue.record("\(key) did not ask: \(slow.mode)")
      return
    }
    #expect(!confirmation.requests.isEmpty)
  }

  @Test func `rollouts that are known are not paid for again`() {
    let state = state(speed: 1)
    func estimate(_ rollouts: Int) -> ExpectedCost {
      state.cost(of: [.estimate(trajectory: Scene.wrong, rollouts: rollouts)])
    }
    #expect(estimate(32) == ExpectedCost())
    #expect(estimate(33).rollouts == Scene.wrongTexts.count)
    #expect(estimate(33).tokens == Double((1...9).map { 3 * $0 }.reduce(0, +)))
  }

  @Test func `training tells what updates took, or what they will draw`() {
    var state = state(speed: 100)
    #expect(press("t", &state) == [])
    #expect(view(state).text.contains("60 updates of "))
    #expect(press("y", &state) == [.train(.start)])
    var metrics = Metrics()
    (metrics.update, metrics.seconds) = (1, 90)
    _ = update(&state, .events([.updated(metrics)]))
    #expect(press("t", &state) == [])
    #expect(view(state).text.contains("59 updates at about 1 min 30 s each: 1 h 28 min."))
    _ = press("n", &state)
    metrics.seconds = 0.1
    _ = update(
      &state,
      .events(
        (2...6).map {
          metrics.update = $0; return .updated(metrics)
        }))
    #expect(press("t", &state) == [.train(.start)])
  }

  @Test func `a finished run is trained on by as many updates as one says`() {
    var state = Scene.state(events: Scene.events + [.finished])
    #expect(press("t", &state) == [])
    #expect(view(state).text.contains("more to make [20]:"))
    #expect(update(&state, .key(.enter)) == [.train(.more(20))])
    #expect(state.runLine("train 40") == [.train(.more(40))])
    #expect(state.runLine("train no") == [])
    #expect(press(".", &state) == [.train(.oneUpdate)])
  }

  @Test func `a run whose recipe was changed tells its new end`() {
    var metrics = Metrics()
    metrics.update = 60
    let change = RecipeChange(
      update: 60, key: .updates, before: 60, value: 100, reason: "asked for")
    let history = RunHistory(
      Scene.events + [.updated(metrics), .finished, .changed(change)])
    #expect(history.status == .running)
    #expect(history.start?.recipe.updates == 100)
    #expect(history.changes == [change])
    var state = Scene.state(
      events: Scene.events + [.updated(metrics), .finished, .changed(change)])
    state.screen = .recipe
    #expect(view(state).text.contains("updates = 100 from update 60 on; 60 before: asked for"))
  }

  @Test func `values of shorter rollouts are not added to`() {
    let change = RecipeChange(update: 0, key: .limit, before: 48, value: 96, reason: "asked for")
    var history = RunHistory(Scene.events)
    #expect(history.usableValuation(of: Scene.wrong) != nil)
    history.apply(.changed(change))
    #expect(history.usableValuation(of: Scene.wrong) == nil)
    #expect(history.newestValuation(of: Scene.wrong) != nil)
    history.apply(.valued(Scene.valuation))
    #expect(history.usableValuation(of: Scene.wrong) == Scene.valuation)
  }
}
