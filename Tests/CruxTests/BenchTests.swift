import Foundation
import LanguageModel
import Testing

@testable import Crux
@testable import TerminalTesting

extension CruxProcessTests {
  private static let model = Workplace.root
    .appendingPathComponent("Tests/LanguageModelTests/Golden/models/llama-tiny").path

  @Test func `bench prints JSON lines that say what was measured and on what`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let outcome = try place.run([
      "bench", "--shapes", "embedded", "--batches", "2", "--kinds", "prefill,sampling", "--runs",
      "2", "--json",
    ])
    #expect(outcome.code == 0, "\(outcome.errors)")
    let rows = try outcome.output.split(separator: "\n").map {
      try JSONDecoder().decode(BenchReport.Row.self, from: Data($0.utf8))
    }
    #expect(rows.map(\.name) == ["embedded, prefill 8", "embedded, sampling 2"])
    for row in rows {
      #expect(row.runs == 2 && row.seconds.count == 2)
      let speed = row.tokensPerSecond
      #expect(speed.minimum <= speed.median && speed.median <= speed.maximum)
      #expect(row.machine.threads >= 1 && !row.machine.openBLASVersion.isEmpty)
    }
  }

  @Test func `bench measures a model's speed and memory`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let outcome = try place.run([
      "bench", "--model", Self.model, "--batches", "2", "--runs", "1",
    ])
    #expect(outcome.code == 0, "\(outcome.errors)")
    for word in [
      "llama-tiny, prefill", "llama-tiny, sampling 2", "peak memory up to adapter",
      "peak memory up to training",
    ] {
      #expect(outcome.output.contains(word), "\(outcome.output)")
    }
  }

  @Test func `the workbench is measured in front of a run, without and with training`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let outcome = try place.run([
      "bench", "--screen", "--trajectories", "200", "--keys", "30", "--json",
    ])
    #expect(outcome.code == 0, "\(outcome.errors)")
    let rows = try outcome.output.split(separator: "\n").map {
      try JSONDecoder().decode(BenchScreen.Row.self, from: Data($0.utf8))
    }
    #expect(rows.map(\.isTraining) == [false, true])
    for row in rows {
      #expect(row.trajectories == 200 && row.keys == 30)
      #expect(row.keyToFrameMedian > 0 && row.keyToFrameMedian <= row.keyToFrame99)
      #expect(row.framesPerSecond <= 22)
      #expect(row.firstFrameSeconds <= row.readSeconds)
    }
    #expect(rows.first?.bytesPerSecond == 0)
  }

  @Test func `a part measured in a process of its own says its memory`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let work = BenchPart.Work.rollouts(count: 3, prefix: 5, newTokens: 4)
    let part = try JSONEncoder().encode(BenchPart(model: Self.model, work: work))
    let outcome = try place.run(["bench", "--part", String(decoding: part, as: UTF8.self)])
    #expect(outcome.code == 0, "\(outcome.errors)")
    let answer = try JSONDecoder().decode(
      BenchPart.Outcome.self, from: Data(outcome.output.utf8))
    #expect(answer.peakBytes > answer.weightBytes)
    #expect(answer.keyValueBytes > 0)
  }

  @Test(arguments: [
    ["--memory", "--runs", "3"], ["--memory", "--weights", "bf16"],
    ["--prefixes", "--batches", "8"], ["--prefixes", "--gradients", "bf16"],
    ["--model", "m.gguf", "--shapes", "tiny"], ["--screen", "--model", "m.gguf"],
    ["--screen", "--batches", "8"], ["--memory", "--trajectories", "8"],
  ])
  func `bench refuses what would change nothing`(words: [String]) throws {
    let place = try Workplace()
    defer { place.remove() }
    let outcome = try place.run(["bench"] + words)
    #expect(outcome.code == 64)
    #expect(outcome.errors.contains("\(words[words.count - 2]) would change nothing"))
  }

  @Test func `training is measured at both precisions and says what rounding costs`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let outcome = try place.run([
      "bench", "--model", Self.model, "--kinds", "training", "--gradients", "f32,bf16", "--runs",
      "1", "--json",
    ])
    #expect(outcome.code == 0, "\(outcome.errors)")
    let rows = outcome.output.split(separator: "\n").filter { $0.contains("gradientError") }
    #expect(rows.count == 1 && rows[0].contains("\"precision\":\"bf16\""))
    #expect(outcome.output.contains("\"precision\":\"f32\""))
  }

  @Test(arguments: [
    ["--shapes", "huge"], ["--weights", "int8"], ["--gradients", "f16"], ["--kinds", "sleep"],
    ["--batches", "0"], ["--screen", "--trajectories", "0"],
  ])
  func `bench says what it does not know`(words: [String]) throws {
    let place = try Workplace()
    defer { place.remove() }
    let outcome = try place.run(["bench"] + words)
    #expect(outcome.code == 64)
    #expect(outcome.errors.contains("take"))
  }
}
