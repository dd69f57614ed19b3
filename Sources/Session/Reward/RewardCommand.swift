import Foundation
import Glibc
import Learning
import Trajectories
import Workbench

/// A reward from a command of the user's: a line of JSON in, a number out.
///
/// The command is started by the first answer, where a person allowed it (see `RewardConsent`), and
/// kept running; it ends with the run, however that ends. Answers are judged one at a time. The first
/// failure is kept as a sentence, and nothing is asked after it.
// The lock guards every property.
final class RewardCommand: RewardSource, @unchecked Sendable {
  private let command: String
  private let seconds: Double
  private let sandbox: RewardSandbox
  private let lock = NSLock()
  private var running: JudgeProcess?
  private var trouble: Trouble?
  /// The problem of the newest answer; nil where it is known that nothing followed the answer.
  private var unsettled: String?

  /// Why no reward is given.
  private enum Trouble {
    /// The command did what it may not.
    case fault(String)
    /// Nobody allowed it; that may change.
    case refused(String)
    /// Somebody wanted all work to stop; the next work may ask again.
    case stopped

    var words: String {
      switch self {
      case .fault(let words), .refused(let words): words
      case .stopped: "The reward command was stopped."
      }
    }
  }

  /// A command for the shell, how long it may take for one answer, and what it is kept in.
  init(_ command: String, seconds: Double, sandbox: RewardSandbox) {
    self.command = command
    self.seconds = seconds
    self.sandbox = sandbox
  }

  deinit { running?.end() }

  var failure: String? {
    lock.withLock {
      if trouble == nil { _ = settleLast(within: 0.01) }
      return trouble?.words
    }
  }

  /// Looks whether anything followed the newest answer; answers whether that was so, which is a fault.
  private func settleLast(within seconds: Double) -> Bool {
    guard let running, let problem = unsettled else { return false }
    unsettled = nil
    do { try running.expectNothing(within: seconds) } catch {
      fail(problem, error)
      return true
    }
    return false
  }

  func reward(of response: String, ended: Bool, to problem: Problem) -> Double {
    lock.withLock {
      if case .fault = trouble { return 0 }
      trouble = nil
      guard !Interruption.isStopWanted else {
        // The rest of a batch need not start the command anew.
        trouble = .stopped
        return 0
      }
      guard RewardConsent.allows(command) else {
        trouble = .refused(RewardConsent.refusal(of: command))
        return 0
      }
      if settleLast(within: 0) { return 0 }
      do {
        return try ask(Question(problem, response, ended: ended))
      } catch is JudgeProcess.Stopped {
        trouble = .stopped
        leave()
      } catch { fail(problem.id, error) }
      return 0
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
    let running = try self.running ?? JudgeProcess(command, sandbox: sandbox)
    self.running = running
    let answer = try running.answer(to: try jsonLine(question), seconds: seconds)
    unsettled = question.id
    return try JudgeOutput.number(in: answer)
  }

  private func fail(_ problem: String, _ error: any Error) {
    let said = running?.lastWords ?? ""
    trouble = .fault(
      "At the answer to \(quoted(problem)) the reward command \(quoted(command)) \(error)"
        + (said.isEmpty ? "" : "; it wrote to standard error: “\(said)”")
        + ".")
    leave()
  }

  private func leave() {
    running?.end()
    running = nil
    unsettled = nil
  }
}

extension RewardSandbox {
  /// What is run so that the shell runs a command inside the sandbox.
  func arguments(for command: String) -> [String] {
    let shell = ["/bin/sh", "-c", command]
    guard self == .bwrap else { return shell }
    return [
      "bwrap", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--unshare-all",
      "--die-with-parent", "--new-session", "--cap-drop", "ALL",
      // The one place that can be written, and only until the command ends.
      "--setenv", "TMPDIR", "/dev/shm", "--chdir", FileManager.default.currentDirectoryPath, "--",
    ] + shell
  }

  /// Whether this machine has what the sandbox needs.
  var isThere: Bool { self == .none || Self.place != nil }

  /// Fails where this machine cannot keep a command in the sandbox.
  ///
  /// - Throws: A sentence that says what to install.
  func check() throws {
    guard isThere else {
      throw Complaint(
        "task.reward_sandbox is bwrap, and bwrap is not on the PATH; install bubblewrap, or set it to "
          + "none where you trust the command.")
    }
  }

  /// Where bubblewrap is; nil where it is nowhere on the PATH.
  package static var place: String? {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    return path.split(separator: ":").map { "\($0)/bwrap" }.first { access($0, X_OK) == 0 }
  }
}
