import CProcess
import Foundation
import Glibc
import Synchronization
import Trajectories
import Workbench

/// A command that answers lines with lines, one each.
///
/// It runs under a keeper (see `CProcess`) in a process group of its own, without a terminal, without
/// any descriptor but its three pipes and with few variables (see `JudgeKeeper`). No wait for it is
/// longer than was allowed, whatever it does with its pipes, and none goes on once somebody wants to
/// stop.
package final class JudgeProcess {
  /// Thrown where somebody wanted all work to stop.
  struct Stopped: Error {}

  private var process = cp_command()
  private var output = JudgeOutput()
  private var errors = JudgeErrors()
  private var outputIsOpen = true
  private var errorsAreOpen = true
  /// How it ended, once it has.
  private var status: Int32?
  private var isLeft = false

  /// How long a wait lasts before it is asked whether to stop, seconds.
  private static let glance = 0.05

  /// Starts a command in the shell, kept as the sandbox says.
  init(_ command: String, sandbox: RewardSandbox) throws {
    try sandbox.check()
    // A command that is gone must be an error, not the end of this process.
    signal(SIGPIPE, SIG_IGN)
    let words = [JudgeKeeper.name] + sandbox.arguments(for: command)
    let arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    let variables = JudgeKeeper.environment(of: ProcessInfo.processInfo.environment)
    let environment: [UnsafeMutablePointer<CChar>?] = variables.map { strdup($0) } + [nil]
    defer { (arguments + environment).forEach { free($0) } }
    let failure = cp_start(arguments, environment, &process)
    guard failure == 0 else {
      isLeft = true
      throw Complaint("cannot be started: \(String(cString: strerror(failure)))")
    }
    Self.living.withLock { $0[process.keeper] = process.life }
  }

  deinit { end() }

  /// What it wrote to standard error last, in one inert line.
  var lastWords: String { errors.last }

  /// Ends it and all that came of it; returns when all of it is gone.
  func end() {
    guard !isLeft else { return }
    isLeft = true
    for pipe in [process.input, process.output, process.errors, process.status] { close(pipe) }
    // Where all are ended at once, this one has been.
    if Self.living.withLock({ $0.removeValue(forKey: process.keeper) }) != nil {
      Self.end(process.keeper, life: process.life)
    }
  }

  /// Ends every command of this process, before it exits.
  package static func endAll() {
    let all = living.withLock { living in
      defer { living = [:] }
      return living
    }
    for (keeper, life) in all { end(keeper, life: life) }
  }

  /// The keepers of commands that were not ended yet, each with what it lives by.
  private static let living = Mutex<[Int32: Int32]>([:])

  private static func end(_ keeper: Int32, life: Int32) {
    close(life)
    // The keeper needs no more than a fraction of that.
    let deadline = ProcessInfo.processInfo.systemUptime + 2
    while waitpid(keeper, nil, WNOHANG) == 0 {
      if ProcessInfo.processInfo.systemUptime > deadline { kill(keeper, SIGKILL) }
      usleep(2000)
    }
  }

  /// Writes a line and waits for one.
  ///
  /// - Returns: The bytes of the answer without its line end.
  /// - Throws: A sentence's end that says what it did instead; `Stopped`.
  func answer(to line: String, seconds: Double) throws -> [UInt8] {
    try expectNothing(within: 0)
    let deadline = ProcessInfo.processInfo.systemUptime + seconds
    var rest = [UInt8]((line + "\n").utf8)[...]
    while true {
      if rest.isEmpty, let answer = try output.takeLine() { return answer }
      guard !Interruption.isStopWanted else { throw Stopped() }
      let left = deadline - ProcessInfo.processInfo.systemUptime
      guard left > 0 else {
        throw Complaint(
          String(
            format: "gave no answer within %g seconds (task.reward_seconds allows more)", seconds))
      }
      listen(within: min(left, Self.glance), writing: !rest.isEmpty)
      try write(&rest)
      try mindTheEnd(rest)
    }
  }

  /// Holds that it writes nothing unasked.
  ///
  /// - Throws: A sentence's end that quotes what it wrote.
  func expectNothing(within seconds: Double) throws {
    listen(within: seconds, writing: false)
    try output.expectNothing()
  }

  private func write(_ rest: inout ArraySlice<UInt8>) throws {
    guard !rest.isEmpty else { return }
    let count = rest.withUnsafeBytes { Glibc.write(process.input, $0.baseAddress, $0.count) }
    if count > 0 { rest = rest.dropFirst(count) }
    // It may have answered before it read all, but not after it was gone.
    if count < 0, errno != EAGAIN, errno != EINTR { try mindTheEnd(rest, isDeaf: true) }
  }

  /// Fails where no answer can come any more.
  private func mindTheEnd(_ rest: ArraySlice<UInt8>, isDeaf: Bool = false) throws {
    guard isDeaf || status != nil || !outputIsOpen else { return }
    if status == nil { listen(within: 0.2, writing: false, untilEnd: true) }
    // Its last words may have come before its end was told.
    listen(within: 0, writing: false)
    if rest.isEmpty, output.hasLine { return }
    guard let status else {
      throw Complaint("closed its \(isDeaf ? "input" : "output") before it answered")
    }
    throw Complaint(
      cp_has_exited(status) != 0
        ? "ended with code \(cp_code(status)) before it answered"
        : "was ended by signal \(cp_code(status))")
  }

  /// Takes what comes until something did, or until the time is over.
  private func listen(within seconds: Double, writing: Bool, untilEnd: Bool = false) {
    let deadline = ProcessInfo.processInfo.systemUptime + seconds
    repeat {
      var asked = [
        pollfd(fd: outputIsOpen ? process.output : -1, events: Int16(POLLIN), revents: 0),
        pollfd(fd: errorsAreOpen ? process.errors : -1, events: Int16(POLLIN), revents: 0),
        pollfd(fd: status == nil ? process.status : -1, events: Int16(POLLIN), revents: 0),
        pollfd(fd: writing ? process.input : -1, events: Int16(POLLOUT), revents: 0),
      ]
      let left = max(0, deadline - ProcessInfo.processInfo.systemUptime)
      guard poll(&asked, UInt(asked.count), Int32((left * 1000).rounded(.up))) > 0 else { return }
      if asked[0].revents != 0 { outputIsOpen = take(process.output) { output.take($0) } }
      if asked[1].revents != 0 { errorsAreOpen = take(process.errors) { errors.take($0) } }
      if asked[2].revents != 0 { takeStatus() }
      guard untilEnd else { return }
    } while status == nil && ProcessInfo.processInfo.systemUptime < deadline
  }

  /// Reads a piece; whether more may come.
  private func take(_ pipe: Int32, _ keep: (ArraySlice<UInt8>) -> Void) -> Bool {
    // A flood is read no further than it takes to see that it is one.
    if pipe == process.output, output.isFlooded { return true }
    var piece = [UInt8](repeating: 0, count: 1 << 14)
    let count = read(pipe, &piece, piece.count)
    if count > 0 { keep(piece[..<count]) }
    return count > 0 || (count < 0 && (errno == EAGAIN || errno == EINTR))
  }

  private func takeStatus() {
    var code: Int32 = 0
    let count = read(process.status, &code, MemoryLayout<Int32>.size)
    guard count >= 0 || (errno != EAGAIN && errno != EINTR) else { return }
    // A keeper that says nothing was killed itself.
    status = count == MemoryLayout<Int32>.size ? code : SIGKILL
  }
}

