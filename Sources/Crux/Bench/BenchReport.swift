import Foundation
import LanguageModel
import Tensors
import Workbench

/// Figures of `crux bench` as lines for people or for programs.
struct BenchReport {
  let json: Bool

  /// A measurement as a JSON line.
  struct Row: Codable, Equatable {
    var name: String
    var shape: String
    var kind: EngineBenchmark.Kind
    var batch: Int
    /// Precision of the products that drew tokens, or of the backward pass: f32 or bf16.
    var precision: String
    /// Tokens of one run.
    var tokens: Int
    var runs: Int
    var seconds: [Double]
    var tokensPerSecond: EngineBenchmark.Spread
    /// How far a gradient of rounded factors lies from that in 32-bit floats, as a share.
    var gradientError: Double?
    var machine: BenchMachine

    init(_ measurement: EngineBenchmark.Measurement) {
      name = measurement.name
      shape = measurement.shape
      kind = measurement.kind
      batch = measurement.batch
      precision = measurement.precision.rawValue
      tokens = measurement.tokens
      runs = measurement.seconds.count
      seconds = measurement.seconds
      tokensPerSecond = measurement.tokensPerSecond
      gradientError = measurement.gradientError
      machine = BenchMachine()
    }
  }

  /// Memory as a JSON line.
  private struct Peak: Encodable {
    var name: String
    var peakBytes: Int
    var machine = BenchMachine()
  }

  func show(_ measurement: EngineBenchmark.Measurement) throws {
    endProgress()
    guard !json else { return try Self.line(Row(measurement)) }
    let speed = measurement.tokensPerSecond
    Self.text(
      Self.columns(measurement.name)
        + String(
          format: "%9.0f tokens/s   %.0f to %.0f in %d runs", speed.median, speed.minimum,
          speed.maximum, measurement.seconds.count))
    guard let error = measurement.gradientError else { return }
    Self.text(String(format: "  its gradient differs from that in f32 by %.2g %%", 100 * error))
  }

  /// Shows the most memory this process has had so far, where the system says it.
  func showPeak(_ name: String) throws {
    guard let bytes = ProcessMemory.peak else { return }
    endProgress()
    guard !json else { return try Self.line(Peak(name: name, peakBytes: bytes)) }
    Self.text(Self.columns(name) + String(format: "%9.2f GB", Self.gigabytes(bytes)))
  }

  /// Prints one JSON line.
  static func line(_ row: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    Crux.show(String(decoding: try encoder.encode(row), as: UTF8.self), json: true)
    fflush(nil)
  }

  /// Prints a line for people at once, also into a file, since the next may take a minute.
  static func text(_ line: String) {
    Crux.show(line)
    fflush(nil)
  }

  static func gigabytes(_ bytes: Int) -> Double { Double(bytes) / 1e9 }

  private static func columns(_ name: String) -> String {
    inert(name).padding(toLength: max(name.count, 42), withPad: " ", startingAt: 0)
  }
}

/// What the figures depend on besides Crux.
struct BenchMachine: Codable, Equatable {
  var processor = Machine.processor
  var kernels = Machine.kernelSet
  var openBLASCore = Machine.openBLASCore
  var openBLASVersion = Machine.openBLASVersion
  var threads = Parallel.threads
}
