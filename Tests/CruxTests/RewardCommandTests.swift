import Foundation
import Glibc
import Records
import Session
import Testing
import Trajectories

@testable import TerminalTesting

extension Workplace {
  /// A recipe whose answers a command judges.
  func recipe(judgedBy command: String, seconds: Double = 10, more: String = "") throws -> String {
    let words = String(decoding: try JSONEncoder().encode(command), as: UTF8.self)
      .replacing("\\/", with: "/")
    return try file(
      "judged.toml",
      """
      updates = 1
      [task]
      reward_command = \(words)
      reward_seconds = \(seconds)
      \(more)
      [objective]
      groups = 4
      [evaluation]
      problems = 4
      """
    ).path
  }

  /// Numbers of processes whose command line holds a text.
  func processes(with text: String) -> [Int32] {
    let all = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return all.compactMap { Int32($0) }.filter { number in
      let line = FileManager.default.contents(atPath: "/proc/\(number)/cmdline") ?? Data()
      return String(decoding: line, as: UTF8.self).contains(text)
    }
  }

  /// Waits until no process has a text in its command line.
  func expectNone(with text: String, at place: SourceLocation = #_sourceLocation) {
    let deadline = Date(timeIntervalSinceNow: 5)
    while !processes(with: text).isEmpty, Date() < deadline { usleep(20_000) }
    #expect(processes(with: text).isEmpty, "\(text) is left", sourceLocation: place)
  }
}

extension CruxProcessTests {
  @Test(arguments: [
    ("while read -r l; do echo 0.25; echo 0.75; done", "beyond its one line"),
    ("echo ready; while read -r l; do echo 1; done", "“ready”"),
    ("yes 0.5", "beyond its one line"),
    ("while read -r l; do echo nan; done", "“nan”, which is no number"),
    ("while read -r l; do echo inf; done", "“inf”, which is no number"),
    (#"while read -r l; do printf '0.5\000\n'; done"#, "NUL byte"),
    ("while read -r l; do echo; done", "an empty line"),
    ("head -c 100000 /dev/zero | tr '\\0' 5", "no line end in 4096 bytes"),
    ("exec >&-; sleep 41.5", "closed its output"), ("exec <&-; sleep 41.5", "answer"),
    ("sleep 41.5 & exit 3", "ended with code 3"), ("setsid sleep 41.5 & exit 4", "with code 4"),
    ("trap '' TERM INT HUP; sleep 41.5 & wait; wait", "no answer within 1 seconds"),
    ("read -r l; printf 'half' ; sleep 41.5", "no answer within 1 seconds"),
    ("nothing-of-that-name", "ended with code 127"),
  ])
  func `whatever a reward command does wrong is a sentence, and nothing of it is left`(
    command: String, words: String
  ) throws {
    let place = try Workplace()
    defer { place.remove() }
    let recipe = try place.recipe(judgedBy: command, seconds: 1)
    let began = Date()
    let outcome = try place.run(["train", recipe, "--name", "r"])
    #expect(outcome.code == 1)
    #expect(outcome.errors.contains(words), "\(outcome.errors)")
    #expect(outcome.errors.contains("At the answer to “"), "the question is named")
    #expect(Date().timeIntervalSince(began) < 20)
    place.expectNone(with: "sleep\u{0}41.5")
    let events = (try? place.events(of: "r")) ?? []
    #expect(!events.contains { if case .updated(_) = $0 { true } else { false } })
  }

  @Test func `a reward command sees few variables, no descriptor of Crux and no terminal`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let seen = place.runs.appendingPathComponent("seen").path
    let recipe = try place.recipe(
      judgedBy: "{ env; ls -l /proc/self/fd; ps -o pgid= -p $$; echo $$; (: > /dev/tty); } "
        + "> \(seen) 2>&1; while read -r l; do echo 0.5; done")
    let (terminal, _) = try place.openBeside(
      ["train", recipe, "--trust-command"], with: ["SECRET_TOKEN": "hunter2", "LC_TIME": "C"])
    defer { terminal.close() }
    #expect(terminal.waitForExit(seconds: 60) == 0)
    let text = try String(contentsOfFile: seen, encoding: .utf8)
    #expect(!text.contains("hunter2") && !text.contains("CRUX_"))
    #expect(text.contains("PATH=") && text.contains("LC_TIME=C"))
    // Its three pipes, what ls opens itself, and nothing else.
    #expect(text.split(separator: "\n").count { $0.contains(" -> ") } == 4, "\(text)")
    #expect(text.contains("/dev/tty"), "\(text)")
  }

  @Test func `what a reward command writes to standard error reaches no terminal as it is`() throws
  {
    let place = try Workplace()
    defer { place.remove() }
    let recipe = try place.recipe(
      judgedBy:
        #"while read -r l; do printf '\033[2J\033]0;x\007XX\n' >&2; seq 9 >&2; echo 0.5; done"#)
    let outcome = try place.run(["train", recipe])
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.errors.contains("reward command: ^[[2J^[]0;x^GXX"))
    #expect(outcome.errors.contains("is not shown") && !outcome.errors.contains("\u{1B}"))
    let failing = try place.recipe(judgedBy: #"printf 'no \033[2Jkey\n' >&2; exit 2"#)
    let failed = try place.run(["train", failing])
    #expect(failed.errors.contains("wrote to standard error: “no ^[[2Jkey”"), "\(failed.errors)")
  }

  @Test(arguments: [SIGTERM, SIGINT, SIGKILL])
  func `a command that thinks is no reason to wait, and goes with Crux`(signal: Int32) throws {
    let place = try Workplace()
    defer { place.remove() }
    let mark = "sleep\u{0}\(42 + signal).5"
    let command = "trap '' TERM; setsid sleep \(42 + signal).5 & sleep \(42 + signal).5; true"
    let recipe = try place.recipe(judgedBy: command, seconds: 60)
    let process = try place.start(["train", recipe, "--name", "r"])
    let deadline = Date(timeIntervalSinceNow: 20)
    while place.processes(with: mark).count < 2, Date() < deadline { usleep(20_000) }
    #expect(place.processes(with: mark).count == 2)
    let began = Date()
    kill(process.processIdentifier, signal)
    process.waitUntilExit()
    #expect(Date().timeIntervalSince(began) < 2)
    if signal != SIGKILL { #expect(process.terminationStatus == 128 + signal) }
    place.expectNone(with: mark)
  }

  @Test(.enabled(if: RewardSandbox.place != nil, "bubblewrap is not installed"))
  func `in the sandbox a command has no network and changes no file`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let mark = place.runs.appendingPathComponent("mark").path
    let recipe = try place.recipe(
      judgedBy: "touch \(mark); touch $TMPDIR/a && ls /sys/class/net >&2; "
        + "while read -r l; do echo 0.5; done",
      more: "reward_sandbox = \"bwrap\"")
    let outcome = try place.run(["train", recipe])
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.errors.contains("Read-only file system"))
    #expect(!FileManager.default.fileExists(atPath: mark))
  }
}
