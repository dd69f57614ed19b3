import Foundation
import Glibc
import Records
import Testing
import Trajectories
import Workbench

@testable import TerminalTesting

/// The whole path at 80x24: see an answer, find its critical step, confirm it, reset there, train,
/// and ask the same step again.
extension CruxProcessTests {
  @Test func `a step is found, confirmed, branched, trained on and compared`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let (terminal, _) = try place.open()
    defer { terminal.close() }
    try lookAround(terminal)
    try findTheStep(terminal, place)
    try branch(terminal, place)
    try train(terminal)
    try compare(terminal)
    try changeMarks(terminal, place)
    try resizeAtWork(terminal)
    terminal.type(":quit\r")
    #expect(terminal.waitForExit() == 0)
    terminal.expectRestored("after :quit")
    #expect(terminal.screen.unknown.isEmpty)
    let history = RunHistory(try place.events(of: "sample"))
    #expect(history.mark(of: try #require(history.trajectories.first).id)?.kind == .confirmed)
    #expect(
      CheckpointFolder.newest(in: place.runs.appendingPathComponent("sample"))?.update
        == history.policyVersion)
  }

  /// Opens the recorded run and chooses a wrong answer.
  private func lookAround(_ terminal: PseudoTerminal) throws {
    try terminal.expect("160 in all")
    try terminal.expect("idle")
    Captured.check(terminal, "01-list", exactly: true)
    terminal.type("Fwrong\r")
    try terminal.expect("only wrong")
    Captured.check(terminal, "02-only-wrong", exactly: true)
    terminal.type("gg\r")
    try terminal.expect("Not valued yet")
    Captured.check(terminal, "03-steps", exactly: true)
  }

  /// Values the steps, searches, confirms and measures afresh.
  private func findTheStep(_ terminal: PseudoTerminal, _ place: Workplace) throws {
    try terminal.insist(on: "e", until: "32 rollouts a step")
    try terminal.expect("a finished estimate") { $0.text.contains("◆") && $0.isResting }
    Captured.check(terminal, "04-valued")
    terminal.type("a")
    try place.wait(for: "a second valuation", in: "sample") { events in
      events.count { if case .valued(let it) = $0 { it.policyVersion == 20 } else { false } } >= 2
    }
    try terminal.expect("a finished search") { $0.text.contains("P(largest)") && $0.isResting }
    terminal.type("gg")
    terminal.type("c")
    try terminal.expect("is confirmed; training resets there from the next batch on.")
    try terminal.expect("●")
    Captured.check(terminal, "05-confirmed")
    try terminal.insist(on: "f", until: "fresh  A")
    try terminal.expect("control: a restart V")
    try terminal.expect("rest", until: \.isResting)
    Captured.check(terminal, "06-fresh")
  }

  /// Resets to the step, draws eight branches and opens one.
  private func branch(_ terminal: PseudoTerminal, _ place: Workplace) throws {
    terminal.type("r")
    try terminal.expect("branches to draw [8]:")
    terminal.type("8\r")
    try place.wait(for: "eight branches", in: "sample") { events in
      RunHistory(events).trajectories.count == 168
    }
    try terminal.expect("rest", until: \.isResting)
    terminal.type("3")
    try terminal.expect("Branches", until: \.isBranches)
    Captured.check(terminal, "07-branches")
    terminal.type("jj\r")
    try terminal.expect("the branch opened") {
      $0.text.contains("› #16") && $0.line(23).contains("e estimate")
    }
    terminal.type("\u{1B}")
    try terminal.expect("Branches again", until: \.isBranches)
    terminal.type("\u{1B}")
    try terminal.expect("the steps") {
      !$0.text.contains("Branches") && $0.line(23).contains("e estimate")
    }
  }

  /// Starts training, watches it, asks for help meanwhile, pauses, makes one update.
  private func train(_ terminal: PseudoTerminal) throws {
    terminal.type("4")
    try terminal.expect("Training", until: { $0.line(23).contains(":stop ends") })
    terminal.type("t")
    try terminal.expect("RUN  update 22")
    // A key is answered while the engine learns.
    terminal.type("?")
    try terminal.expect("Help for Training")
    #expect(terminal.screen.line(0).contains("TRAINING"))
    terminal.type("q")
    // Help may have stood there for more than one update.
    try terminal.expect("training that went on") { screen in
      screen.line(1).firstMatch(of: /RUN  update ([0-9]+)/).flatMap { Int($0.1) } ?? 0 >= 24
    }
    terminal.type("p")
    try terminal.expect("PAUSED  update")
    let paused = try #require(terminal.update)
    Captured.check(terminal, "08-training")
    terminal.type(".")
    try terminal.expect("one update more") { $0.text.contains("PAUSED  update \(paused + 1) ") }
    #expect(terminal.screen.text.contains("of yours in it"))
  }

  /// Goes back to the step and compares it before and after.
  private func compare(_ terminal: PseudoTerminal) throws {
    terminal.type("2")
    try terminal.expect("Step 1 of 9")
    // After work for the reader training still waits.
    terminal.type("e")
    try terminal.expect("PAUSED again") { $0.line(0).hasSuffix("PAUSED") }
    terminal.type("5")
    try terminal.expect("update 0, untrained")
    try terminal.insist(on: "e", until: "V before the step")
    try terminal.expect("the numbers") {
      !$0.text.contains("not valued") && !$0.line(0).contains("WORKING")
    }
    Captured.check(terminal, "09-compared")
    terminal.type("2")
  }

  private func changeMarks(_ terminal: PseudoTerminal, _ place: Workplace) throws {
    terminal.type("u")
    try terminal.expect("Taken back: step 1 of #1 is confirmed.")
    terminal.type("\u{12}")
    try terminal.expect("Put back: step 1 of #1 is confirmed.")
    terminal.type("1/*7 1\r")
    try terminal.expect("searching “*7 1”")
    terminal.type("?")
    try terminal.expect("Help for Trajectories")
    Captured.check(terminal, "10-help")
    terminal.type("q")
    terminal.type(":theme light\r")
    try terminal.expect("another background") {
      $0[12, 40].style.background != VirtualColour.standard
        || $0[0, 1].style != VirtualStyle()
    }
  }

  private func resizeAtWork(_ terminal: PseudoTerminal) throws {
    terminal.type("p4")
    try terminal.expect("RUN  update")
    for (columns, rows) in [(60, 16), (120, 40), (30, 5), (80, 24)] {
      terminal.resize(columns: columns, rows: rows)
      try terminal.expect("a frame of \(columns)x\(rows)") {
        columns == 30
          ? $0.text.contains("Crux needs 60x16") : $0.line(rows - 1).contains("? help")
      }
    }
    terminal.type("p")
    try terminal.expect("PAUSED or DONE") {
      $0.text.contains("PAUSED  update") || $0.text.contains("DONE  update")
    }
  }
}

