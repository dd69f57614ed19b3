import ArgumentParser
import Foundation
import LanguageModel
import Tensors

/// Measures how fast the engine trains and samples.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure training and sampling, tokens a second, medians of several runs.",
    discussion: """
      tiny: vocabulary 64, width 128, 4 layers, context 64, batch 64. small: 512, 256, 6, 128, 32. \
      embedded: the shape of the sample policy. Training is forward, backward and AdamW over all \
      weights; sampling goes from a prompt of 8 tokens to the context's end.
      """)

  @Option(help: "Shapes, separated by commas: tiny, small, embedded, 135m.")
  var shapes = "tiny,small,embedded"

  @Option(help: "Runs of each measurement, after one that is not counted.")
  var runs = 5

  @Flag(help: "Print JSON lines.")
  var json = false

  private struct Row: Encodable {
    var name: String
    var tokensPerSecond: Double
    var runs: Int
    var machine: String
  }

  func run() throws {
    if !json { print(Machine.summary) }
    for name in shapes.split(separator: ",") {
      let shape = try shape(String(name))
      let benchmark = EngineBenchmark(shape)
      try show(benchmark.training(runs: runs))
      for batch in EngineBenchmark.samplingBatches {
        try show(benchmark.sampling(batch: batch, runs: runs))
      }
    }
  }

  private func shape(_ name: String) throws -> EngineBenchmark.Case {
    switch name.lowercased() {
    case "tiny": return EngineBenchmark.tiny
    case "small": return EngineBenchmark.small
    case "embedded": return EngineBenchmark.embedded
    case "135m": return EngineBenchmark.medium
    default:
      throw ValidationError("There is no shape “\(name)”; take tiny, small, embedded or 135m.")
    }
  }

  private func show(_ result: EngineBenchmark.Result) throws {
    guard json else {
      let name = result.name.padding(toLength: 24, withPad: " ", startingAt: 0)
      print(name + String(format: "%10.0f tokens/s", result.tokensPerSecond))
      return
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let row = Row(
      name: result.name, tokensPerSecond: result.tokensPerSecond, runs: result.runs,
      machine: Machine.summary)
    print(String(decoding: try encoder.encode(row), as: UTF8.self))
  }
}
