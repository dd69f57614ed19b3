import Foundation
import Testing
import Trajectories
import Workbench

@testable import TerminalTesting

/// A run that was closed and is opened again knows what its record says.
extension CruxProcessTests {
  @Test func `a reopened run adds to the values of an answer that a person recut`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let before = try recut(place)
    let (terminal, _) = try place.open(["open", place.runs.appendingPathComponent("sample").path])
    defer { terminal.close() }
    try terminal.expect("161 in all")
    try terminal.expect("idle")
    terminal.type("gg\r")
    try terminal.expect("32 rollouts a step")
    terminal.type("s")
    try place.wait(for: "more rollouts", in: "sample") { events in
      RunHistory(events).newestValuation(of: before.trajectory)?.values[0].rollouts == 64
    }
    let history = RunHistory(try place.events(of: "sample"))
    let after = try #require(history.newestValuation(of: before.trajectory))
    #expect(after.values.dropLast().map(\.rollouts) == [64, 64, 32, 32, 32, 32, 32, 32])
    #expect(after.values[0].rewardSum >= before.values[0].rewardSum)
    #expect(after.values[2...] == before.values[2...])
    terminal.type(":quit\r")
    #expect(terminal.waitForExit() == 0)
  }

  /// Asks a problem, values the first answer and joins two of its steps; the values that are left.
  private func recut(_ place: Workplace) throws -> Valuation {
    let (terminal, _) = try place.open()
    defer { terminal.close() }
    try terminal.expect("160 in all")
    try terminal.expect("idle")
    terminal.type(":ask 3 *8 +2 ?v : => 26\r")
    try terminal.expect("#161 is answered")
    terminal.type("gg\r")
    try terminal.expect("Not valued yet")
    try terminal.insist(on: "e", until: "32 rollouts a step")
    terminal.type("j")
    try terminal.insist(on: "J", until: "is joined with the next")
    terminal.type(":quit\r")
    #expect(terminal.waitForExit() == 0)
    let history = RunHistory(try place.events(of: "sample"))
    #expect(history.trajectories.last?.id == "asked-1")
    return try #require(history.newestValuation(of: history.trajectories[0].id))
  }
}
