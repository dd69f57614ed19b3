import Foundation
import Records
import Testing
import Trajectories
import Workbench

@testable import Session
@testable import TerminalTesting

extension ProcessWideTests {
  /// What is asked for at the workbench becomes work of the engine.
  struct RunSessionTests {
    private func sample(_ place: Workplace) throws -> URL {
      let run = place.runs.appendingPathComponent("one")
      try FileManager.default.copyItem(
        at: Workplace.root.appendingPathComponent("samples/run"), to: run)
      return run
    }

    @Test func `training goes on, pauses, returns to a checkpoint and ends on request`() throws {
      let place = try Workplace()
      defer { place.remove() }
      let driven = try DrivenSession(try sample(place))
      let made = driven.state.history.policyVersion
      try driven.perform(.train(.more(1)))
      #expect(driven.state.history.policyVersion == made + 1)
      try driven.perform(.train(.oneUpdate), .train(.pause))
      #expect(driven.state.history.policyVersion == made + 2)
      try driven.perform(.limit(40), .train(.rollBack(to: made)))
      #expect(driven.state.history.policyVersion == made)
      try driven.perform(.train(.stop))
      #expect(driven.state.history.status == .stopped)
      driven.close()
      let events = try place.events(of: "one")
      #expect(events.contains { if case .rolledBack(update: made) = $0 { true } else { false } })
      #expect(CheckpointFolder.newest(in: place.runs.appendingPathComponent("one"))?.update == made)
    }

    @Test func `a person's words, texts and boundaries are answered`() throws {
      let place = try Workplace()
      defer { place.remove() }
      let driven = try DrivenSession(try sample(place))
      let answer = try #require(driven.state.history.trajectories.first)
      let end = try #require(answer.steps.first?.end)
      try driven.perform(
        .pieces(trajectory: answer.id), .join(trajectory: answer.id, step: 0),
        .split(trajectory: answer.id, token: end), .search(answer.id), .cancel,
        .label(
          StepLabel(
            person: "a", trajectory: answer.id, step: 1, starts: answer.steps.map(\.start),
            blind: true)))
      #expect(driven.heard.contains { if case .pieces = $0 { true } else { false } })
      let now = try #require(driven.state.history.trajectory(answer.id))
      #expect(now.steps.map(\.start) == answer.steps.map(\.start))
      driven.close()
      #expect(
        try place.events(of: "one").contains { if case .labelled = $0 { true } else { false } })
    }

    @Test func `what cannot be done is a sentence`() throws {
      let place = try Workplace()
      defer { place.remove() }
      let driven = try DrivenSession(try sample(place))
      func said(_ request: Request) -> String {
        let answers = driven.session.perform(request, state: driven.state)
        guard case .message(let text, .error)? = answers.first else { return "" }
        return text
      }
      #expect(said(.locate(trajectory: "none")).contains("no trajectory none"))
      let id = try #require(driven.state.history.trajectories.first).id
      #expect(said(.join(trajectory: id, step: 999)).contains("cannot be changed there"))
      #expect(said(.redraw).isEmpty)
      driven.close()
    }
  }
}
