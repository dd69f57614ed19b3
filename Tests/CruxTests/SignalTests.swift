import Foundation
import Glibc
import Records
import Testing
import Trajectories
import Workbench

@testable import TerminalTesting

/// However the workbench ends, it leaves the terminal as it was and the run whole.
extension CruxProcessTests {
  @Test(arguments: [SIGTERM, SIGHUP, SIGINT, SIGSEGV], [false, true])
  func `a signal leaves the terminal as it was`(signal: Int32, training: Bool) throws {
    let place = try Workplace()
    defer { place.remove() }
    let (terminal, process) = try place.open()
    defer { terminal.close() }
    try terminal.expect("160 in all")
    if training {
      try terminal.insist(on: "t", until: "update 21")
      try terminal.expect("update 22")
    }
    kill(process, signal)
    let status = try #require(terminal.waitForExit())
    if signal == SIGSEGV {
      #expect(status & 127 == SIGSEGV)
    } else {
      #expect(status >> 8 == 130)
    }
    terminal.expectRestored("after signal \(signal)")
    guard training, signal != SIGSEGV else { return }
    // Every update that was made is kept, and the run goes on from there.
    let run = place.runs.appendingPathComponent("sample")
    let made = RunHistory(try place.events(of: "sample")).policyVersion
    #expect(CheckpointFolder.newest(in: run)?.update == made)
    let resumed = try place.run(["train", "--resume", run.path, "--until", "\(made + 1)"])
    #expect(resumed.code == 0, "\(resumed.errors)")
    #expect(RunHistory(try place.events(of: "sample")).policyVersion == made + 1)
  }

  @Test func `leaving while it trains never hangs`() throws {
    for turn in 0..<4 {
      let place = try Workplace()
      defer { place.remove() }
      let (terminal, _) = try place.open()
      defer { terminal.close() }
      try terminal.expect("160 in all")
      try terminal.insist(on: "t", until: "update 21")
      try terminal.expect("update 2\(turn + 1)")
      terminal.type("q")
      try terminal.expect("y stops it")
      terminal.type("y")
      #expect(terminal.waitForExit(seconds: 5) == 0)
      terminal.expectRestored("turn \(turn)")
    }
  }

  @Test func `no mark that was seen is missing after a kill`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let (terminal, process) = try place.open()
    defer { terminal.close() }
    try terminal.expect("160 in all")
    terminal.type("\r")
    try terminal.expect("Step 1 of 9")
    for step in 1...5 {
      terminal.type("m")
      try terminal.expect("marked ● at step \(step)") {
        $0.text.contains("Step \(step) of #1 is marked")
          && $0.text.split(separator: "\n").contains {
            $0.contains("▶  \(step)") && $0.contains("●")
          }
      }
      if step < 5 { terminal.type("l") }
    }
    kill(process, SIGKILL)
    _ = terminal.waitForExit()
    let marks = RunHistory(try place.events(of: "sample")).marks
    #expect(marks.map(\.step) == [0, 1, 2, 3, 4])
  }
}
