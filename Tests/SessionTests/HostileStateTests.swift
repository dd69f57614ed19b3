import Comparing
import Foundation
import LanguageModel
import Learning
import Records
import Testing

@testable import Session
@testable import TerminalTesting

/// Whatever a checkpoint's state.json holds, a loop goes on from it or refuses it in a sentence.
///
/// CRUX_FUZZ sets how many states are tried.
struct HostileStateTests {
  private static let values = [
    "-1", "0", "1", "2147483647", "2147483648", "-2147483648", "9223372036854775807",
    "-9223372036854775808", "9223372036854775808", "1e308", "-1e308", "1e39", "0.5", "null", "true",
    "\"inf\"", "[]", "{}", "\"\"",
  ]

  /// Where numbers stand in a text.
  private static func numbers(in text: [UInt8]) -> [Range<Int>] {
    var found: [Range<Int>] = []
    var start: Int?
    let signs = Set("-0123456789.e+".utf8)
    for (place, byte) in text.enumerated() {
      let begins =
        byte == UInt8(ascii: "-") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      if start == nil, begins, place > 0,
        [":", "[", ","].map({ UInt8(ascii: $0) }).contains(text[place - 1])
      {
        start = place
      } else if let first = start, !signs.contains(byte) {
        found.append(first..<place)
        start = nil
      }
    }
    return found
  }

  @Test func `no state ends the process`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let run = place.runs.appendingPathComponent("sample")
    try FileManager.default.copyItem(
      at: Workplace.root.appendingPathComponent("samples/run"), to: run)
    let trainer = try Trainer(try OpenedRun(run, readOnly: true))
    let checkpoint = try #require(CheckpointFolder.newest(in: run))
    let file = checkpoint.url.appendingPathComponent("state.json")
    let sound = [UInt8](try Data(contentsOf: file))
    let numbers = Self.numbers(in: sound)
    try #require(numbers.count > 1000)
    let tries = ProcessInfo.processInfo.environment["CRUX_FUZZ"].flatMap { Int($0) } ?? 150
    var random = SplitMix(state: 41)
    func below(_ count: Int) -> Int { min(count - 1, Int(random.unit() * Double(count))) }
    var counts = (taken: 0, refused: 0)
    for _ in 0..<tries {
      var text = sound
      for _ in 0...below(2) {
        // Numbers of the head decide more than one of a thousand tokens.
        let range = numbers[below(2) == 0 ? below(numbers.count) : below(12)]
        guard range.upperBound <= text.count else { continue }
        text.replaceSubrange(range, with: Self.values[below(Self.values.count)].utf8)
      }
      try Data(text).write(to: file)
      do {
        try CheckpointFiles.restore(trainer.loop, from: checkpoint, moments: false)
        counts.taken += 1
        // What such a state is asked for between two updates.
        let buffer = trainer.loop.state.buffer
        _ = (buffer.age(at: 20), buffer.reuse, buffer.purity, buffer.marked)
      } catch {
        #expect("\(error)".count > 20)
        counts.refused += 1
      }
    }
    #expect(counts.refused > tries / 4 && counts.taken > 0, "\(counts)")
  }
}
