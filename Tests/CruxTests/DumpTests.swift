import Foundation
import Testing

@testable import TerminalTesting

/// What trainers wrote, through the command line.
extension CruxProcessTests {
  private static let dumps = Workplace.root
    .appendingPathComponent("Tests/RecordsTests/Fixtures/Dumps")

  @Test(arguments: [
    ("verl_v1", "verl's rollouts, text without special tokens"),
    ("prime_rl", "exact ids"), ("slime", "exact ids"), ("trl_text", "TRL's completions"),
    ("lm_eval", "whole text, no ids"),
  ])
  func `a dump is shown as a run, with what is known of its tokens`(name: String, words: String)
    throws
  {
    let place = try Workplace()
    defer { place.remove() }
    let path = Self.dumps.appendingPathComponent(name).path
    let shown = try place.run(["show", "trajectories", path, "--size", "160x40"])
    #expect(shown.code == 0, "\(shown.errors)")
    let text = shown.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      .replacing("││", with: "").replacing("  ", with: " ")
    #expect(text.contains("in all"))
    for word in words.split(separator: " ") { #expect(text.contains(word), "\(word)") }
  }

  @Test func `answers whose special tokens are gone cannot be gone on from`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let path = Self.dumps.appendingPathComponent("verl_v1").path
    let refused = try place.run(["inspect", path, "--model", "tiny"])
    #expect(refused.code == 1)
    #expect(refused.errors.contains("lack their special tokens"))
  }

  @Test func `what is no dump says what it came nearest to`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let file = try place.file("odd.jsonl", #"{"input": "a", "output": "b"}"# + "\n")
    let refused = try place.run(["show", "trajectories", file.path])
    #expect(refused.code == 1)
    #expect(refused.errors.contains("odd.jsonl") && refused.errors.contains("verl"))
  }

  @Test func `a run is exported for other trainers, with the ids that were drawn`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let run = Workplace.root.appendingPathComponent("samples/run").path
    let made = try place.run(["export", run, "rows", "--for", "trl-dpo, trl-grpo,prm"])
    #expect(made.code == 0, "\(made.errors)")
    #expect(made.output.contains("rows/trl-grpo: 63 rows\n"))
    #expect(try place.run(["export", run, "rows", "--for", "prm"]).code == 0)
    let unknown = try place.run(["export", run, "rows", "--for", "verl,nemo"])
    #expect(unknown.code == 64 && unknown.errors.contains("nemo"))
    _ = try place.file("mine", "keep")
    #expect(try place.run(["export", run, "mine", "--for", "prm"]).code == 1)
  }
}
