import Foundation
import Glibc
import Records
import Testing
import Trajectories
import Workbench

@testable import TerminalTesting

/// However the workbench ends, it leaves the terminal as it was and the run whole.
extension CruxProcessTests {
  @Test(
    arguments: [
      SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGXCPU, SIGALRM, SIGVTALRM, SIGPROF,
      SIGIO, SIGPWR, SIGSTKFLT, SIGSYS, 34, 64,
    ])
  func `a signal leaves the terminal as it was`(signal: Int32) throws {
    let place = try Workplace()
    defer { place.remove() }
    let (terminal, process) = try place.open()
    defer { terminal.close() }
    try terminal.expect("160 in all")
    kill(process, signal)
    let status = try #require(terminal.waitForExit())
    #expect(status >> 8 == 128 + signal && status & 127 == 0)
    terminal.expectRestored("after signal \(signal)")
  }

  @Test(arguments: [SIGTERM, SIGHUP, SIGUSR1, SIGXCPU])
  func `a signal while it trains leaves a checkpoint that goes on`(signal: Int32) throws {
    let place = try Workplace()
    defer { place.remove() }
    let (terminal, process) = try place.open()
    defer { terminal.close() }
    try terminal.expect("160 in all")
    try terminal.insist(on: "t", until: "update 21")
    try terminal.expect("update 22")
    kill(process, signal)
    let status = try #require(terminal.waitForExit())
    #expect(status >> 8 == 128 + signal)
    terminal.expectRestored("after signal \(signal)")
    // Every update that was made is kept, and the run goes on from there.
    let run = place.runs.appendingPathComponent("sample")
    let made = RunHistory(try place.events(of: "sample")).policyVersion
    #expect(CheckpointFolder.newest(in: run)?.update == made)
    let resumed = try place.run(["train", "--resume", run.path, "--until", "\(made + 1)"])
    #expect(resumed.code == 0, "\(resumed.errors)")
    #expect(RunHistory(try place.events(of: "sample")).policyVersion == made + 1)
  }

  @Test(arguments: [SIGSEGV, SIGABRT, SIGTRAP, SIGILL, SIGBUS, SIGFPE])
  func `a fault leaves the terminal as it was and waits for no key`(signal: Int32) throws {
    let place = try Workplace()
    defer { place.remove() }
    // As a person has it: with a backtrace, on a terminal.
    let (terminal, process) = try place.open(with: ["SWIFT_BACKTRACE": ""])
    defer { terminal.close() }
    try terminal.expect("160 in all")
    kill(process, signal)
    let status = try #require(terminal.waitForExit(seconds: 25))
    #expect(status & 127 == signal)
    terminal.expectRestored("after signal \(signal)")
  }

  @Test func `Ctrl-Z without a shell above does nothing but say so`() throws {
    let place = try Workplace()
    defer { place.remove() }
    // A session of its own, as under docker run -it or xterm -e.
    let (terminal, process) = try place.open()
    defer { terminal.close() }
    try terminal.expect("160 in all")
    terminal.type("\u{1A}")
    try terminal.expect("Not suspended")
    kill(process, SIGTSTP)
    terminal.type("j")
    try terminal.expect("the next row") { screen in
      screen.text.split(separator: "\n").contains { $0.contains("▶") && $0.contains("#2 ") }
    }
    terminal.type("q")
    #expect(terminal.waitForExit() == 0)
    terminal.expectRestored("after Ctrl-Z")
  }

  @Test func `Ctrl-Z under a shell with jobs suspends, and fg brings it back`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let terminal = try #require(PseudoTerminal(columns: 80, rows: 24))
    defer { terminal.close() }
    var environment = place.environment
    environment["PS1"] = "ready> "
    let shell = terminal.spawn(
      "/bin/bash", ["--norc", "--noprofile", "-i"], environment: environment)
    try #require(shell > 0)
    try terminal.expect("ready>")
    // Alone, and as one of a group whose leader the shell waits for.
    for command in [Workplace.crux, "sh -c '\(Workplace.crux); true'"] {
      terminal.type(command + "\r")
      try terminal.expect("160 in all")
      terminal.type("\u{1A}")
      try terminal.expect("the shell's prompt") {
        !$0.isAlternate && $0.text.contains("Stopped")
      }
      terminal.type("fg\r")
      try terminal.expect("the workbench") { $0.isAlternate && $0.text.contains("160 in all") }
      terminal.type("q")
      try terminal.expect("the prompt") { !$0.isAlternate }
      terminal.type("clear\r")
      try terminal.expect("an empty screen") { !$0.text.contains("Stopped") }
    }
    terminal.type("exit\r")
    #expect(terminal.waitForExit() == 0)
  }

  @Test func `interrupts while it leaves do not lose the last checkpoint`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let (terminal, process) = try place.open()
    defer { terminal.close() }
    try terminal.expect("160 in all")
    try terminal.insist(on: "t", until: "update 21")
    try terminal.expect("update 22")
    for _ in 0..<500 where terminal.exitStatus == nil {
      kill(process, SIGINT)
      usleep(20_000)
    }
    let status = try #require(terminal.waitForExit())
    #expect(status >> 8 == 128 + SIGINT)
    terminal.expectRestored("after many interrupts")
    let made = RunHistory(try place.events(of: "sample")).policyVersion
    let run = place.runs.appendingPathComponent("sample")
    #expect(CheckpointFolder.newest(in: run)?.update == made)
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
