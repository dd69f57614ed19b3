import Testing
import Trajectories

@testable import Session

struct DumpEventsTests {
  private func answers(_ events: [RunEvent]) -> [Trajectory] {
    events.compactMap { if case .sampled(let answer) = $0 { answer } else { nil } }
  }

  @Test func `steps cover the text, and the turns of tools are steps that carry no loss`() throws {
    let dumped = DumpedTrajectory(
      id: "a", prompt: "2+2?",
      segments: [
        DumpedSegment(role: .assistant, text: "I ask.\n\ncall(2+2)\n"),
        DumpedSegment(role: .tool, text: "4\nok\n"),
        DumpedSegment(role: .assistant, text: "It is 4."),
      ], fidelity: .text)
    var events = DumpEvents()
    let answer = try #require(answers(events.events(of: dumped, format: "x")).first)
    #expect(answer.text == dumped.response)
    #expect(answer.steps.map(\.start) == [0] + answer.steps.dropLast().map(\.end))
    #expect(answer.steps.last?.end == answer.responseTokens.count)
    let tool = try #require(answer.steps.first { !$0.note.isEmpty })
    #expect(tool.text == "4\nok\n" && tool.note.contains("no loss"))
    #expect(answer.lengthWords == "8 words")
  }

  @Test func `each training step ends in its mean reward`() {
    var events = DumpEvents()
    var told: [RunEvent] = []
    for (step, reward) in [(1, 1.0), (1, 0), (2, 1)] {
      var dumped = DumpedTrajectory(
        id: "\(told.count)", prompt: "?", response: "x", fidelity: .stripped)
      (dumped.trainingStep, dumped.reward) = (step, reward)
      told += events.events(of: dumped, format: "x")
    }
    told += events.close()
    let rewards = told.compactMap { event -> Double? in
      if case .updated(let metrics) = event { metrics.reward } else { nil }
    }
    #expect(rewards == [0.5, 1])
  }

  @Test func `values that a file tells become values and a critical step`() throws {
    var dumped = DumpedTrajectory(id: "a", prompt: "?", response: "a b", fidelity: .stripped)
    dumped.reward = 0
    dumped.steps = [
      DumpedStep(text: "a\n", valueBefore: 0.5, rollouts: 100),
      DumpedStep(text: "b\n", valueBefore: 0.9, rollouts: 100),
    ]
    var events = DumpEvents()
    let told = events.events(of: dumped, format: "x")
    let choice = told.compactMap { event -> CriticalStep? in
      if case .proposed(let choice) = event { choice } else { nil }
    }
    #expect(choice.first?.leader == 1)
  }
}
