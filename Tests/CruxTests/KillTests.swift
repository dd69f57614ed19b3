import Comparing
import Foundation
import Glibc
import Records
import Testing
import Trajectories
import Workbench

@testable import TerminalTesting

/// A run that dies anywhere goes on bit for bit.
///
/// CRUX_KILLS sets how many times it dies; 20 take about a minute.
extension CruxProcessTests {
  private static func quick(_ updates: Int, checkpointEvery: Int) -> [String] {
    [
      "updates=\(updates)", "record.checkpoint_every=\(checkpointEvery)", "evaluation.every=4",
      "evaluation.problems=20", "objective.groups=8",
    ].flatMap { ["--set", $0] }
  }
  private static let recipe = Workplace.root.appendingPathComponent("samples/chains-4.toml").path

  @Test func `a training killed anywhere ends as the one that was not`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let kills = ProcessInfo.processInfo.environment["CRUX_KILLS"].flatMap { Int($0) } ?? 6
    let quick = Self.quick(4 * kills, checkpointEvery: 4)
    let began = Date()
    let whole = try place.start(["train", Self.recipe, "--name", "whole"] + quick)
    whole.waitUntilExit()
    #expect(whole.terminationStatus == 0)
    let seconds = Date().timeIntervalSince(began)
    var random = SplitMix(state: 7)
    var made = 0
    var command = ["train", Self.recipe, "--name", "torn"] + quick
    var finished = false
    while !finished {
      let process = try place.start(command)
      if made < kills {
        // A life is on average as long as a share of the whole, and the start of a process.
        usleep(UInt32(1_000_000 * (0.08 + 2 * seconds / Double(kills) * random.unit())))
        if process.isRunning {
          kill(process.processIdentifier, SIGKILL)
          made += 1
        }
      }
      process.waitUntilExit()
      finished = process.terminationReason == .exit
      if finished { #expect(process.terminationStatus == 0) }
      let run = place.runs.appendingPathComponent("torn")
      // Killed before its first checkpoint a run has nothing to go on from: it begins anew.
      if CheckpointFolder.newest(in: run) != nil {
        command = ["train", "--resume", run.path]
      } else {
        try? FileManager.default.removeItem(at: run)
      }
    }
    #expect(made >= kills / 2)
    let torn = try place.events(of: "torn")
    try expectSame(RunHistory(torn), RunHistory(place.events(of: "whole")))
    try expectEqual(place.weights(of: "torn"), place.weights(of: "whole"))
    expectRepeatable(torn)
  }

  @Test func `a training killed after a person's marks obeys them at the same updates`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let run = place.runs.appendingPathComponent("marked")
    let first = try place.start(
      ["train", Self.recipe, "--name", "marked"] + Self.quick(40, checkpointEvery: 15))
    // A word for each of three answers, while it goes on.
    var spoken = 0
    while first.isRunning {
      usleep(10_000)
      guard let store = try? RunStore(opening: run, readOnly: false) else { continue }
      defer { try? store.close() }
      let history = RunHistory(try store.events().map(\.event))
      if history.policyVersion > spoken + 1, spoken < history.trajectories.count, spoken < 3 {
        let trajectory = history.trajectories[spoken]
        try store.append([.marked(Mark(trajectory: trajectory.id, step: 2, kind: .marked))])
        spoken += 1
      }
      if history.policyVersion >= 25 { kill(first.processIdentifier, SIGKILL) }
    }
    #expect(spoken > 0)
    let last = try place.run(["train", "--resume", run.path])
    #expect(last.code == 0, "\(last.errors)")
    let events = try place.events(of: "marked")
    #expect(RunHistory(events).status == .finished)
    #expect(RunHistory(events).metrics.last?.bufferMarked ?? 0 > 0)
    expectRepeatable(events)
  }

  @Test func `a training asked to stop while it evaluates keeps its update and evaluates later`()
    throws
  {
    let place = try Workplace()
    defer { place.remove() }
    let training = try place.start([
      "train", Self.recipe, "--name", "asked", "--set", "updates=2", "--set", "evaluation.every=1",
      "--set", "objective.groups=2",
    ])
    // The evaluation follows the update at once and takes far longer.
    try place.waitForRun("asked")
    kill(training.processIdentifier, SIGTERM)
    training.waitUntilExit()
    #expect(training.terminationStatus == 128 + SIGTERM)
    let run = place.runs.appendingPathComponent("asked")
    let made = RunHistory(try place.events(of: "asked"))
    #expect(made.status != .finished)
    #expect(CheckpointFolder.newest(in: run)?.update == made.policyVersion)
    #expect(try place.run(["train", "--resume", run.path]).code == 0)
    let whole = RunHistory(try place.events(of: "asked"))
    #expect(whole.status == .finished)
    #expect(whole.evaluations.map(\.policyVersion) == [0, 1, 2])
  }

  /// What was made twice was made alike: an update's numbers, and how many words it obeyed.
  private func expectRepeatable(_ events: [RunEvent]) {
    var metrics: [Int: Metrics] = [:]
    var obeyed: [Int: Int] = [:]
    for event in events {
      switch event {
      case .updated(let made):
        let before = metrics.updateValue(made.timeless, forKey: made.update)
        #expect(before == nil || before == made.timeless, "update \(made.update) came out anew")
      case .followed(let marks, let update):
        let before = obeyed.updateValue(marks, forKey: update)
        #expect(before == nil || before == marks, "update \(update) obeyed other words")
      default: break
      }
    }
  }

  private func expectSame(_ one: RunHistory, _ other: RunHistory) throws {
    #expect(one.status == .finished)
    #expect(one.timeless.0 == other.timeless.0)
    #expect(one.timeless.1 == other.timeless.1)
    #expect(one.trajectories.map(\.responseTokens) == other.trajectories.map(\.responseTokens))
  }
}
