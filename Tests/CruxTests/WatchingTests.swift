import Foundation
import Glibc
import Records
import Testing
import Trajectories
import Workbench

@testable import TerminalTesting

/// A workbench beside a training of another process, and plain terminals.
extension CruxProcessTests {
  @Test func `a run that another process trains is watched live`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let recipe = Workplace.root.appendingPathComponent("samples/chains-4.toml").path
    let training = try place.start([
      "train", recipe, "--name", "live", "--set", "updates=2000", "--set", "objective.groups=4",
      "--set", "evaluation.problems=10",
    ])
    defer { if training.isRunning { kill(training.processIdentifier, SIGKILL) } }
    try place.waitForRun("live")
    let run = place.runs.appendingPathComponent("live")
    let (terminal, _) = try place.open(["open", run.path])
    defer { terminal.close() }
    try terminal.expect("WATCHING")
    terminal.type("4")
    try terminal.expect("RUN by process \(training.processIdentifier)")
    try terminal.expect("left")
    terminal.type("t")
    try terminal.expect("trains this run; it is watched here, and stopped there.")
    kill(training.processIdentifier, SIGTERM)
    try terminal.expect("IDLE  update")
    try #require(!training.isRunning)
    #expect(training.terminationStatus == 128 + SIGTERM)
    // What it made is kept, and training goes on here from its last update.
    let made = RunHistory(try place.events(of: "live")).policyVersion
    #expect(CheckpointFolder.newest(in: run)?.update == made)
    try terminal.insist(on: ".", until: "PAUSED  update \(made + 1) ")
    terminal.type(":quit\r")
    #expect(terminal.waitForExit() == 0)
  }

  @Test func `without colour and beyond ASCII nothing is sent that was not asked for`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let (terminal, _) = try place.open(["--ascii", "--read-only"], with: ["NO_COLOR": "1"])
    defer { terminal.close() }
    try terminal.expect("160 in all")
    terminal.type("j\r4")
    try terminal.expect("read-only")
    try terminal.expect("one update")
    terminal.type(":quit\r")
    #expect(terminal.waitForExit() == 0)
    _ = terminal.settled()
    #expect(terminal.bytes.allSatisfy { $0 < 0x80 })
    let colours = terminal.screen.cells.flatMap { [$0.style.foreground, $0.style.background] }
    #expect(colours.allSatisfy { $0 == .standard })
    #expect(try FileManager.default.contentsOfDirectory(atPath: place.runs.path).isEmpty)
  }
}