extension VirtualTerminal {
  /// Whether the engine does nothing.
  fileprivate var isResting: Bool { line(0).hasSuffix("idle") }

  /// Whether the Branches screen is there to its last line; a frame may arrive in pieces.
  fileprivate var isBranches: Bool { text.contains("8 branches") && line(23).contains("Tab pane") }
}

extension PseudoTerminal {
  /// The update that the Training screen shows.
  fileprivate var update: Int? {
    let words = screen.line(1).split(separator: " ")
    return words.firstIndex(of: "update").flatMap { Int(words[$0 + 1]) }
  }
}

/// Screens of the journey as text files in `Journey/`; `CRUX_UPDATE_SCREENS=1` writes them anew.
enum Captured {
  /// Compares what the terminal shows with its file: all of it, or, where numbers hang on the
  /// processor and the clock, the title and the keys, digits aside.
  static func check(
    _ terminal: PseudoTerminal, _ name: String, exactly: Bool = false,
    at place: SourceLocation = #_sourceLocation
  ) {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Journey/\(name).txt")
    if ProcessInfo.processInfo.environment["CRUX_UPDATE_SCREENS"] == "1" {
      _ = terminal.wait(seconds: 0.3) { _ in false }
      #expect(throws: Never.self, sourceLocation: place) {
        try (terminal.screen.text + "\n").write(to: file, atomically: true, encoding: .utf8)
      }
      return
    }
    guard let kept = try? String(contentsOf: file, encoding: .utf8) else {
      Issue.record("Journey/\(name).txt is missing", sourceLocation: place)
      return
    }
    // A frame may arrive in pieces.
    let isAlike = terminal.wait(seconds: 3) {
      let text = $0.text + "\n"
      return exactly ? text == kept : shape(of: text) == shape(of: kept)
    }
    #expect(isAlike, "\(name) is\n\(terminal.screen.text)", sourceLocation: place)
  }

  private static func shape(of text: String) -> [String] {
    let lines = text.split(separator: "\n").map { $0.map { $0.isNumber ? "0" : String($0) } }
    return [lines.first, lines.last].compactMap { line in
      line?.joined().split(separator: " ").filter { !$0.contains("0") }.joined(separator: " ")
    }
  }
}
