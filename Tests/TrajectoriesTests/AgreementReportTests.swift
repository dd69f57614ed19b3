import Testing
import Trajectories

struct AgreementReportTests {
  private func answer(
    _ id: String, steps: Int, leader: Int?, clear: Bool = true, _ labels: [StepLabel]
  ) -> AgreementReport.Answer {
    let cut = (0..<steps).map { Step(start: $0 * 2, end: $0 * 2 + 2, text: "\($0)\n") }
    let trajectory = Trajectory(
      id: id, problem: Problem(id: id, task: "file", prompt: "?", reference: "1", guessChance: 0),
      promptTokens: [1], responseTokens: Array(repeating: 0, count: steps * 2),
      logProbabilities: Array(repeating: 0, count: steps * 2), steps: cut, reward: 0,
      chainCorrect: nil, seed: 1, policyVersion: 0, truncated: false)
    let proposal = leader.map {
      CriticalStep(
        trajectory: id, policyVersion: 0, rule: .paperAbsolute, step: clear ? $0 : nil, leader: $0,
        advantage: -0.5, low: -0.6, high: -0.4, confidence: 0.9, rollouts: 64)
    }
    return .init(trajectory: trajectory, proposal: proposal, labels: labels)
  }

  private func label(
    _ person: String, _ step: Int?, steps: Int, blind: Bool = true, seconds: Double? = nil
  ) -> StepLabel {
    StepLabel(
      person: person, trajectory: "", step: step, starts: (0..<steps).map { $0 * 2 }, blind: blind,
      seconds: seconds)
  }

  private var answers: [AgreementReport.Answer] {
    [
      answer(
        "a", steps: 4, leader: 1,
        [label("Ada", 1, steps: 4, seconds: 10), label("Bo", 1, steps: 4)]),
      answer(
        "b", steps: 8, leader: 2, clear: false,
        [label("Ada", 7, steps: 8, seconds: 30), label("Bo", 2, steps: 8)]),
      answer("c", steps: 5, leader: 0, [label("Ada", nil, steps: 5, seconds: 20)]),
      answer("d", steps: 5, leader: nil, [label("Bo", 3, steps: 5)]),
    ]
  }

  @Test func `a person stands beside the rule where both name a step`() throws {
    let ada = try #require(AgreementReport(answers).people.first)
    #expect(ada.name == "Ada" && ada.labels == 3 && ada.blind == 3 && ada.none == 1)
    #expect(ada.medianSeconds == 20)
    #expect(ada.rule.trajectories == 2 && ada.rule.same == 1 && ada.rule.steps == 12)
    #expect(abs(ada.rule.chance - (1.0 / 4 + 1.0 / 8) / 2) < 1e-12)
    #expect(ada.clear.trajectories == 1 && ada.clear.same == 1)
    #expect(
      ada.kinds == [
        .init(kind: .first, chosen: 1, led: 2, same: 1),
        .init(kind: .last, chosen: 1, led: 0, same: 0),
      ])
  }

  @Test func `two people are compared on what both judged`() throws {
    let report = AgreementReport(answers)
    let pair = try #require(report.pairs.first)
    #expect(report.pairs.count == 1 && pair.first == "Ada" && pair.second == "Bo")
    #expect(pair.agreement.trajectories == 2 && pair.agreement.same == 1)
    // Both 1, one alone 1 and 1, neither 9.
    #expect(pair.agreement.kappa == CohenKappa(table: [[1, 1], [1, 9]]))
  }

  @Test func `only the first blind choice of a person counts`() {
    let changed = [
      answer(
        "a", steps: 4, leader: 1,
        [
          label("Ada", 0, steps: 4, blind: false), label("Ada", 3, steps: 4),
          label("Ada", 1, steps: 4),
        ])
    ]
    #expect(AgreementReport(changed).people.first?.rule.same == 0)
    let open = AgreementReport(changed, includingOpen: true)
    #expect(open.people.first?.blind == 0)
  }

  @Test func `a choice follows its tokens when the steps are cut otherwise`() {
    // The person chose the second of four; the first two were joined since.
    var joined = answer("a", steps: 4, leader: 0, [label("Ada", 1, steps: 4)])
    joined.trajectory.steps =
      [Step(start: 0, end: 4, text: "0\n1\n")] + joined.trajectory.steps[2...]
    #expect(AgreementReport([joined]).people.first?.rule.same == 1)
  }
}
