import Foundation
import Glibc
import Learning
import Trajectories

/// A reward from a command of the user's: a line of JSON in, a number out.
///
/// The command is started by the first answer and kept running; it is ended with the run, and sees
/// the end of its input where Crux dies. Answers are judged one at a time. The first failure is kept
/// as a sentence, and nothing is asked after it.
// The lock guards every property.
final class RewardCommand: RewardSource, @unchecked Sendable {
  private let command: String
  private let seconds: Double
  private let lock = NSLock()
  private var running: RunningCommand?
  private var failed: String?

  /// A command for the shell, and how long it may take for one answer.
  init(_ command: String, seconds: Double) {
    self.command = command
    self.seconds = seconds
  }

  deinit { running?.end() }

  var failure: String? { lock.withLock { failed } }

  func reward(of response: String, ended: Bool, to problem: Problem) -> Double {
    lock.withLock {
      guard failed == nil else { return 0 }
      do {
        return try ask(Question(problem, response, ended: ended))
      } catch {
        failed = "The reward command “\(command)” \(error); mend it or raise task.reward_seconds."
        running?.end()
        return 0
      }
    }
  }

  private struct Question: Encodable {
    var id: String
    var problem: String
    var gold: String
    var response: String
    var ended: Bool

    init(_ problem: Problem, _ response: String, ended: Bool) {
      (id, self.problem, gold) = (problem.id, problem.prompt, problem.reference)
      (self.response, self.ended) = (response, ended)
    }
  }

  private func ask(_ question: Question) throws -> Double {
    let running = try self.running ?? RunningCommand(command)
    self.running = running
    let line = try running.answer(to: try jsonLine(question), seconds: seconds)
    guard let number = Double(line.trimmingCharacters(in: .whitespaces)), (0...1).contains(number)
    else {
      throw Complaint("answered “\(line.prefix(80))”, which is no number from 0 to 1")
    }
    return number
  }
}

/// A process that answers lines with lines.
private struct RunningCommand {
  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()

  /// Starts a command in the shell; what it writes to standard error is shown.
  init(_ command: String) throws {
    // A command that is gone must be an error, not the end of this process.
    signal(SIGPIPE, SIG_IGN)
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", command]
    process.standardInput = input
    process.standardOutput = output
    do { try process.run() } catch { throw Complaint("cannot be started: \(error)") }
    let writing = input.fileHandleForWriting.fileDescriptor
    _ = fcntl(writing, F_SETFL, fcntl(writing, F_GETFL) | O_NONBLOCK)
  }

  /// Ends the process; it may be gone already.
  func end() {
    try? input.fileHandleForWriting.close()
    if process.isRunning { process.terminate() }
  }

  /// Writes a line and waits for one.
  func answer(to line: String, seconds: Double) throws -> String {
    let end = ProcessInfo.processInfo.systemUptime + seconds
    try write(Data((line + "\n").utf8), until: end, seconds)
    var answer: [UInt8] = []
    let reading = output.fileHandleForReading.fileDescriptor
    while true {
      try wait(for: POLLIN, on: reading, until: end, seconds)
      var byte: UInt8 = 0
      guard read(reading, &byte, 1) == 1 else { throw Complaint(ending) }
      if byte == 0x0A { return String(decoding: answer, as: UTF8.self) }
      answer.append(byte)
      guard answer.count < 4096 else { throw Complaint("wrote no line end in 4096 bytes") }
    }
  }

  private func write(_ line: Data, until end: Double, _ seconds: Double) throws {
    let writing = input.fileHandleForWriting.fileDescriptor
    var rest = [UInt8](line)[...]
    while !rest.isEmpty {
      try wait(for: POLLOUT, on: writing, until: end, seconds)
      let count = rest.withUnsafeBytes { Glibc.write(writing, $0.baseAddress, $0.count) }
      if count > 0 { rest = rest.dropFirst(count) }
      if count < 0, errno != EAGAIN, errno != EINTR { throw Complaint(ending) }
    }
  }

  private func wait(
    for event: Int32, on descriptor: Int32, until end: Double, _ seconds: Double
  ) throws {
    while true {
      let left = end - ProcessInfo.processInfo.systemUptime
      var asked = pollfd(fd: descriptor, events: Int16(event), revents: 0)
      let found = poll(&asked, 1, Int32(max(0, min(left, 3600)) * 1000))
      if found > 0 { return }
      guard found == 0 || errno == EINTR else { throw Complaint("cannot be waited for") }
      if end - ProcessInfo.processInfo.systemUptime <= 0 {
        throw Complaint(String(format: "gave no answer within %g seconds", seconds))
      }
    }
  }

  /// Why nothing more comes.
  private var ending: String {
    // Its output ended, so its end is near.
    process.waitUntilExit()
    let code = process.terminationStatus
    return process.terminationReason == .exit
      ? "ended with code \(code) before it answered" : "was ended by signal \(code)"
  }
}
