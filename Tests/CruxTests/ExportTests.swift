import Foundation
import LanguageModel
import ModelFiles
import Testing

@testable import TerminalTesting

extension CruxProcessTests {
  @Test func `an exported model gives the same numbers in both formats`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let model = Workplace.root
      .appendingPathComponent("Tests/LanguageModelTests/Golden/quant/qwen3-tiny-f32.gguf").path
    let input = try place.file("in.jsonl", #"{"text": "and the 12 inner rings"}"#)
    func score(_ model: String) throws -> String {
      let outcome = try place.run(["score", "--model", model, "--input", input.path])
      #expect(outcome.code == 0, "\(outcome.errors)")
      return outcome.output
    }
    for (from, out) in [(model, "folder"), ("folder", "x.gguf"), ("x.gguf", "again")] {
      let outcome = try place.run(["export", from, out])
      #expect(outcome.code == 0, "\(outcome.errors)")
      #expect(outcome.output.hasPrefix("\(out): "))
    }
    let expected = try score(model)
    #expect(try score("folder") == expected)
    #expect(try score("x.gguf") == expected)
    #expect(try score("again") == expected)
  }

  @Test func `export replaces no file that is not a model's`() throws {
    let place = try Workplace()
    defer { place.remove() }
    _ = try place.file("notes.gguf", "keep")
    let outcome = try place.run(["export", "tiny", "notes.gguf"])
    #expect(outcome.code == 1)
    #expect(outcome.errors.contains("no GGUF file"))
    let words = try place.run(["export", "tiny", "x.gguf"])
    #expect(words.code == 1)
    #expect(words.errors.contains("save a folder instead"))
    #expect(try place.run(["export", "tiny", "x", "--type", "f16"]).code == 64)
    #expect(try place.run(["export", "tiny", "notes"]).code == 0)
  }
}
