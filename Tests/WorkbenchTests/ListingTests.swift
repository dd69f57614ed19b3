import Testing
import Trajectories

@testable import Workbench

/// The list that is kept up beside the plain computation of it.
struct ListingTests {
  /// A stream of numbers that is the same every time.
  private struct Numbers: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
  }

  private static let texts = [
    "*8 24", "+4 22", "Apple pie", "Äpfel", "e\u{301}clair", "漢字 a", "# 17", "STRASSE", "",
  ]
  private static let filters = [
    "", "", "right", "wrong", "wrong marked", "valued", "unvalued", "lucky", "forked", "truncated",
    "update:1", "update:x", "chain-right", "a", "a ap", "APPLE", "é", "ä wrong", "8 24",
    "none of it",
    "right app", "marked",
  ]

  /// The ids that should be listed, worked out from the whole run.
  private func plain(_ state: WorkbenchState) -> [String] {
    if state.blind.isOn, !state.blind.trajectories.isEmpty {
      return state.blind.trajectories.filter { state.history.trajectory($0) != nil }
    }
    let filter = ListFilter(state.list.filter)
    var found = state.history.trajectories.filter { filter.holds(for: $0, in: state) }
    func key(_ one: Trajectory) -> Double {
      switch state.list.sorting {
      case .order: 0
      case .reward: one.reward
      case .steps: Double(one.steps.count)
      case .length: Double(one.responseTokens.count)
      case .critical: state.criticalSize(of: one.id)
      case .update: Double(one.policyVersion)
      }
    }
    found = found.enumerated().sorted {
      (key($0.element), $0.offset) < (key($1.element), $1.offset)
    }.map(\.element)
    return (state.list.descending ? found.reversed() : found).map(\.id)
  }

  private func event(_ random: inout Numbers, _ state: WorkbenchState) -> RunEvent {
    let known = state.history.trajectories
    let one = known.randomElement(using: &random)
    switch Int.random(in: 0..<12, using: &random) {
    case 0 where one != nil, 1 where one != nil:
      var valuation = Scene.valuation
      valuation.trajectory = one?.id ?? ""
      valuation.policyVersion = Int.random(in: 0..<3, using: &random)
      let count = (one?.steps.count ?? 0) + 1
      valuation.values = (0..<count).map { place in
        let mean = Double.random(in: 0...1, using: &random)
        return StepValue(
          boundary: place, rewardSum: mean * 8, rollouts: place + 1 == count ? 0 : 8, truncated: 0,
          mean: mean, low: 0, high: 1)
      }
      return .valued(valuation)
    case 2 where one != nil:
      var proposal = Scene.proposal
      proposal.trajectory = one?.id ?? ""
      proposal.policyVersion = Int.random(in: 0..<3, using: &random)
      let step = Int.random(in: 0..<max(1, one?.steps.count ?? 1), using: &random)
      (proposal.leader, proposal.step) = (step, Bool.random(using: &random) ? step : nil)
      proposal.advantage = Double.random(in: -1...1, using: &random)
      return .proposed(proposal)
    case 3 where one != nil:
      let kinds: [MarkKind] = [.marked, .confirmed, .rejected, .cleared]
      return .marked(
        Mark(
          trajectory: one?.id ?? "", step: 0, kind: kinds.randomElement(using: &random) ?? .marked))
    case 4: return .undone
    case 5: return .redone
    case 6 where one != nil:
      return .labelled(
        StepLabel(
          person: "you", trajectory: one?.id ?? "", step: 0, starts: one?.steps.map(\.start) ?? [],
          blind: true))
    case 7 where Int.random(in: 0..<6, using: &random) == 0: return .rolledBack(update: 1)
    default: return .sampled(trajectory(&random, among: known))
    }
  }

  private func trajectory(_ random: inout Numbers, among known: [Trajectory]) -> Trajectory {
    // Now and then another answer comes under a name that is there.
    let again =
      Int.random(in: 0..<8, using: &random) == 0 ? known.randomElement(using: &random) : nil
    let texts = (0..<Int.random(in: 0..<5, using: &random)).map { _ in
      Self.texts.randomElement(using: &random) ?? ""
    }
    let slip = Bool.random(using: &random) ? nil : 1
    let fork = known.randomElement(using: &random).map {
      Fork(trajectory: $0.id, step: 0, keptTokens: 0)
    }
    var made = Scene.answer(
      again?.id ?? "one/\(known.count)", texts,
      reward: Double(Int.random(in: 0...2, using: &random)) / 2,
      slip: slip, fork: Int.random(in: 0..<4, using: &random) == 0 ? fork : nil)
    made.policyVersion = Int.random(in: 0..<3, using: &random)
    made.truncated = Int.random(in: 0..<5, using: &random) == 0
    if Bool.random(using: &random) { made.chainCorrect = nil }
    return made
  }

  private func change(_ state: inout WorkbenchState, _ random: inout Numbers) {
    switch Int.random(in: 0..<20, using: &random) {
    case 0: state.list.filter = Self.filters.randomElement(using: &random) ?? ""
    case 1:
      state.list.sorting = TrajectoryList.Sorting.allCases.randomElement(using: &random) ?? .order
    case 2: state.list.descending.toggle()
    case 3 where Int.random(in: 0..<4, using: &random) == 0:
      state.blind.isOn.toggle()
      state.blind.trajectories = state.history.trajectories.map(\.id).shuffled(using: &random)
        .dropLast(Bool.random(using: &random) ? 1 : 1000)
    case 4:
      let one = state.history.trajectories.randomElement(using: &random)
      var valuation = Scene.valuation
      valuation.trajectory = one?.id ?? ""
      _ = update(&state, .partialValuation(valuation))
    case 5: _ = update(&state, .engine(.idle))
    case 6:
      let keys: [Key] = [
        .character("j"), .character("k"), .character("G"), .character("o"), .character("."),
        .character("n"),
      ]
      _ = update(&state, .key(keys.randomElement(using: &random) ?? .down))
    default:
      let events = (0..<Int.random(in: 1...20, using: &random)).map { _ in event(&random, state) }
      _ = update(&state, .events(events))
    }
  }

  @Test(arguments: [1 << 20, 2000, 300])
  func `what is listed is what a look at the whole run would list`(slice: Int) {
    for seed in 0..<12 {
      var random = Numbers(state: UInt64(seed))
      var state = Scene.state(events: [])
      state.slice = slice
      for round in 0..<150 {
        change(&state, &random)
        guard Int.random(in: 0..<3, using: &random) == 0 else { continue }
        repeat { _ = update(&state, .goOn) } while state.isAtWork
        let wanted = plain(state)
        let found = state.listed.map(\.id)
        guard found == wanted else {
          Issue.record("seed \(seed), round \(round), \(state.list): \(found) and not \(wanted)")
          return
        }
        for (row, id) in found.enumerated() where state.row(of: id) != row {
          Issue.record("seed \(seed), round \(round): \(id) is in row \(row)")
        }
        let criticals = wanted.map { state.criticalStep(of: $0) != nil }
        let first = criticals.firstIndex(of: true)
        if state.criticalRow(after: -1, by: 1) != first {
          Issue.record("seed \(seed), round \(round): the first critical row is \(first ?? -1)")
        }
      }
    }
  }

  @Test func `a long list is worked out in slices, and what is found so far is listed`() {
    var state = Scene.state()
    state.slice = 600
    let answers = (0..<400).map { number in
      Scene.answer("one/\(number)", ["*8 \(number)"], reward: Double(number % 2))
    }
    _ = update(&state, .events(answers.map { .sampled($0) }))
    while state.isAtWork { _ = update(&state, .goOn) }
    #expect(state.listed.count == 406)
    let selected = state.selection
    _ = update(&state, .key(.character("F")))
    for letter in "wrong" { _ = update(&state, .key(.character(letter))) }
    _ = update(&state, .key(.enter))
    #expect(state.isAtWork)
    #expect(state.selection == selected)
    #expect(!(state.message?.text.contains("are listed") ?? false))
    var counts: [Int] = []
    while state.isAtWork {
      _ = update(&state, .goOn)
      counts.append(state.listed.count)
      _ = view(state)
    }
    #expect(counts.count > 10 && counts == counts.sorted())
    #expect(state.message?.text == "203 of 406 are listed.")
    #expect(state.listed.allSatisfy { $0.reward < 0.5 })
  }

  @Test func `a search goes on in slices and stops where somebody types`() {
    var state = Scene.state()
    state.slice = 2000
    let answers = (0..<400).map { number in
      Scene.answer("one/\(number)", [number == 333 ? "needle" : "hay"], reward: 0)
    }
    _ = update(&state, .events(answers.map { .sampled($0) }))
    while state.isAtWork { _ = update(&state, .goOn) }
    func search() {
      for key in [Key.character("/")] + "NEEDLE".map(Key.character) + [.enter] {
        _ = update(&state, .key(key))
      }
    }
    search()
    #expect(state.isAtWork)
    while state.isAtWork { _ = update(&state, .goOn) }
    #expect(state.selection == "one/333")
    _ = update(&state, .key(.character("g")))
    _ = update(&state, .key(.character("g")))
    let first = state.selection
    search()
    _ = update(&state, .key(.character("j")))
    while state.isAtWork { _ = update(&state, .goOn) }
    #expect(state.selection != "one/333" && state.selection != first)
  }

  @Test func `a text is found whatever its capitals`() {
    let texts = ["Apple", "ÄPFEL", "e\u{301}clair", "a\u{0}b", "", "ppl"]
    for text in texts {
      for wanted in ["apple", "PPL", "äp", "é", "\u{0}", "", "q", "Apple pie"] {
        let found = TextNeedle(wanted).isFound(in: text)
        #expect(found == text.lowercased().contains(wanted.lowercased()), "\(wanted) in \(text)")
      }
    }
  }
}
