import Testing
import Trajectories

@testable import Session

struct MarkLogTests {
  private func log(_ events: [RunEvent]) -> MarkLog {
    var log = MarkLog()
    for event in events { log.read(event) }
    return log
  }

  private func updated(_ number: Int) -> RunEvent {
    var metrics = Metrics()
    metrics.update = number
    return .updated(metrics)
  }

  private func mark(_ trajectory: String, _ kind: MarkKind = .marked) -> RunEvent {
    .marked(Mark(trajectory: trajectory, step: 1, kind: kind))
  }

  @Test func `an update that is made again obeys what it obeyed before`() {
    let log = log([
      updated(1), mark("a"), .followed(marks: 1, update: 2), updated(2), mark("b"),
      .resumed(update: 0),
    ])
    #expect([1, 2, 3].map { log.count(for: $0) } == [0, 1, 2])
  }

  @Test func `after a rollback every update obeys all that was said`() {
    let log = log([
      updated(1), mark("a"), .followed(marks: 1, update: 2), updated(2), .rolledBack(update: 1),
      mark("b"),
    ])
    #expect([2, 3].map { log.count(for: $0) } == [2, 2])
  }

  @Test func `an update that is made again has the recipe it had before`() {
    func change(_ update: Int, _ key: RecipeChange.Key, _ value: Int) -> RunEvent {
      .changed(
        RecipeChange(update: update, key: key, before: 1, value: value, reason: "asked for"))
    }
    let events = [updated(1), change(1, .limit, 7), updated(2), change(2, .updates, 90)]
    func numbers(_ log: MarkLog) -> [[Int]] {
      [1, 2, 3].map { update in
        let recipe = log.recipe(Recipe(), for: update)
        return [recipe.sampling.limit, recipe.updates]
      }
    }
    #expect(numbers(log(events + [.resumed(update: 0)])) == [[48, 60], [7, 60], [7, 90]])
    #expect(numbers(log(events + [.rolledBack(update: 0)])) == [[7, 90], [7, 90], [7, 90]])
  }

  @Test func `a word that was taken back stands as cleared`() {
    let log = log([mark("a"), mark("b", .confirmed), .undone])
    #expect(log.standing(2).map(\.kind) == [.marked, .confirmed])
    #expect(log.standing(3).map(\.kind) == [.marked, .cleared])
  }

  @Test func `a mark follows its tokens through cuts, and steps are those of the time`() {
    let whole = [Step(start: 0, end: 4, text: "ab"), Step(start: 4, end: 6, text: "c")]
    let split = [
      Step(start: 0, end: 2, text: "a"), Step(start: 2, end: 4, text: "b"), whole[1],
    ]
    let cut = StepCut(
      trajectory: "a", kind: .split, token: 2, starts: whole.map(\.start), steps: split)
    let log = log([mark("a"), .recut(cut), mark("b"), .undone, .undone])
    #expect([1, 2, 3, 4, 5].map { log.standing($0).first?.step } == [1, 2, 2, 2, 1])
    #expect([1, 2, 4, 5].map { log.steps(of: "a", after: $0) } == [nil, split, split, nil])
  }
}
