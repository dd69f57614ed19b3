import Foundation
import Records
import Testing
import Trajectories
import Workbench

@testable import Session
@testable import TerminalTesting

extension ProcessWideTests {
  /// Whatever was found out about a run is on its screens again when it is opened anew.
  struct RememberingTests {
    private let place: Workplace
    private let run: URL

    init() throws {
      place = try Workplace()
      run = place.runs.appendingPathComponent("one")
      let shipped = Workplace.root.appendingPathComponent("samples/run")
      try FileManager.default.copyItem(at: shipped, to: run)
    }

    private func events() throws -> Int { try place.events(of: "one").count }

    @Test func `closing and reopening a run changes nothing on any screen`() throws {
      defer { place.remove() }
      let bench = try DrivenSession(run)
      let answers = bench.state.history.trajectories.prefix(3).map(\.id)
      try bench.perform(
        .estimate(trajectory: answers[0], rollouts: 8),
        .estimateStep(trajectory: answers[0], step: 2, rollouts: 4),
        .measureFresh(trajectory: answers[0], step: 2), .controls(trajectory: answers[0], step: 2),
        .compare(trajectory: answers[0], step: 2, first: 0, second: 20),
        .reset(trajectory: answers[0], step: 1, count: 3), .locate(trajectory: answers[1]),
        .mark(Mark(trajectory: answers[1], step: 1, kind: .marked)), .undo, .redo,
        .estimate(trajectory: answers[2], rollouts: 4),
        .measureFresh(trajectory: answers[2], step: 3),
        .join(trajectory: answers[2], step: 0), .estimate(trajectory: answers[2], rollouts: 8),
        .ask(prompt: "3 *8 +2 ?v :", reference: "26"), .draw(2))
      let asked = try #require(bench.state.history.trajectories.first { $0.id == "asked-1" }).id
      try bench.perform(
        .estimate(trajectory: asked, rollouts: 4), .measureFresh(trajectory: asked, step: 0))
      let shown = bench.screens(of: answers + [asked])
      let history = bench.state.history
      // What is to be kept was found out at all.
      #expect(
        history.measurements(of: answers[0]).map(\.control) == [.none, .randomStep, .restart])
      #expect(history.comparisons(of: answers[0]).count == 1)
      #expect(history.measurements(of: answers[2]).map(\.effect.step) == [2])
      #expect(history.newestValuation(of: answers[0])?.anchors != nil)
      bench.close()
      let again = try DrivenSession(run)
      let now = again.screens(of: answers + [asked])
      #expect(now.count == shown.count)
      for (name, text) in shown where now[name] != text {
        Issue.record("\(name) was\n\(text)\nand is\n\(now[name] ?? "missing")")
      }
      #expect(again.state.history == history)
      again.close()
    }

    @Test func `a reopened run pays for nothing twice and goes on as if it had stayed open`() throws
    {
      defer { place.remove() }
      let other = place.runs.appendingPathComponent("other")
      try FileManager.default.copyItem(at: run, to: other)
      let (bench, stayed) = (try DrivenSession(run), try DrivenSession(other))
      let id = try #require(bench.state.history.trajectories.first).id
      try bench.perform(.estimate(trajectory: id, rollouts: 8), .join(trajectory: id, step: 2))
      try stayed.perform(.estimate(trajectory: id, rollouts: 8), .join(trajectory: id, step: 2))
      bench.close()
      let again = try DrivenSession(run)
      let before = try events()
      try again.perform(.estimate(trajectory: id, rollouts: 8))
      #expect(try events() == before)
      try again.perform(.estimate(trajectory: id, rollouts: 12))
      try stayed.perform(.estimate(trajectory: id, rollouts: 12))
      let found = try #require(again.state.history.newestValuation(of: id))
      let wanted = try #require(stayed.state.history.newestValuation(of: id))
      #expect(found.values == wanted.values && found.tokens == wanted.tokens)
      #expect(found.anchors == wanted.anchors && found.anchors != nil)
      let steps = wanted.values.count - 1
      #expect(found.cost?.rollouts == 4 * steps && found.cost?.tokens == wanted.cost?.tokens)
      #expect(
        again.state.history.cost(of: id).rollouts == stayed.state.history.cost(of: id).rollouts)
      again.close()
      stayed.close()
    }

    @Test func `enumerated values outlast a join and a closing`() throws {
      defer { place.remove() }
      let recipe = run.appendingPathComponent(RunStore.recipeName)
      let text = try String(contentsOf: recipe, encoding: .utf8)
      try text.replacing(/estimator = "\w+"/, with: "estimator = \"exact\"")
        .write(to: recipe, atomically: true, encoding: .utf8)
      try Trainer(OpenedRun(run, readOnly: false)).takeLock(acceptingEdits: true)
      let bench = try DrivenSession(run)
      let id = try #require(bench.state.history.trajectories.first).id
      try bench.perform(.locate(trajectory: id), .join(trajectory: id, step: 1))
      let exact = try #require(bench.state.history.newestValuation(of: id))
      #expect(exact.values.dropLast().allSatisfy { $0.basis == .exact })
      let before = try events()
      try bench.perform(.estimate(trajectory: id, rollouts: 8))
      #expect(try events() == before)
      let shown = bench.screens(of: [id])
      bench.close()
      let again = try DrivenSession(run)
      try again.perform(.estimate(trajectory: id, rollouts: 8))
      #expect(try events() == before)
      #expect(again.screens(of: [id]) == shown)
      again.close()
    }
  }
}

extension DrivenSession {
  /// Every screen in two sizes, for each of some answers and each of their steps.
  fileprivate func screens(of answers: [String]) -> [String: String] {
    var all: [String: String] = [:]
    for id in answers {
      for step in state.history.trajectory(id)?.steps.indices ?? 0..<0 {
        for (columns, rows) in [(80, 24), (120, 40)] {
          for screen in ScreenName.allCases where screen != .study {
            var shown = state
            shown.message = nil
            shown.screen = screen
            (shown.selection, shown.step) = (id, step)
            (shown.compare.first, shown.compare.second) = (0, 20)
            _ = update(&shown, .resized(Size(columns: columns, rows: rows)))
            all["\(screen) of \(id), step \(step), \(columns)x\(rows)"] = view(shown).text
          }
        }
      }
    }
    return all
  }
}
