import Foundation
import Glibc
import Learning
import Records
import Testing
import Workbench

@testable import Crux
@testable import TerminalTesting

/// What Ctrl-C says of the update under way, and what becomes of it.
@Suite struct InterruptionTests {
  private func progress(_ update: Int, _ phase: LoopPhase) -> LoopProgress {
    LoopProgress(update: update, phase: phase, done: 1, total: 2)
  }

  @Test func `the sentence names what was dropped`() {
    let dropped = TrainCommand.interruption(progress(8, .sampling), at: 7)
    #expect(dropped.contains("update 8, which was under way, is dropped"))
    #expect(dropped.contains("stands at update 7"))
    #expect(TrainCommand.interruption(progress(8, .learning), at: 8).contains("a whole update"))
    #expect(TrainCommand.interruption(progress(7, .evaluating), at: 7).contains("measured anew"))
  }
}

extension CruxProcessTests {
  @Test func `training that is interrupted stands where it says`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let recipe = Workplace.root.appendingPathComponent("samples/chains-4.toml").path
    let errors = try place.file("errors")
    let process = try place.start(
      ["train", recipe, "--name", "stopped", "--set", "evaluation.problems=20"], errors: errors)
    try place.waitForRun("stopped")
    kill(process.processIdentifier, SIGINT)
    process.waitUntilExit()
    #expect(process.terminationStatus == 130)
    let said = try String(contentsOf: errors, encoding: .utf8)
    let update = RunHistory(try place.events(of: "stopped")).policyVersion
    #expect(said.contains("the run stands at update \(update); crux train --resume"), "\(said)")
    #expect(!said.contains("update \(update + 1), which was") == said.contains("a whole update"))
    let run = place.runs.appendingPathComponent("stopped")
    #expect(CheckpointFolder.newest(in: run)?.update == update)
  }
}
