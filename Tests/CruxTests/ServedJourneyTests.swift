import Foundation
import Glibc
import Records
import Testing
import Trajectories
import Workbench

@testable import ServerTesting
@testable import TerminalTesting

/// What a trainer wrote, opened on a server at 80x24: filtered to a group, valued, marked, exported.
extension CruxProcessTests {
  @Test func `a dump is opened on a server, filtered, valued, marked and exported`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let served = try ServedDump(in: place)
    let (terminal, _) = try place.open(served.arguments)
    defer { terminal.close() }
    try terminal.expect("idle")
    try terminal.expect("5 in all")
    #expect(terminal.screen.line(0).contains("byte on vLLM"))
    Captured.check(terminal, "served-01-list")
    terminal.type("Fgroup:sums-4\r")
    try terminal.expect("3 of 5")
    Captured.check(terminal, "served-02-group")
    terminal.type("gg\r")
    try terminal.expect("Not valued yet")
    let before = served.server.rollouts.count
    terminal.type("e")
    try place.wait(for: "a valuation", in: "rollouts") { events in
      events.contains { if case .valued = $0 { true } else { false } }
    }
    try terminal.expect("rest") { $0.line(0).hasSuffix("idle") }
    Captured.check(terminal, "served-03-valued")
    let history = RunHistory(try place.events(of: "rollouts"))
    let answer = try #require(history.trajectories.first)
    let values = try #require(history.newestValuation(of: answer.id))
    #expect(values.values.reduce(0) { $0 + $1.rollouts } == served.server.rollouts.count - before)
    terminal.type("m")
    try terminal.expect("is marked; crux export takes it along")
    Captured.check(terminal, "served-04-marked")
    terminal.type("t")
    try terminal.expect("The weights live on the server")
    terminal.type(":quit\r")
    #expect(terminal.waitForExit() == 0)
    terminal.expectRestored("after :quit")
    try export(place)
  }

  /// The marked state as rows for a trainer, on the ids that the dump has.
  private func export(_ place: Workplace) throws {
    let run = place.runs.appendingPathComponent("rollouts")
    let made = try place.run(["export", run.path, "rows", "--for", "trl-grpo"])
    #expect(made.code == 0, "\(made.errors)")
    let folder = place.runs.deletingLastPathComponent().appendingPathComponent("rows/trl-grpo")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    let rows = try #require(names.first { $0.hasSuffix(".jsonl") })
    let text = try String(contentsOf: folder.appendingPathComponent(rows), encoding: .utf8)
    #expect(text.split(separator: "\n").count == 1)
    #expect(text.contains("\"prompt_ids\": [257, 117, 115, 101, 114, 10"), "\(text)")
  }

  @Test func `a server values several answers of a file at once`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let served = try ServedDump(in: place)
    served.server.allow(0)
    let output = try place.file("values.jsonl")
    let rollouts = 4
    let process = try place.start(
      ["inspect"] + served.arguments.dropFirst() + ["--rollouts", "\(rollouts)", "--json"],
      output: output)
    // No answer has more steps than three.
    try wait(for: "rollouts of a second answer") { served.server.rollouts.count > 3 * rollouts }
    served.server.allow(nil)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    let text = try String(contentsOf: output, encoding: .utf8)
    #expect(text.split(separator: "\n").count == 5)
  }

  @Test func `killed amid valuing, a run asks the server for what is missing alone`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let served = try ServedDump(in: place)
    let (terminal, process) = try place.open(served.arguments)
    defer { terminal.close() }
    try terminal.expect("idle")
    terminal.type("gg\r")
    try terminal.expect("Not valued yet")
    served.server.allow(5)
    terminal.type("e")
    let run = place.runs.appendingPathComponent("rollouts")
    let store = try RunStore(opening: run, readOnly: true)
    try wait(for: "five rollouts on disk") { try store.arrivals.count == 5 }
    kill(process, SIGKILL)
    _ = terminal.waitForExit()
    let sent = try settled { served.server.rollouts.count }
    served.server.allow(nil)
    let (again, _) = try place.open(["open", run.path])
    defer { again.close() }
    try again.expect("5 rollouts that it drew before are at hand")
    again.type("gg\r")
    try again.expect("Not valued yet")
    again.type("e")
    try place.wait(for: "a valuation", in: "rollouts") { events in
      events.contains { if case .valued = $0 { true } else { false } }
    }
    try again.expect("rest") { $0.line(0).hasSuffix("idle") }
    again.type(":quit\r")
    #expect(again.waitForExit() == 0)
    let history = RunHistory(try place.events(of: "rollouts"))
    let answer = try #require(history.trajectories.first)
    let needed = try #require(history.newestValuation(of: answer.id))
      .values.reduce(0) { $0 + $1.rollouts }
    // What was in flight when it died is drawn anew, and nothing else.
    #expect(served.server.rollouts.count == needed + (sent - 5))
    #expect(try store.arrivals.count == 0)
  }

  /// A count once it stays as it is: what was sent before the end may still be read.
  private func settled(_ count: () -> Int) throws -> Int {
    var (last, quiet) = (count(), 0)
    while quiet < 20 {
      usleep(20_000)
      (last, quiet) = (count(), count() == last ? quiet + 1 : 0)
    }
    return last
  }

  private func wait(for what: String, until isReached: () throws -> Bool) throws {
    let deadline = Date(timeIntervalSinceNow: 30)
    while try !isReached() {
      try #require(Date() < deadline, "\(what) did not come")
      usleep(10_000)
    }
  }
}

