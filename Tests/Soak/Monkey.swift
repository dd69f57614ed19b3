import Foundation
import Glibc
import Testing

@testable import TerminalTesting

/// Something that a person, a terminal or a window system does to the workbench.
enum Deed: Equatable, CustomStringConvertible {
  case typed([UInt8])
  case resized(columns: Int, rows: Int)
  case waited(milliseconds: Int)

  var description: String {
    switch self {
    case .typed(let bytes):
      "typed " + String(decoding: bytes.prefix(60), as: UTF8.self).debugDescription
        + (bytes.count > 60 ? " … (\(bytes.count) bytes)" : "")
    case .resized(let columns, let rows): "resized to \(columns)x\(rows)"
    case .waited(let milliseconds): "waited \(milliseconds) ms"
    }
  }
}

extension Dice {
  /// What comes next, from every key, command, reply and size that the workbench may meet.
  ///
  /// Leaving is left to the test: `q` and Ctrl-C are not among the keys.
  mutating func deed() -> Deed {
    switch roll(20) {
    case 0: .resized(columns: pick([1, 20, 40, 79, 80, 120, 200]), rows: pick([1, 5, 24, 40, 55]))
    case 1: .waited(milliseconds: roll(200))
    case 2: .typed(Array("\u{1B}[200~".utf8) + noise(pick([3, 50, 5000])) + end(of: "\u{1B}[201~"))
    case 3: .typed(Array(pick(Self.replies).utf8))
    case 4: .typed(noise(1 + roll(8)).filter { !Self.leaving.contains($0) })
    case 5: .typed(Array((":" + pick(Self.commands) + "\r").utf8))
    case 6: .typed(Array((pick(["F", "/"]) + pick(Self.searches) + "\r").utf8))
    case 7: .typed(Array("\u{1B}[<\(pick([0, 2, 64, 65]));\(1 + roll(90));\(1 + roll(30))M".utf8))
    case 8...11: .typed(Array(pick(Self.named).utf8))
    default: .typed([pick(Self.letters)])
    }
  }

  private mutating func noise(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(roll(256)) } }

  // Sometimes the end of a paste is lost.
  private mutating func end(of mark: String) -> [UInt8] { roll(4) == 0 ? [] : Array(mark.utf8) }

  // Ctrl-C, Ctrl-Z, Ctrl-\ and q leave or stop, and a capital Q may one day.
  private static let leaving: [UInt8] = [3, 0x1A, 0x1C, 0x71, 0x51]
  private static let letters: [UInt8] = (0x21...0x7E).filter { !leaving.contains($0) }
  private static let named = [
    "\r", "\u{1B}", "\t", "\u{1B}[A", "\u{1B}[B", "\u{1B}[C", "\u{1B}[D", "\u{1B}[5~", "\u{1B}[6~",
    "\u{1B}[H", "\u{1B}[F", "\u{7F}", "\u{1B}OP", "\u{1B}[1;5A", " ", "u", "j", "k", "1", "2",
    "3", "4", "5", "6", "7", "8", "9", "gg", "G", "\u{0C}", "\u{12}",
  ]
  private static let replies = [
    "\u{1B}]11;rgb:1e1e/1e1e/2e2e\u{1B}\\", "\u{1B}P>|xterm(390)\u{1B}\\", "\u{1B}[5;7R",
    "\u{1B}_Gi=31;OK\u{1B}\\", "\u{1B}[?62;22c", "\u{1B}]52;c;bWFyaw==\u{7}", "\u{1B}[I",
    "\u{1B}[O", "\u{1B}^never ended", "\u{1B}[?2026;2$y", "\u{9B}1;2R",
  ]
  private static let commands = [
    "help", "theme mono", "theme", "set values.rollouts=4", "train 2", "limit 40", "nonsense",
    "sort reward", "filter wrong", "", "1", "999999999999999999999", "export /dev/null",
    "theme \u{1B}[31m",
  ]
  private static let searches = [
    "wrong", "right", "marked", "a", "*", "\u{0E01}\u{0E33}", "step 5",
  ]
}

/// Memory at one moment, kB: of the workbench, and of one that opened the same run just then.
struct MemoryLook {
  var process: pid_t
  var seconds: Double
  var kilobytes: Double
  var fresh: Double
  var beyond: Double { kilobytes - fresh }
}

/// A workbench of the sample run at the mercy of deeds.
struct Monkey {
  /// How it ended.
  enum Ending: Equatable, CustomStringConvertible {
    case whole
    /// It was told to leave, and did so in order.
    case left
    /// A key was not answered within the seconds that a person would wait; the screen then.
    case hung(String)
    case died(status: Int32)
    case leftBehind(String)

    var isWhole: Bool { self == .whole }

    var description: String {
      switch self {
      case .whole: "whole"
      case .left: "it left"
      case .hung(let screen): "a key was not answered; the screen:\n\(screen)"
      case .died(let status): "it died with wait status \(status)"
      case .leftBehind(let what): "it left the terminal so: \(what)"
      }
    }
  }

  let arguments: [String]
  let patience: Double
  /// Seconds between two looks at its memory; nil where nobody asks.
  let interval: Double?
  private(set) var memory: [MemoryLook] = []
  let began = Date()

  init(_ arguments: [String] = [], patience: Double, lookingEvery interval: Double? = nil) {
    (self.arguments, self.patience, self.interval) = (arguments, patience, interval)
  }

