import Comparing
import Foundation
import LanguageModel
import Learning
import Records
import Testing
import Trajectories
import Workbench

@testable import Session
@testable import TerminalTesting

/// A checkpoint of which anything was damaged is refused by name, or the run goes on exactly.
struct DamagedCheckpointTests {
  private static let recipe: Recipe = {
    var recipe = Recipe()
    recipe.seed = 5
    recipe.updates = 3
    recipe.task.length = 4
    recipe.task.hard = 2
    recipe.values.rollouts = 4
    recipe.objective.method = .ppo
    recipe.objective.groups = 4
    recipe.objective.groupSize = 4
    recipe.evaluation.every = 0
    recipe.evaluation.problems = 2
    recipe.record.checkpointEvery = 1
    recipe.record.trajectories = 2
    return recipe
  }()

  /// Trains in a folder up to an update.
  private func train(_ folder: URL, to update: Int) throws -> Trainer {
    var run: OpenedRun
    if FileManager.default.fileExists(atPath: folder.path) {
      run = try OpenedRun(folder, readOnly: false)
    } else {
      let model = try LoadedModel(Workplace.root.appendingPathComponent("samples/tiny"))
      run = try Trainer.begin(
        Self.recipe, model: model, task: try Self.recipe.makeTask(), in: folder)
    }
    let trainer = try Trainer(run)
    try trainer.takeLock()
    while trainer.loop.state.update < update {
      guard try trainer.step(.unheard) else { break }
    }
    return trainer
  }

  private func weights(of trainer: Trainer) -> String { trainer.model.policy.base.fingerprint }

  /// What a file can suffer.
  private enum Damage: CaseIterable {
    case delete, empty, cut, flip, lengthen, exchange, link, pipe, folder
  }

  private func inflict(_ damage: Damage, on file: URL, other: URL, random: inout SplitMix) throws {
    var bytes = try Data(contentsOf: file)
    try FileManager.default.removeItem(at: file)
    let place = Int(random.unit() * Double(max(1, bytes.count - 1)))
    switch damage {
    case .delete: return
    case .empty: bytes = Data()
    case .cut: bytes = bytes.prefix(place)
    case .flip: bytes[place] ^= 1 << UInt8(random.unit() * 7.99)
    case .lengthen: bytes.append(0)
    case .exchange: bytes = try Data(contentsOf: other)
    case .link:
      return try FileManager.default.createSymbolicLink(at: file, withDestinationURL: other)
    case .pipe:
      #expect(mkfifo(file.path, 0o600) == 0)
      return
    case .folder:
      return try FileManager.default.createDirectory(at: file, withIntermediateDirectories: false)
    }
    try bytes.write(to: file)
  }

