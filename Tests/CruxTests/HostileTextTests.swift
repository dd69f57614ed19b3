import Foundation
import Glibc
import Records
import Testing
import Trajectories
import Workbench

@testable import TerminalTesting

/// Text that tries to steer the terminal: OSC, CSI, C1, bidirectional controls, NUL.
private let hostile =
  "a\u{1B}]0;PWNED\u{7}b\u{1B}[31;5mc\u{9B}35md\u{9D}0;PWNED\u{9C}e\u{202E}f\u{2066}g\u{0}h\rI\u{8}"

/// What of it must never reach a terminal as it is.
private let forbidden: [[UInt8]] = [
  Array("\u{1B}]0;PWNED".utf8), Array("\u{1B}[31;5m".utf8), Array("\u{9B}".utf8),
  Array("\u{9D}".utf8), Array("\u{202E}".utf8), Array("\u{2066}".utf8), [0x67, 0x00],
]

extension CruxProcessTests {
  @Test func `hostile text in a run reaches the terminal as visible characters only`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let file = try place.file("p.jsonl", line("17 *3 +2 ?v :", "22", "*3 20\n+2 22\n# 22\n"))
    let (maker, _) = try place.open(["open", file.path])
    try maker.expect("1 in all")
    maker.type("q")
    #expect(maker.waitForExit() == 0)
    maker.close()
    let store = try RunStore(opening: place.runs.appendingPathComponent("p"), readOnly: false)
    guard case .sampled(var it) = try #require(store.events().map(\.event).last) else {
      Issue.record("the last event is no trajectory")
      return
    }
    it.id = hostile
    it.problem.prompt = hostile
    it.problem.reference = hostile
    it.steps[0].text = hostile
    it.steps[1].note = hostile
    try store.append([.sampled(it), .warned(message: hostile)])
    try store.close()
    let (terminal, _) = try place.open(["open", place.runs.appendingPathComponent("p").path])
    defer { terminal.close() }
    try terminal.expect("2 in all")
    for keys in ["G", "\r", "R", "3", "5", "1", "/PWNED\r", "?", ":quit\r"] {
      terminal.type(keys)
      _ = terminal.wait(seconds: 0.2) { _ in false }
    }
    #expect(terminal.waitForExit() == 0)
    _ = terminal.settled()
    expectInert(terminal.bytes, "the workbench")
    #expect(String(decoding: terminal.bytes, as: UTF8.self).contains("^[]0;PWNED^G"))
    #expect(terminal.screen.commands.allSatisfy { !$0.contains("PWNED") })
  }

  @Test func `hostile words that the policy does not know are refused inertly`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let file = try place.file("h.jsonl", line(hostile, "22", hostile))
    for command in ["open", "inspect"] {
      let (terminal, _) = try place.open([command, file.path])
      defer { terminal.close() }
      // The workbench keeps what went wrong on the screen until the reader leaves.
      try terminal.expect("does not know")
      terminal.type("q")
      #expect(try #require(terminal.waitForExit()) >> 8 == 1, "\(command)")
      expectInert(terminal.bytes, command)
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: place.runs.path).isEmpty)
  }

  private func line(_ prompt: String, _ reference: String, _ response: String) throws -> String {
    let row = ["prompt": prompt, "reference": reference, "response": response]
    return String(decoding: try JSONEncoder().encode(row), as: UTF8.self) + "\n"
  }

  private func expectInert(_ bytes: [UInt8], _ what: String) {
    for sequence in forbidden {
      #expect(!bytes.contains(sequence), "\(what) sent \(sequence)")
    }
  }
}
