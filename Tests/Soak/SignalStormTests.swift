import Foundation
import Glibc
import Records
import Testing
import Workbench

@testable import TerminalTesting

extension SoakTests {
  @Test func `signals that come in any order neither end nor hang a workbench that trains`() throws
  {
    let place = try Workplace()
    defer { place.remove() }
    let (terminal, process) = try place.open()
    defer { terminal.close() }
    try terminal.expect("160 in all")
    try terminal.insist(on: "t", until: "update 21")
    var dice = Dice(state: Soak.seed)
    for _ in 0..<60 * Soak.factor {
      kill(process, dice.pick([SIGWINCH, SIGCONT, SIGCHLD, SIGURG, SIGPIPE, SIGTSTP]))
      usleep(UInt32(dice.roll(20_000)))
      kill(process, SIGCONT)
      terminal.type(dice.pick(["j", "k", "1", "2", "4", "\u{1B}"]))
    }
    try #require(terminal.exitStatus == nil, "seed \(Soak.seed)")
    for _ in 0..<3 { kill(process, dice.pick([SIGTERM, SIGHUP, SIGINT])) }
    #expect(terminal.waitForExit(seconds: 30) != nil, "seed \(Soak.seed)")
    terminal.expectRestored("seed \(Soak.seed)")
    let run = place.runs.appendingPathComponent("sample")
    let made = RunHistory(try place.events(of: "sample")).policyVersion
    #expect(CheckpointFolder.newest(in: run)?.update == made, "seed \(Soak.seed)")
  }
}
