import Foundation
import Glibc
import Records
import Testing
import Trajectories
import Workbench

/// A folder of its own for the runs of one test, and the built `crux` to work in it.
struct Workplace {
  /// Where runs go; it is called `runs`.
  let runs: URL

  /// The checkout these tests were built from.
  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// The program that was built with these tests, or another that `CRUX_TESTED` names.
  static let crux =
    ProcessInfo.processInfo.environment["CRUX_TESTED"]
    ?? Bundle.main.bundleURL.appendingPathComponent("crux").path

  init() throws {
    let parent = FileManager.default.temporaryDirectory
      .appendingPathComponent("crux-test-\(UUID().uuidString)")
    runs = parent.appendingPathComponent("runs")
    try FileManager.default.createDirectory(at: runs, withIntermediateDirectories: true)
  }

  /// Removes all that was written.
  func remove() { try? FileManager.default.removeItem(at: runs.deletingLastPathComponent()) }

  /// A file beside the runs.
  func file(_ name: String, _ text: String = "") throws -> URL {
    let url = runs.deletingLastPathComponent().appendingPathComponent(name)
    try Data(text.utf8).write(to: url)
    return url
  }

  /// What `crux` sees of its surroundings.
  var environment: [String: String] {
    var kept = ProcessInfo.processInfo.environment.filter {
      ["PATH", "HOME", "LD_LIBRARY_PATH"].contains($0.key) || $0.key.hasPrefix("OPENBLAS")
        || $0.key.hasSuffix("SAN_OPTIONS")
    }
    kept["CRUX_RUNS"] = runs.path
    kept["XDG_STATE_HOME"] = runs.deletingLastPathComponent().appendingPathComponent("state").path
    kept["CRUX_HOME"] = Workplace.root.path
    kept["SWIFT_BACKTRACE"] = "enable=no"
    // A process that is killed would leave half a count of its lines.
    kept["LLVM_PROFILE_FILE"] = "/dev/null"
    kept["TERM"] = "xterm-256color"
    return kept
  }

  /// Where a command that runs to its end adds the lines it ran to those of the tests, when these are
  /// counted and it was built with them.
  static let lineCounts: String? = {
    let settings = ProcessInfo.processInfo.environment
    guard settings["CRUX_TESTED"] == nil, let own = settings["LLVM_PROFILE_FILE"],
      own.hasSuffix(".profraw")
    else { return nil }
    let folder = URL(fileURLWithPath: own).deletingLastPathComponent()
    return folder.appendingPathComponent("crux-%p.profraw").path
  }()

  /// What a command came to.
  struct Outcome {
    var code: Int32
    var output: String
    var errors: String
  }

  /// Runs a command to its end, with no terminal.
  func run(_ arguments: [String], program: String = Workplace.crux) throws -> Outcome {
    let names = (UUID().uuidString, UUID().uuidString)
    let (output, errors) = (try file(names.0), try file(names.1))
    var environment = environment
    environment["LLVM_PROFILE_FILE"] = Workplace.lineCounts ?? "/dev/null"
    let process = try start(
      arguments, program: program, environment: environment, output: output, errors: errors)
    process.waitUntilExit()
    return Outcome(
      code: process.terminationStatus, output: try String(contentsOf: output, encoding: .utf8),
      errors: try String(contentsOf: errors, encoding: .utf8))
  }

  /// Starts a command with no terminal.
  func start(
    _ arguments: [String], program: String = Workplace.crux, environment: [String: String]? = nil,
    output: URL? = nil, errors: URL? = nil
  ) throws -> Process {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.environment = environment ?? self.environment
    process.currentDirectoryURL = runs.deletingLastPathComponent()
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try output.map { try FileHandle(forWritingTo: $0) } ?? .nullDevice
    process.standardError = try errors.map { try FileHandle(forWritingTo: $0) } ?? .nullDevice
    try process.run()
    return process
  }