  @Test func `whatever happened to any file of a checkpoint is told, or changes nothing`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let files = FileManager.default
    let (one, other) = (
      place.runs.appendingPathComponent("one"), place.runs.appendingPathComponent("two")
    )
    try train(one, to: 2).run.store.close()
    // Another run of the same shape and updates.
    try files.copyItem(at: one, to: other)
    let whole = place.runs.appendingPathComponent("whole")
    try files.copyItem(at: one, to: whole)
    let expected = weights(of: try train(whole, to: 3))
    let former = one.appendingPathComponent("checkpoints/1")
    let names = try files.contentsOfDirectory(
      atPath: one.appendingPathComponent("checkpoints/2").path
    ).sorted()
    #expect(names.count >= 8 && names.contains("value_head.safetensors"))
    var random = SplitMix(state: 23)
    var counts = (refused: 0, exact: 0)
    for name in names {
      for damage in Damage.allCases {
        let torn = place.runs.appendingPathComponent("torn")
        try? files.removeItem(at: torn)
        try files.copyItem(at: one, to: torn)
        let file = torn.appendingPathComponent("checkpoints/2/\(name)")
        let own = try Data(contentsOf: file)
        try inflict(
          damage, on: file, other: former.appendingPathComponent(name), random: &random)
        do {
          #expect(weights(of: try train(torn, to: 3)) == expected, "\(name), \(damage)")
          let same = (try? Data(contentsOf: file)) == own
          #expect(same, "\(name), \(damage) went unnoticed")
          counts.exact += 1
        } catch {
          #expect("\(error)".contains("checkpoints/2"), "\(name), \(damage): \(error)")
          // A manifest of another run says of which update it is.
          let isNamed = "\(error)".contains(name) || name == "manifest.json"
          #expect(isNamed, "\(name), \(damage): \(error)")
          counts.refused += 1
        }
      }
    }
    #expect(counts.refused > 8 * counts.exact, "\(counts)")
  }

  @Test func `a checkpoint of another run, or of no update that was made, is refused`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let files = FileManager.default
    let (one, two) = (
      place.runs.appendingPathComponent("one"), place.runs.appendingPathComponent("two")
    )
    for run in [one, two] { try train(run, to: 1).run.store.close() }
    func complaint() -> String {
      do { _ = try Trainer(try OpenedRun(one, readOnly: false)) } catch { return "\(error)" }
      return ""
    }
    #expect(complaint().isEmpty)
    let newest = one.appendingPathComponent("checkpoints/1")
    try files.removeItem(at: newest)
    try files.copyItem(at: two.appendingPathComponent("checkpoints/1"), to: newest)
    #expect(complaint().contains("checkpoints/1 is not whole"))
    try files.moveItem(at: newest, to: one.appendingPathComponent("checkpoints/7"))
    #expect(complaint().contains("checkpoints/7 is not whole: the run has made 1 updates"))
    try files.removeItem(at: one.appendingPathComponent("checkpoints/7"))
    #expect(complaint().isEmpty)
  }

  @Test func `a checkpoint of before there were manifests goes on, unless its model is missing`()
    throws
  {
    let place = try Workplace()
    defer { place.remove() }
    let run = place.runs.appendingPathComponent("sample")
    try FileManager.default.copyItem(
      at: Workplace.root.appendingPathComponent("samples/run"), to: run)
    #expect(try Trainer(try OpenedRun(run, readOnly: true)).loop.state.update == 20)
    let file = run.appendingPathComponent("checkpoints/20/config.json")
    try FileManager.default.removeItem(at: file)
    let error = #expect(throws: Complaint.self) { try Trainer(try OpenedRun(run, readOnly: true)) }
    #expect(error?.description.contains("its config.json is missing") == true)
  }

  @Test func `a recipe that was edited is told, asked about and remembered`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let folder = place.runs.appendingPathComponent("one")
    try train(folder, to: 1).run.store.close()
    let file = folder.appendingPathComponent(RunStore.recipeName)
    var text = try String(contentsOf: file, encoding: .utf8)
    text = text.replacing("learning_rate = 0.0002", with: "learning_rate = 0.001")
      .replacing("updates = 3 ", with: "updates = 4 ")
    try text.write(to: file, atomically: true, encoding: .utf8)
    let run = try OpenedRun(folder, readOnly: false)
    #expect(run.recipe.updates == 3 && run.recipe.optimizer.learningRate == 0.0002)
    let trainer = try Trainer(run)
    let error = #expect(throws: RecipeEdited.self) { try trainer.takeLock() }
    #expect(error?.words.contains("updates was 3 and is 4; optimizer.learning_rate was") == true)
    try trainer.takeLock(acceptingEdits: true)
    #expect(trainer.loop.recipe.updates == 4 && trainer.loop.recipe.optimizer.learningRate == 0.001)
    #expect(trainer.history.edits.map(\.update) == [1, 1])
    try run.store.close()
    let again = try OpenedRun(folder, readOnly: false)
    #expect(again.edits.isEmpty && again.recipe.updates == 4)
  }

  @Test func `a record with a word that cannot be read is shown but not trained on`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let folder = place.runs.appendingPathComponent("one")
    try train(folder, to: 1).run.store.close()
    let store = try RunStore(opening: folder, readOnly: false)
    try store.append([.marked(Mark(trajectory: "a", step: -1, kind: .marked))])
    try store.close()
    let trainer = try Trainer(try OpenedRun(folder, readOnly: false))
    #expect(trainer.history.skipped.damaged == 1)
    let error = #expect(throws: Complaint.self) { try trainer.takeLock() }
    #expect(error?.description.contains("(marked) of run.sqlite: step is -1") == true)
  }
}
