import Testing
import Workbench

@testable import Terminal
@testable import TerminalTesting

/// The answers of a terminal that gives the samples those columns.
private func answers(_ columns: [Int]) -> [UInt8] {
  Array(columns.map { "\u{1B}[1;\($0 + 1)R" }.joined().utf8)
}

/// Ambiguous, emoji, skin, flag, conjunct, syllable, then emoji of version 17 down to 9.
private let modern = [2, 2, 2, 2, 2, 2] + Array(repeating: 2, count: 9)

@Suite struct WidthProbeTests {
  @Test func `a terminal that joins all is believed`() {
    var probe = WidthProbe()
    probe.take(answers(modern))
    #expect(probe.isComplete)
    #expect(probe.widths(.init()) == CellWidths())
  }

  @Test func `a terminal of 2022 gets what it can draw`() {
    var probe = WidthProbe()
    probe.take(answers([2, 2, 4, 2, 3, 4, 0, 0, 0, 2, 2, 2, 2, 2, 2]))
    let widths = probe.widths(.init())
    #expect(widths == CellWidths(version: 14, joinsSkin: false, joinsSyllables: false))
  }

  @Test func `silence joins nothing, and what is known beats what is answered`() {
    #expect(WidthProbe().widths(.init()) == .apart)
    var probe = WidthProbe()
    probe.take(answers([4] + modern.dropFirst()))
    #expect(probe.widths(.init()).ambiguous == 2)
    let known = probe.widths(.init(version: 12, ambiguous: 1))
    #expect((known.version, known.ambiguous) == (12, 1))
  }

  @Test func `answers come in pieces and with keys between`() {
    var probe = WidthProbe()
    let bytes =
      Array("q".utf8) + answers(Array(modern.prefix(3))) + Array("\u{1B}[Ax\u{1B}".utf8)
      + answers(Array(modern.dropFirst(3)))
    for byte in bytes { probe.take([byte]) }
    #expect(probe.isComplete)
    #expect(String(decoding: probe.rest, as: UTF8.self) == "q\u{1B}[Ax\u{1B}")
    #expect(probe.widths(.init()) == CellWidths())
  }

  @Test func `any bytes are taken`() {
    var state: UInt64 = 1
    for _ in 0..<2000 {
      var probe = WidthProbe()
      var sent = 0
      for _ in 0..<40 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let bytes = Array("\u{1B}[0;19R\u{9B}".utf8)
        probe.take([bytes[Int(state >> 33) % bytes.count]])
        sent += 1
      }
      #expect(probe.rest.count <= sent)
      _ = probe.widths(.init())
    }
  }
}

extension ScreenTests {
  @Suite(.serialized) struct WidthAskingTests {
    private func screen(on pty: PseudoTerminal) throws -> Screen {
      var options = Screen.Options()
      options.terminal = "xterm-256color"
      (options.input, options.output) = (pty.slave, pty.slave)
      return try Screen(options)
    }

    @Test func `a terminal is asked, answers, and keeps no trace of it`() throws {
      let pty = try #require(PseudoTerminal(columns: 40, rows: 5))
      defer { pty.close() }
      let screen = try screen(on: pty)
      #expect(screen.widths.version == CellWidths.newestVersion)
      #expect(!screen.widths.joinsEmoji && screen.widths.joinsFlags)
      screen.present(Grid(size: screen.size), theme: .standard)
      #expect(pty.settled().text.allSatisfy { $0.isWhitespace })
      screen.close()
    }

    @Test func `a terminal that does not answer is waited for only a moment`() throws {
      let pty = try #require(PseudoTerminal(columns: 40, rows: 5, answers: false))
      defer { pty.close() }
      pty.type("q\u{1B}[B")
      let screen = try screen(on: pty)
      #expect(screen.widths == .apart)
      #expect(screen.events(within: 1000) == [.input([.key(.character("q")), .key(.down)])])
      screen.close()
    }
  }
}
