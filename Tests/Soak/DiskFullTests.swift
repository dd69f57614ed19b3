import Comparing
import Foundation
import Testing

@testable import TerminalTesting

extension SoakTests {
  /// A small file system of its own needs a mount namespace, which not every machine allows.
  private static let hasMounts: Bool = {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/unshare")
    process.arguments = ["-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }()

  @Test(.enabled(if: SoakTests.hasMounts, "no mount namespaces here"))
  func `a training whose disk fills up says so and ends as the one with room`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let recipe = Workplace.root.appendingPathComponent("samples/chains-4.toml").path
    let choices =
      "--set updates=6 --set record.checkpoint_every=2 --set evaluation.every=0 "
      + "--set objective.groups=8"
    var dice = Dice(state: Soak.seed)
    for turn in 0..<min(20, 2 * Soak.factor) {
      let room = 200 + dice.roll(9000)
      let script = """
        set -e
        mount -t tmpfs -o size=64m tmpfs "$CRUX_RUNS"
        "$CRUX" train \(recipe) --name whole \(choices) >/dev/null 2>&1
        free=$(df -k --output=avail "$CRUX_RUNS" | tail -1)
        head -c $(( (free - \(room)) * 1024 )) /dev/zero > "$CRUX_RUNS/ballast"
        set +e
        "$CRUX" train \(recipe) --name torn \(choices) >/dev/null 2>"$CRUX_RUNS/../errors"
        echo "first $?"
        rm "$CRUX_RUNS/ballast"
        [ -e "$CRUX_RUNS/torn" ] || exec echo "same not begun"
        "$CRUX" train --resume "$CRUX_RUNS/torn" >/dev/null 2>>"$CRUX_RUNS/../errors"
        echo "second $?"
        cmp "$CRUX_RUNS/torn/checkpoints/6/model.safetensors" \
          "$CRUX_RUNS/whole/checkpoints/6/model.safetensors" && echo same
        """
      let output = try shell(script, place)
      let errors = try String(
        contentsOf: place.runs.deletingLastPathComponent().appendingPathComponent("errors"),
        encoding: .utf8)
      let what = "seed \(Soak.seed), turn \(turn), \(room) kB: \(output) \(errors)"
      #expect(output.contains("same"), "\(what)")
      if output.contains("first 1") { #expect(errors.contains("Error: "), "\(what)") }
    }
  }

  private func shell(_ script: String, _ place: Workplace) throws -> String {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/unshare")
    process.arguments = ["-rm", "sh", "-c", script]
    process.environment = place.environment.merging(["CRUX": Workplace.crux]) { $1 }
    process.standardOutput = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self)
  }
}