  /// Starts a command in a terminal of its own, in the directory that `run` takes.
  func openBeside(
    _ arguments: [String], with extra: [String: String] = [:]
  ) throws -> (terminal: PseudoTerminal, process: pid_t) {
    let terminal = try #require(PseudoTerminal(columns: 100, rows: 30))
    let all = environment.merging(extra) { $1 }
    let script = ["-c", "cd \"$0\" && exec \"$@\"", runs.deletingLastPathComponent().path]
    let process = terminal.spawn("/bin/sh", script + [Workplace.crux] + arguments, environment: all)
    try #require(process > 0)
    return (terminal, process)
  }

  /// Starts a command in a terminal of its own.
  func open(
    _ arguments: [String] = [], columns: Int = 80, rows: Int = 24,
    with extra: [String: String] = [:]
  ) throws -> (terminal: PseudoTerminal, process: pid_t) {
    let terminal = try #require(PseudoTerminal(columns: columns, rows: rows))
    let all = environment.merging(extra) { $1 }
    let process = terminal.spawn(Workplace.crux, arguments, environment: all)
    try #require(process > 0)
    return (terminal, process)
  }

  /// Every event of a run, in order.
  func events(of run: String) throws -> [RunEvent] {
    let store = try RunStore(opening: runs.appendingPathComponent(run), readOnly: true)
    defer { try? store.close() }
    return try store.events().map(\.event)
  }

  /// Waits until a run's events are as wanted.
  func wait(
    for what: String, in run: String, seconds: Double = 20, until isReached: ([RunEvent]) -> Bool
  ) throws {
    let deadline = Date(timeIntervalSinceNow: seconds)
    while try !isReached(events(of: run)) {
      try #require(Date() < deadline, "\(what) did not come")
      usleep(20_000)
    }
  }

  /// Waits until a run has made an update.
  func waitForRun(_ run: String, seconds: Double = 20) throws {
    let deadline = Date(timeIntervalSinceNow: seconds)
    while true {
      if let events = try? events(of: run), RunHistory(events).policyVersion > 0 { return }
      try #require(Date() < deadline, "\(run) did not begin")
      usleep(20_000)
    }
  }

  /// The newest weights of a run, as a file's bytes.
  func weights(of run: String) throws -> Data {
    let newest = try #require(CheckpointFolder.newest(in: runs.appendingPathComponent(run)))
    return try Data(contentsOf: newest.url.appendingPathComponent("model.safetensors"))
  }
}

extension PseudoTerminal {
  /// Waits until the screen shows a text; what it shows is in the failure.
  func expect(
    _ text: String, seconds: Double = 20, at place: SourceLocation = #_sourceLocation
  ) throws {
    try expect("“\(text)”", seconds: seconds, at: place) { $0.text.contains(text) }
  }

  /// Waits until the screen is as wanted.
  func expect(
    _ what: String, seconds: Double = 20, at place: SourceLocation = #_sourceLocation,
    until isReached: (VirtualTerminal) -> Bool
  ) throws {
    guard wait(seconds: seconds, until: isReached) else {
      Issue.record("\(what) did not come; the screen is\n\(screen.text)", sourceLocation: place)
      throw Missing(what: what)
    }
  }

  /// Types keys that may come too early, such as before the engine is idle, until they are obeyed.
  func insist(
    on keys: String, until text: String, at place: SourceLocation = #_sourceLocation
  ) throws {
    for _ in 0..<20 {
      type(keys)
      if wait(seconds: 1, until: { $0.text.contains(text) }) { return }
    }
    try expect(text, seconds: 1, at: place)
  }

  /// A screen that did not come.
  struct Missing: Error { var what: String }

  /// Holds that the terminal is as it was found.
  func expectRestored(_ what: String, at place: SourceLocation = #_sourceLocation) {
    // What it wrote last may still be on its way when it has ended.
    #expect(settled().leftovers.isEmpty, "\(what)", sourceLocation: place)
    #expect(modes == original, "\(what): termios differ", sourceLocation: place)
  }
}

extension RunHistory {
  /// What must be the same in two runs of the same seed: all but times.
  var timeless: ([Metrics], [EvaluationResult]) { (metrics.map(\.timeless), evaluations) }
}

extension Metrics {
  /// Without the times it took.
  var timeless: Metrics {
    var copy = self
    copy.seconds = 0
    copy.tokensPerSecond = 0
    return copy
  }
}