/// What a command writes to standard error: told line by line as far as that is bearable, and the end
/// of it kept for the sentence that says what went wrong.
package struct JudgeErrors {
  private var kept: [UInt8] = []
  private var line: [UInt8] = []
  private var told = 0

  /// Most lines that are told.
  private static let mostLines = 50
  /// Longest line that is told, and most of the end that is kept, bytes.
  private static let room = 600

  private static let areTold = Atomic<Bool>(true)

  /// Tells no lines from here on: a workbench has no place for them.
  package static func beSilent() { areTold.store(false, ordering: .relaxed) }

  /// The last lines, as one that no terminal obeys.
  var last: String {
    inert(
      String(decoding: kept, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        .replacing("\n", with: " / "))
  }

  mutating func take(_ bytes: ArraySlice<UInt8>) {
    kept = Array((kept + bytes).suffix(Self.room))
    guard Self.areTold.load(ordering: .relaxed), told <= Self.mostLines else { return }
    for byte in bytes {
      if byte == 0x0A {
        tellLine()
      } else if line.count < Self.room {
        line.append(byte)
      }
    }
  }

  private mutating func tellLine() {
    defer { line = [] }
    told += 1
    guard told <= Self.mostLines + 1 else { return }
    tell(
      told > Self.mostLines
        ? "reward command: what more it writes to standard error is not shown."
        : "reward command: " + String(decoding: line, as: UTF8.self))
  }
}

/// The process that a reward command runs under; `CProcess` says why there is one.
package enum JudgeKeeper {
  /// What this program is called where it is the keeper; the arguments are then the command.
  static let name = "crux-keeper"

  /// Variables that a reward command sees.
  ///
  /// They are what programs need to find their way, and nothing that may be a secret. A command that
  /// needs another sets it itself: `KEY=value python3 grade.py`.
  static let variables: Set<String> = [
    "PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TZ", "TMPDIR",
    "LD_LIBRARY_PATH", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "CONDA_PREFIX",
  ]

  /// What of an environment a reward command sees, and its keeper too, as `NAME=value`.
  static func environment(of all: [String: String]) -> [String] {
    all.filter { variables.contains($0.key) || $0.key.hasPrefix("LC_") }
      .map { "\($0.key)=\($0.value)" }.sorted()
  }

  /// Whether this process was started to be a keeper.
  package static var isWanted: Bool { CommandLine.arguments.first == name }

  /// Runs the command and keeps it until it or Crux ends.
  package static func run() -> Never {
    let words = Array(CommandLine.arguments.dropFirst())
    guard !words.isEmpty else { _exit(127) }
    var arguments = words.map { strdup($0) }
    arguments.append(nil)
    cp_keep(arguments)
  }
}
