import Trajectories

@testable import Workbench

// The run of `Scene` with people who split steps and choose critical ones.
extension Scene {
  /// What two people chose of the three answers.
  static let labels = [
    label("Ada", wrong, 4, seconds: 42), label("Ada", right, 2, seconds: 18),
    label("Bo", wrong, 4, seconds: 12.5), label("Bo", right, nil, seconds: 30),
    label("Bo", plain, 1, seconds: 6),
  ]

  static func label(
    _ person: String, _ id: String, _ step: Int?, blind: Bool = true, seconds: Double? = nil
  ) -> StepLabel {
    let steps = RunHistory(events).trajectory(id)?.steps ?? []
    return StepLabel(
      person: person, trajectory: id, step: step, starts: steps.map(\.start), blind: blind,
      seconds: seconds)
  }

  /// A workbench in which Ada is to judge two answers blind.
  static func blind(
    columns: Int = 80, rows: Int = 24, glyphs: GlyphSet = .unicode,
    events: [RunEvent] = Scene.events
  ) -> WorkbenchState {
    var state = WorkbenchState(
      runName: "samples/run", policyName: "tiny", size: Size(columns: columns, rows: rows),
      glyphs: glyphs)
    state.blind = BlindMode(person: "Ada", isOn: true, trajectories: [wrong, right])
    _ = update(&state, .events(events))
    return state
  }

  /// The step of the wrong answer being split.
  static func splitting(
    columns: Int = 80, rows: Int = 24, glyphs: GlyphSet = .unicode
  ) -> WorkbenchState {
    var state = self.state(columns: columns, rows: rows, glyphs: glyphs)
    state = self.state(state, after: ["Enter", "|"])
    _ = update(&state, .pieces(pieces(of: wrong, in: state), trajectory: wrong))
    return state
  }

  /// Three tokens a step, such as `*8`, ` 24` and the newline.
  static func pieces(of id: String, in state: WorkbenchState) -> [String] {
    let steps = state.history.cuts[id]?.original ?? state.history.trajectory(id)?.steps
    return (steps ?? []).flatMap { step -> [String] in
      let words = step.text.dropLast().split(separator: " ")
      return [String(words.first ?? ""), " " + (words.dropFirst().first ?? ""), "\n"]
    }
  }

  /// What a split or a join of the answer comes back as.
  static func cut(_ request: Request, in state: WorkbenchState) -> StepCut? {
    switch request {
    case .split(let id, let token):
      guard let trajectory = state.history.trajectory(id),
        let steps = trajectory.steps(splitAt: token, pieces: pieces(of: id, in: state))
      else { return nil }
      return StepCut(
        trajectory: id, kind: .split, token: token, starts: trajectory.steps.map(\.start),
        steps: steps)
    case .join(let id, let step):
      guard let trajectory = state.history.trajectory(id),
        let steps = trajectory.steps(joiningAfter: step)
      else { return nil }
      return StepCut(
        trajectory: id, kind: .joined, token: trajectory.steps[step].end,
        starts: trajectory.steps.map(\.start), steps: steps)
    default: return nil
    }
  }

  /// What comes back of a request that changes what a person said.
  static func answers(to request: Request, in state: WorkbenchState) -> [Action] {
    switch request {
    case .mark(let mark): [.events([.marked(mark)])]
    case .label(let label): [.events([.labelled(label)])]
    case .undo: [.events([.undone])]
    case .redo: [.events([.redone])]
    case .pieces(let id): [.pieces(pieces(of: id, in: state), trajectory: id)]
    case .split, .join: cut(request, in: state).map { [.events([.recut($0)])] } ?? []
    default: []
    }
  }

  /// An answer in sentences, with another script, a formula and the mark that ends it.
  static var proseEvents: [RunEvent] {
    let texts = [
      "First, the basket holds 12 apples, and 7 bags of 5 apples each are put into it.",
      "Then $7 \\times 5 = 35$, where \\frac{35}{7} = 5 confirms that the product is right.",
      "首先，篮子里有12个苹果 🍎🍎，然后又放进去七袋，每袋五个苹果，一共是多少个呢？",
      "So the answer is 47, because 12 and 35 make 47 in all.<|im_end|>",
    ]
    var prose = answer("prose", texts, reward: 1)
    for step in prose.steps.indices {
      (prose.steps[step].verdict, prose.steps[step].note) = (nil, "")
    }
    prose.steps[3].text.removeLast()
    prose.problem.prompt = "A basket holds 12 apples. 7 bags of 5 are put into it. How many?"
    let values = [0.5, 0.5, 0.9375, 0.96875, 1].enumerated().map { place, mean in
      StepValue(
        boundary: place, rewardSum: mean * 32, rollouts: place == 4 ? 0 : 32, truncated: 0,
        mean: mean, low: max(0, mean - 0.15), high: min(1, mean + 0.15))
    }
    return [
      events[0], .sampled(prose),
      .valued(
        Valuation(
          trajectory: "prose", policyVersion: 0, values: values, tokens: 900, seconds: 40)),
    ]
  }
}
