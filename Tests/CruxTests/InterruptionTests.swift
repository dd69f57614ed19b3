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

private func insists(_ signal: Int32) -> Bool { signal == SIGINT || signal == SIGQUIT }

extension CruxProcessTests {
  @Test(
    arguments: [
      SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGXCPU, SIGALRM, SIGPROF, SIGIO, 40,
    ])
  func `training that is interrupted stands where it says`(signal: Int32) throws {
    let place = try Workplace()
    defer { place.remove() }
    let recipe = Workplace.root.appendingPathComponent("samples/chains-4.toml").path
    let errors = try place.file("errors")
    let process = try place.start(
      ["train", recipe, "--name", "stopped", "--set", "evaluation.problems=20"], errors: errors)
    try place.waitForRun("stopped")
    // A batch system says it every second until it kills.
    for _ in 0..<(insists(signal) ? 2 : 5) { kill(process.processIdentifier, signal) }
    process.waitUntilExit()
    #expect(process.terminationReason == .exit)
    #expect(process.terminationStatus == 128 + signal)
    let said = try String(contentsOf: errors, encoding: .utf8)
    let update = RunHistory(try place.events(of: "stopped")).policyVersion
    #expect(said.contains("the run stands at update \(update); crux train --resume"), "\(said)")
    #expect(!said.contains("update \(update + 1), which was") == said.contains("a whole update"))
    let run = place.runs.appendingPathComponent("stopped")
    #expect(CheckpointFolder.newest(in: run)?.update == update)
  }

  @Test(arguments: [8, 60, 200, 300, 420, 700, 1200])
  func `the file size limit of a shell is a sentence, and the run goes on without it`(
    kilobytes: Int
  ) throws {
    let place = try Workplace()
    defer { place.remove() }
    let recipe = Workplace.root.appendingPathComponent("samples/chains-4.toml").path
    let errors = try place.file("errors")
    let choices = ["--set", "evaluation.every=0", "--set", "record.checkpoint_every=2"]
    let line =
      ([Workplace.crux, "train", recipe, "--name", "small", "--until", "60"] + choices)
      .map { "'\($0)'" }.joined(separator: " ")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/bash")
    process.arguments = ["-c", "ulimit -f \(kilobytes); exec \(line) 2>'\(errors.path)'"]
    process.environment = place.environment
    process.standardOutput = FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    let said = try String(contentsOf: errors, encoding: .utf8)
    #expect(process.terminationReason == .exit && process.terminationStatus == 1, "\(said)")
    #expect(said.contains("\(kilobytes) KiB (ulimit -f); raise it"), "\(said)")
    // What cannot even begin leaves nothing to go on with.
    guard said.contains("Training in ") else { return }
    let run = place.runs.appendingPathComponent("small")
    let made = RunHistory(try place.events(of: "small")).policyVersion
    let resumed = try place.run(["train", "--resume", run.path, "--until", "\(made + 1)"])
    #expect(resumed.code == 0, "\(resumed.errors)")
  }

  @Test func `training whose messages nobody reads ends with a checkpoint`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let recipe = Workplace.root.appendingPathComponent("samples/chains-4.toml").path
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/bash")
    process.arguments = [
      "-c",
      "'\(Workplace.crux)' train '\(recipe)' --name piped 2>&1 >/dev/null | head -n 4 >/dev/null; "
        + "exit ${PIPESTATUS[0]}",
    ]
    process.environment = place.environment
    process.standardInput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 128 + SIGPIPE)
    let made = RunHistory(try place.events(of: "piped")).policyVersion
    let run = place.runs.appendingPathComponent("piped")
    #expect(CheckpointFolder.newest(in: run)?.update == made)
  }
}