  /// Does the deeds in a workplace of its own and leaves with TERM; where one of them left, the run is
  /// opened again.
  mutating func play(_ deeds: some Sequence<Deed>) throws -> Ending {
    let place = try Workplace()
    defer { place.remove() }
    var deeds = deeds.makeIterator()
    var ending = try sit(in: place, arguments, &deeds)
    while ending == .left, let run = try Self.run(in: place) {
      ending = try sit(in: place, ["open", run], &deeds)
    }
    return ending
  }

  /// Does deeds in front of one process.
  private mutating func sit(
    in place: Workplace, _ arguments: [String], _ deeds: inout some IteratorProtocol<Deed>
  ) throws -> Ending {
    let (terminal, process) = try place.open(arguments)
    defer { terminal.close() }
    let hasOpened = terminal.wait(seconds: 30) { $0.text.contains("in all") }
    guard hasOpened else { return .hung(terminal.screen.text) }
    var number = 0
    while let deed = deeds.next() {
      perform(deed, on: terminal)
      number += 1
      if terminal.exitStatus != nil { return end(of: terminal) }
      guard number % 25 == 0 else { continue }
      if let ending = silence(of: terminal) { return ending }
      try look(at: process, in: place)
    }
    if let ending = silence(of: terminal) { return ending }
    kill(process, SIGTERM)
    let ending = end(of: terminal)
    return ending == .left ? .whole : ending
  }

  /// How a process that was told to leave ends.
  private func end(of terminal: PseudoTerminal) -> Ending {
    guard let status = terminal.waitForExit(seconds: 60) else { return .hung("while it leaves") }
    // TERM ends a workbench that has put all in order with 143, or with its own signal.
    guard [130, 143, 0].contains(status >> 8), status & 127 == 0 || status & 127 == SIGTERM else {
      return .died(status: status)
    }
    let left = terminal.settled().leftovers
    return left.isEmpty ? .left : .leftBehind(left.joined(separator: ", "))
  }

  /// The run that is open.
  private static func run(in place: Workplace) throws -> String? {
    try FileManager.default.contentsOfDirectory(atPath: place.runs.path).first {
      !$0.hasPrefix(".")
    }
    .map { place.runs.appendingPathComponent($0).path }
  }

  private func perform(_ deed: Deed, on terminal: PseudoTerminal) {
    switch deed {
    case .typed(let bytes): terminal.type(bytes)
    case .resized(let columns, let rows): terminal.resize(columns: columns, rows: rows)
    case .waited(let milliseconds): usleep(UInt32(milliseconds) * 1000)
    }
  }

  /// Why it is no longer at work, where a key is not answered: Help comes, whatever stood there.
  private func silence(of terminal: PseudoTerminal) -> Ending? {
    terminal.resize(columns: 80, rows: 24)
    // The end of a paste that was never ended, and of a control string.
    terminal.type("\u{1B}[201~\u{1B}\\")
    usleep(100_000)
    for _ in 0..<4 {
      terminal.type("\u{1B}")
      usleep(100_000)
    }
    // Read in one go with the escape before it, on a busy machine, the first is Alt-?.
    let hasCome = (0..<2).contains { _ in
      terminal.type("?")
      return terminal.wait(seconds: patience / 2) { $0.text.contains("Help") }
    }
    let isLeaving = terminal.screen.text.contains("Waiting for the work under way")
    if terminal.exitStatus != nil || isLeaving { return end(of: terminal) }
    guard hasCome else { return .hung(terminal.screen.text) }
    terminal.type("\u{1B}")
    return nil
  }

  /// Compares its memory with that of a process that has just opened the same run: what it holds
  /// beyond the record.
  private mutating func look(at process: pid_t, in place: Workplace) throws {
    let now = Date().timeIntervalSince(began)
    guard let interval, now - (memory.last?.seconds ?? -interval) >= interval,
      let run = try Self.run(in: place)
    else { return }
    let (terminal, other) = try place.open(["open", "--read-only", run])
    defer { terminal.close() }
    try terminal.expect("in all", seconds: 300)
    // It reads the run and the weights behind the first frame.
    _ = terminal.wait(seconds: 120) { !$0.text.contains("LOADING") }
    var (before, fresh) = (0.0, Monkey.residentKilobytes(of: other))
    for _ in 0..<10 where fresh != before {
      _ = terminal.wait(seconds: 1) { _ in false }
      (before, fresh) = (fresh, Monkey.residentKilobytes(of: other))
    }
    memory.append(
      MemoryLook(
        process: process, seconds: now, kilobytes: Monkey.residentKilobytes(of: process),
        fresh: fresh))
  }

  private static func residentKilobytes(of process: pid_t) -> Double {
    let text = try? String(contentsOfFile: "/proc/\(process)/statm", encoding: .utf8)
    return 4 * (text?.split(separator: " ").dropFirst().first.flatMap { Double($0) } ?? 0)
  }

  /// The least that still fails the same way: chunks are left out as long as that is so.
  static func shrink(
    _ deeds: [Deed], _ arguments: [String], patience: Double, tries: Int
  ) throws -> [Deed] {
    var deeds = deeds
    var chunk = deeds.count / 2
    var left = tries
    while chunk > 0, left > 0 {
      var start = 0
      while start < deeds.count, left > 0 {
        var fewer = deeds
        fewer.removeSubrange(start..<min(start + chunk, deeds.count))
        left -= 1
        var monkey = Monkey(arguments, patience: patience)
        if try monkey.play(fewer).isWhole { start += chunk } else { deeds = fewer }
      }
      chunk /= 2
    }
    return deeds
  }
}
