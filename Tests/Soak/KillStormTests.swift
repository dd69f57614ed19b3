import Comparing
import Foundation
import Glibc
import Records
import Testing
import Trajectories
import Workbench

@testable import TerminalTesting

extension SoakTests {
  private static let short = [
    "--set", "updates=12", "--set", "record.checkpoint_every=3", "--set", "evaluation.every=6",
    "--set", "evaluation.problems=10", "--set", "task.hard=4",
  ]
  private static let smaller: [String: [String]] = [
    "gpo": ["objective.groups=8"], "gpo-ppo": ["objective.groups=8"],
    "gpo-dpo": ["objective.pairs=30", "objective.batch=8"],
    "kto": ["objective.pairs=30", "objective.batch=8"], "awr": ["objective.groups=8"],
  ]

  @Test(arguments: ["gpo", "gpo-ppo", "gpo-dpo", "kto", "awr"])
  func `a training of any method killed anywhere ends as the one that was not`(
    method: String
  ) throws {
    let place = try Workplace()
    defer { place.remove() }
    let recipe = Workplace.root.appendingPathComponent("samples/\(method).toml").path
    let choices = Self.short + (Self.smaller[method] ?? []).flatMap { ["--set", $0] }
    let began = Date()
    let whole = try place.run(["train", recipe, "--name", "whole"] + choices)
    try #require(whole.code == 0, "\(whole.errors)")
    let seconds = Date().timeIntervalSince(began)
    let run = place.runs.appendingPathComponent("torn")
    var dice = Dice(state: Soak.seed)
    var left = 2 * Soak.factor
    while true {
      let isBegun = FileManager.default.fileExists(atPath: run.path)
      let process = try place.start(
        isBegun ? ["train", "--resume", run.path] : ["train", recipe, "--name", "torn"] + choices)
      if left > 0 {
        usleep(UInt32(1e6 * (0.05 + seconds * Double(dice.roll(1000)) / 1000)))
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        left -= 1
      }
      process.waitUntilExit()
      guard process.terminationReason == .exit else { continue }
      try #require(process.terminationStatus == 0, "seed \(Soak.seed): it could not go on")
      // Finished with kills left over: once more from the beginning.
      if left == 0 { break }
      try FileManager.default.removeItem(at: run)
    }
    try expectEqual(
      place.weights(of: "torn"), place.weights(of: "whole"), "seed \(Soak.seed), \(method)")
    #expect(
      RunHistory(try place.events(of: "torn")).timeless.0
        == RunHistory(try place.events(of: "whole")).timeless.0)
  }

  @Test func `what a killed workbench had acknowledged is there when it opens again`() throws {
    var dice = Dice(state: Soak.seed)
    for turn in 0..<5 * Soak.factor {
      let place = try Workplace()
      defer { place.remove() }
      let marks = try killedAtWork(place, &dice)
      let events = try place.events(of: "sample")
      let kept = Set(RunHistory(events).marks.map(\.trajectory))
      #expect(marks.subtracting(kept).isEmpty, "seed \(Soak.seed), turn \(turn)")
      let (terminal, process) = try place.open()
      defer { terminal.close() }
      try terminal.expect("in all")
      kill(process, SIGTERM)
      #expect(terminal.waitForExit() != nil, "seed \(Soak.seed), turn \(turn)")
    }
  }

  /// Marks, values, branches and trains, and is killed; the answers whose mark was seen on screen.
  private func killedAtWork(_ place: Workplace, _ dice: inout Dice) throws -> Set<String> {
    let (terminal, process) = try place.open()
    defer { terminal.close() }
    try terminal.expect("160 in all")
    let ids = try place.events(of: "sample").compactMap { event in
      if case .sampled(let it) = event { it.id } else { nil }
    }
    let page = place.runs.deletingLastPathComponent().appendingPathComponent("page.txt").path
    var seen: Set<String> = []
    for number in 1...(1 + dice.roll(4)) {
      if number > 1 {
        // Whatever is open is left; an escape and a key in one go are that key with Alt.
        terminal.type("\u{1B}")
        usleep(200_000)
        terminal.type("1")
      }
      terminal.type(":\(number)\r\r")
      try terminal.expect("Step 1 of")
      terminal.type("m")
      try terminal.expect("of #\(number) is marked")
      seen.insert(ids[number - 1])
      terminal.type(
        dice.pick(["\u{1B}", "e\u{1B}", "es\u{1B}", "r\r\u{1B}", "t\u{1B}", ":save \(page)\r"]))
      usleep(UInt32(dice.roll(300_000)))
    }
    kill(process, SIGKILL)
    _ = terminal.waitForExit()
    return seen
  }
}
