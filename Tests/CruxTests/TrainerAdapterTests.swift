import Foundation
import Testing

@testable import TerminalTesting

/// Where Python is found, if anywhere.
private let python = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
  .map { "\($0)/python3" }
  .first { FileManager.default.isExecutableFile(atPath: $0) }

extension CruxProcessTests {
  /// The adapters' own tests, on the rows that this crux writes of the recorded run.
  @Test(.enabled(if: python != nil, "python3 is not installed"))
  func `the adapters for other trainers read what is exported`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let program = try #require(python)
    let run = Workplace.root.appendingPathComponent("samples/run").path
    let export = try place.run([
      "export", run, "out", "--for", "trl-dpo,trl-kto,trl-grpo,verl,openrlhf",
    ])
    #expect(export.code == 0, "\(export.errors)")
    let tests = Workplace.root.appendingPathComponent("samples/trainers/test_adapters.py").path
    let out = place.runs.deletingLastPathComponent().appendingPathComponent("out").path
    let outcome = try place.run(
      ["-c", "CRUX_EXPORT=\(out) PYTHONDONTWRITEBYTECODE=1 '\(program)' '\(tests)' -v"],
      program: "/bin/sh")
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(!outcome.errors.contains("skipped"), "rows of the export were not read")
    #expect(outcome.errors.contains("test_rows_of_an_export"))
  }
}
