import Testing
import Trajectories

@testable import Workbench

/// Steps that are split and joined: what survives, and what it takes to do it.
struct StepCuttingTests {
  private let inspect = Scene.state(Scene.state(), after: ["Enter"])

  /// The state after the request's answer came.
  private func after(_ request: Request, in state: WorkbenchState) throws -> WorkbenchState {
    var state = state
    let cut = try #require(Scene.cut(request, in: state))
    _ = update(&state, .events([.recut(cut)]))
    return state
  }

  private let split = Request.split(trajectory: Scene.wrong, token: 13)

  @Test func `only the new boundary of a split is unknown`() throws {
    let before = try #require(inspect.history.newestValuation(of: Scene.wrong)).values
    let state = try after(split, in: inspect)
    let values = try #require(state.history.newestValuation(of: Scene.wrong)).values
    #expect(values.count == before.count + 1)
    #expect(values[5].rollouts == 0 && values[5].low == 0 && values[5].high == 1)
    let others = values[..<5] + values[6...]
    #expect(others.map(\.mean) == before.map(\.mean))
    #expect(others.map(\.rollouts) == before.map(\.rollouts))
    #expect(values.map(\.boundary) == Array(0..<values.count))
  }

  @Test func `what a join took away comes back with undo`() throws {
    let state = try after(.join(trajectory: Scene.wrong, step: 3), in: inspect)
    #expect(state.trajectory?.steps.count == 8)
    #expect(state.trajectory?.steps[3].text == "*3 19\n+4 22\n")
    #expect(state.history.newestValuation(of: Scene.wrong)?.values.count == 9)
    var undone = state
    _ = update(&undone, .events([.undone]))
    #expect(undone.trajectory == inspect.trajectory)
    #expect(
      undone.history.valuations(of: Scene.wrong) == inspect.history.valuations(of: Scene.wrong))
    #expect(undone.history.proposal(for: Scene.wrong) == Scene.proposal)
    #expect(undone.message?.text == "Taken back: step 4 of #1 is joined with the next.")
    _ = update(&undone, .events([.redone]))
    #expect(undone.history.trajectory(Scene.wrong) == state.history.trajectory(Scene.wrong))
  }

  @Test func `a proposal that speaks of other steps is not shown`() throws {
    let state = try after(split, in: inspect)
    #expect(state.proposal(for: Scene.wrong) == nil)
    var again = state
    var proposal = Scene.proposal
    proposal.leader = 5
    _ = update(&again, .events([.proposed(proposal)]))
    #expect(again.proposal(for: Scene.wrong)?.leader == 5)
    _ = update(&again, .events([.undone]))
    #expect(again.proposal(for: Scene.wrong) == Scene.proposal)
  }

  @Test func `a mark follows its tokens`() throws {
    var state = inspect
    let mark = Mark(trajectory: Scene.wrong, step: 6, kind: .marked)
    _ = update(&state, .events([.marked(mark)]))
    state = try after(split, in: state)
    #expect(state.history.mark(of: Scene.wrong)?.step == 7)
    state = try after(.join(trajectory: Scene.wrong, step: 0), in: state)
    #expect(state.history.mark(of: Scene.wrong)?.step == 6)
    state = try after(.join(trajectory: Scene.wrong, step: 5), in: state)
    #expect(state.history.mark(of: Scene.wrong)?.step == 5)
  }

  @Test func `the cursor stays on its tokens and branches at theirs`() throws {
    let state = try after(.join(trajectory: Scene.wrong, step: 0), in: inspect)
    #expect(state.step == 3)
    #expect(state.branches(of: Scene.wrong, at: 3).count == 3)
    #expect(state.branches(of: Scene.wrong, at: 4).isEmpty)
  }

  @Test func `a fresh effect stays with a step that is the same`() throws {
    var state = inspect
    let effect = FreshEffect(
      step: 4, before: Scene.valuation.values[4], after: Scene.valuation.values[5],
      advantage: -0.4, low: -0.5, high: -0.3)
    let tokens = try #require(state.history.trajectory(Scene.wrong)).steps[4].tokens
    let measured = StepMeasurement(
      trajectory: Scene.wrong, control: .none, policyVersion: 60, tokens: tokens, effect: effect)
    _ = update(&state, .events([.measured(measured)]))
    let moved = try after(.join(trajectory: Scene.wrong, step: 0), in: state)
    #expect(moved.history.measurements(of: Scene.wrong).map(\.effect.step) == [3])
    var halved = try after(split, in: state)
    #expect(halved.history.measurements(of: Scene.wrong).isEmpty)
    _ = update(&halved, .events([.undone]))
    #expect(halved.history.measurements(of: Scene.wrong).map(\.effect.step) == [4])
  }

  @Test func `values of an older cut are not shown at other steps`() throws {
    var state = try after(split, in: inspect)
    let before = state.history
    _ = update(&state, .events([.valued(Scene.valuation)]))
    #expect(state.history.valuations(of: Scene.wrong) == before.valuations(of: Scene.wrong))
    // They were paid all the same.
    #expect(state.history.cost(of: Scene.wrong).rollouts >= before.cost(of: Scene.wrong).rollouts)
  }

  @Test func `a cut of another answer under the same name changes nothing`() throws {
    var cut = try #require(Scene.cut(split, in: inspect))
    cut.steps[cut.steps.count - 1].end += 1
    var state = inspect
    _ = update(&state, .events([.recut(cut)]))
    #expect(state.history == inspect.history)
  }

  @Test func `the same answer drawn again stays cut, another does not`() throws {
    var state = try after(split, in: inspect)
    let steps = state.trajectory?.steps
    let same = try #require(inspect.trajectory)
    _ = update(&state, .events([.sampled(same)]))
    #expect(state.trajectory?.steps == steps)
    var other = same
    other.responseTokens[0] += 1
    _ = update(&state, .events([.sampled(other)]))
    #expect(state.trajectory == other)
    #expect(state.history.words.isEmpty)
  }

  @Test func `a place is chosen with the arrows, and Enter splits there`() {
    var state = Scene.splitting()
    #expect(view(state).text.contains("split step 5 after token 1 of 3"))
    // After the second token only the newline would be left.
    #expect(update(&state, .key(.right)) == [])
    #expect(view(state).text.contains("after token 1 of 3"))
    #expect(update(&state, .key(.enter)) == [.split(trajectory: Scene.wrong, token: 13)])
    #expect(state.mode == .normal && state.focus == .list)
  }

  @Test func `Esc splits nothing`() {
    var state = Scene.splitting()
    #expect(update(&state, .key(.escape)) == [])
    #expect(state.mode == .normal)
    #expect(state.message?.text == "Not split.")
  }

  @Test func `a long step is cut first after its first sentence, and by sentences`() throws {
    let pieces = ["One", " is", " one", ".", " Two", " is", " two", ".", " Three"]
    let step = Step(start: 0, end: 9, text: pieces.joined())
    var place = try #require(
      CutPlace(trajectory: "a", step: step, number: 0, pieces: pieces))
    #expect(place.cut == 4)
    place.moveToEnd(by: 1)
    #expect(place.cut == 8)
    place.moveToEnd(by: 1)
    #expect(place.cut == 8)
    place.moveToEnd(by: -1)
    #expect(place.cut == 4)
    place.move(by: -1)
    #expect(place.cut == 3)
  }

  @Test func `a step by name is split after so many tokens`() {
    var state = inspect
    #expect(state.runLine("split 2") == [.split(trajectory: Scene.wrong, token: 14)])
    #expect(state.runLine("split 3") == [])
    #expect(state.message?.text == "Say after how many tokens, 1 to 2.")
  }

  @Test func `the last step has nothing to be joined with`() {
    let state = Scene.state(inspect, after: ["$", "J"])
    #expect(state.message?.text.hasPrefix("This is the last step") == true)
  }

  @Test func `steps stay as they are while they are valued`() {
    var state = inspect
    _ = update(&state, .engine(.working))
    #expect(update(&state, .key(.character("J"))) == [])
    #expect(state.message?.text.hasPrefix("The engine is busy") == true)
  }
}