/// Five answers to two problems as prime-rl writes them, in the tokens of a byte model, and a server
/// that holds this model.
private struct ServedDump {
  let arguments: [String]
  let server: PlayedServer

  /// A problem and its answers.
  private struct Asked {
    var key: String
    var prompt: String
    var answer: String
    var responses: [String]

    /// What its rows say of it.
    var task: [String: Any] {
      ["type": "Sums", "key": key, "data": ["prompt": prompt, "answer": answer]]
    }
  }

  private static let problems = [
    Asked(
      key: "sums-4", prompt: "What is 4 + 3 - 9?", answer: "-2",
      responses: [
        "4 + 3 = 7, and then\n7 - 9 = -2, that is\nThe answer is -2.",
        "4 + 3 = 8, and then\n8 - 9 = -1, that is\nThe answer is -1.",
        "3 - 9 = -6, and then\n4 - 6 = -2, that is\nThe answer is -2.",
      ]),
    Asked(
      key: "sums-5", prompt: "What is 1 + 6 + 2?", answer: "9",
      responses: [
        "1 + 6 = 7, and then\n7 + 2 = 9, that is\nThe answer is 9.",
        "1 + 6 = 7, and then\n7 + 2 = 10, that is\nThe answer is 10.",
      ]),
  ]

  init(in place: Workplace) throws {
    let folder = place.runs.deletingLastPathComponent()
    let model = folder.appendingPathComponent("byte")
    try ByteModel.write(to: model)
    let dump = folder.appendingPathComponent("rollouts/step_3/train/all")
    try FileManager.default.createDirectory(at: dump, withIntermediateDirectories: true)
    let rows = try Self.problems.flatMap { problem in
      try problem.responses.indices.map { try Self.row(problem, $0) }
    }
    try (rows.joined(separator: "\n") + "\n").write(
      to: dump.appendingPathComponent("traces.jsonl"), atomically: true, encoding: .utf8)
    // Right for two seeds of three.
    server = try PlayedServer { _, seed in
      Self.bytes("The answer is \(seed % 3 == 0 ? 3 : -2).") + [258]
    }
    arguments = [
      "open", folder.appendingPathComponent("rollouts").path, "--model", model.path, "--server",
      server.url,
    ]
  }

  private static func bytes(_ text: String) -> [Int] { text.utf8.map { Int($0) } }

  private static func row(_ problem: Asked, _ number: Int) throws -> String {
    let (prompt, response) = (problem.prompt, problem.responses[number])
    let asked = [257] + bytes("user\n\(prompt)") + [258, 10, 257] + bytes("assistant\n")
    let isRight = response.hasSuffix(" \(problem.answer).")
    let trace: [String: Any] = [
      "version": 1, "id": "\(problem.key)-\(number)", "task": problem.task,
      "agent": ["config": [:] as [String: Any], "name": "agent", "trainable": true],
      "nodes": [
        node("user", prompt, asked, isDrawn: false),
        node("assistant", response, bytes(response) + [258], isDrawn: true),
      ], "rewards": ["correct": ["score": isRight ? 1 : 0, "weight": 1]],
    ]
    let row: [String: Any] = [
      "id": problem.key, "env": ["id": "sums"], "task": problem.task, "ok": true,
      "traces": [trace],
    ]
    let data = try JSONSerialization.data(withJSONObject: row, options: [.sortedKeys])
    return String(decoding: data, as: UTF8.self)
  }

  private static func node(
    _ role: String, _ text: String, _ tokens: [Int], isDrawn: Bool
  ) -> [String: Any] {
    var node: [String: Any] = [
      "message": ["role": role, "content": text], "sampled": isDrawn, "token_ids": tokens,
      "mask": tokens.map { _ in isDrawn }, "logprobs": isDrawn ? tokens.map { _ in -0.5 } : [],
    ]
    if isDrawn { node["parent"] = 0 }
    return node
  }
}
