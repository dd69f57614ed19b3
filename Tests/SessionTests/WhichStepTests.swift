import Foundation
import LanguageModel
import Learning
import Records
import Testing
import Trajectories

@testable import Session
@testable import TerminalTesting
@testable import Workbench

/// The step that is recorded, the step that training resets to and the step that the screen draws.
struct WhichStepTests {
  static let rules = Rule.allCases.filter { $0 != .selfLocalised }

  private func recipe(_ rule: Rule, _ estimator: Estimator, unclear: UnclearUse) -> Recipe {
    var recipe = Recipe.standard(for: estimator == .valueHead ? .ppo : .grpo)
    recipe.updates = 2
    recipe.task.length = 3
    recipe.task.hard = 1
    recipe.values.rule = rule
    recipe.values.estimator = estimator
    recipe.values.unclear = unclear
    recipe.values.minimumAdvantage = 0.02
    recipe.values.steps = 2
    recipe.resets.newPerUpdate = 12
    recipe.objective.groups = 12
    recipe.objective.groupSize = 4
    recipe.evaluation.problems = 1
    recipe.evaluation.samples = 1
    return recipe
  }

  /// Rows of the Inspect screen that carry the mark of a proposed step, counted from 0.
  private func drawn(_ id: String, of events: [RunEvent]) -> [Int] {
    var state = WorkbenchState(
      runName: "r", policyName: "tiny", size: Size(columns: 120, rows: 40))
    state.history = RunHistory(events)
    state.screen = .inspect
    state.selection = id
    let grid = view(state)
    guard let box = Layout(of: state).panes[.list] else { return [] }
    // Within the box one row is the head; the mark stands before the last column.
    let column = box.column + box.columns - 3
    return (0..<box.rows - 3).filter { grid[box.row + 2 + $0, column].character == "◆" }
  }

  private func check(_ trainer: Trainer, _ name: String) throws -> Int {
    let events = try trainer.run.store.events().map(\.event)
    let buffer = trainer.loop.state.buffer.states
    var valued: Set<String> = []
    var choices: [String: CriticalStep] = [:]
    for case .valued(let valuation) in events { valued.insert(valuation.trajectory) }
    for case .proposed(let choice) in events { choices[choice.trajectory] = choice }
    #expect(valued == Set(choices.keys), "\(name)")
    for (id, choice) in choices {
      let stored = buffer.filter { $0.trajectory == id }.map(\.step)
      #expect(choice.resets == stored, "\(name), \(id)")
      #expect((choice.storedAt == nil) == stored.isEmpty, "\(name), \(id)")
      let rows = drawn(id, of: events)
      let shown = stored.isEmpty ? [choice.step].compactMap { $0 } : stored
      #expect(Set(rows) == Set(shown), "\(name), \(id): \(rows) is drawn")
    }
    return choices.values.count { $0.storedAt != nil }
  }

  @Test(arguments: Estimator.allCases)
  func `the recorded step is the one that is stored and drawn, and after a reopening`(
    estimator: Estimator
  ) throws {
    let place = try Workplace()
    defer { place.remove() }
    var stored = 0
    for rule in Self.rules {
      for unclear in rule == .paperAbsolute ? UnclearUse.allCases : [.train] {
        let name = "\(rule.rawValue), \(estimator.rawValue), \(unclear.rawValue)"
        let folder = place.runs.appendingPathComponent("\(rule.rawValue)-\(unclear.rawValue)")
        let model = try LoadedModel(Workplace.root.appendingPathComponent("samples/tiny"))
        let recipe = recipe(rule, estimator, unclear: unclear)
        let run = try Trainer.begin(
          recipe, model: model, task: try recipe.makeTask(), in: folder)
        let trainer = try Trainer(run, begunWith: model)
        try trainer.takeLock()
        #expect(try trainer.step(.unheard))
        try trainer.checkpoint()
        stored += try check(trainer, name)
        try run.store.close()
        // As after a kill: nothing but the files is left.
        let again = try Trainer(try OpenedRun(folder, readOnly: false))
        _ = try check(again, name + ", reopened")
      }
    }
    #expect(stored > 3, "\(stored) answers were stored with \(estimator.rawValue)")
  }
}
