import ArgumentParser
import Foundation
import Glibc
import Records
import Session
import Testing
import Trajectories

@testable import Crux
@testable import TerminalTesting

/// A word that tries all that acts on a terminal: C0, DEL, C1, and controls of direction.
private let hostile =
  "e\u{1B}[31;5m\u{1B}]0;PWNED\u{7}\u{9B}7m\u{8}\r\u{7F}\u{202E}\u{2066}\u{61C}.x"

/// What of bytes a terminal might obey, apart from line ends and tabs.
private func obeyed(_ text: String) -> [String] {
  text.unicodeScalars.filter { scalar in
    switch scalar.value {
    case 0x09, 0x0A: false
    case 0..<0x20, 0x7F..<0xA0, 0x061C, 0x200E...0x200F, 0x202A...0x202E, 0x2066...0x2069: true
    default: false
    }
  }.map { String($0.value, radix: 16) }
}

extension CruxProcessTests {
  /// The names of all commands, those within others too.
  private static func commands(
    of type: any ParsableCommand.Type = CruxCommand.self, _ before: [String] = []
  ) -> [[String]] {
    let within = type.configuration.subcommands
    guard !within.isEmpty else { return [before] }
    return within.flatMap { command in
      commands(of: command, before + [command.configuration.commandName ?? "\(command)"])
    }
  }

  @Test func `no command writes what a terminal obeys, whatever its arguments and files say`()
    throws
  {
    let place = try Workplace()
    defer { place.remove() }
    let folder = place.runs.deletingLastPathComponent()
    let named = folder.appendingPathComponent("\(hostile)d")
    try FileManager.default.createDirectory(at: named, withIntermediateDirectories: true)
    let row = ["prompt": hostile, "reference": hostile, "response": hostile, hostile: hostile]
    let line = String(decoding: try JSONEncoder().encode(row), as: UTF8.self)
    let lines = try place.file("\(hostile).jsonl", line + "\n" + line + "\n{\(hostile)\n").path
    let recipe = try place.file(
      "\(hostile).toml", "[\(hostile)]\n\(hostile) = \"\(hostile)\"\nmodel = \"\(hostile)\"\n"
    ).path
    let known = Self.commands()
    #expect(known.count > 20 && known.contains(["labels", "export"]))
    for command in known where !["bench", "reset-terminal"].contains(command[0]) {
      let first = try place.run(command + [hostile, "--set", "\(hostile)=\(hostile)"])
      for outcome in [
        first, try place.run(command + ["--\(hostile)"]), try place.run(command + [lines]),
        try place.run(command + [recipe]), try place.run(command + [named.path, hostile]),
      ] {
        #expect(outcome.code != 0 || outcome.errors.isEmpty || !outcome.output.isEmpty)
        #expect(obeyed(outcome.output).isEmpty, "\(command): \(outcome.output)")
        #expect(obeyed(outcome.errors).isEmpty, "\(command): \(outcome.errors)")
      }
    }
    for arguments in [[hostile], ["help", hostile], ["--\(hostile)"], ["study", hostile]] {
      let outcome = try place.run(arguments)
      #expect(obeyed(outcome.output + outcome.errors).isEmpty, "\(arguments): \(outcome)")
    }
  }

  @Test func `what asks a model about hostile text writes it inertly, and JSON stays JSON`() throws
  {
    let place = try Workplace()
    defer { place.remove() }
    let text = "a\u{9B}31m\u{7F}\u{202E}b\u{1B}[2J"
    for arguments in [
      ["tokens", text, "--json"], ["tokens", text], ["sample", "--problem", text],
      ["inspect", "--problem", text],
    ] {
      let outcome = try place.run(arguments)
      #expect(obeyed(outcome.output + outcome.errors).isEmpty, "\(arguments): \(outcome)")
      guard arguments.contains("--json"), outcome.code == 0 else { continue }
      for line in outcome.output.split(separator: "\n") {
        #expect(throws: Never.self) {
          try JSONSerialization.jsonObject(with: Data(line.utf8), options: .fragmentsAllowed)
        }
      }
    }
  }

  @Test func `help and completions keep what they hold`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let help = try place.run(["help", "train"])
    #expect(help.code == 0 && help.output.contains("--trust-command") && help.errors.isEmpty)
    let wrong = try place.run(["train"])
    #expect(wrong.code == 64 && wrong.output.isEmpty && wrong.errors.contains("Usage:"))
    #expect(try place.run(["--version"]).output == Version.text + "\n")
    let script = try place.run(["--generate-completion-script", "bash"])
    #expect(script.code == 0 && script.output.contains("complete "))
  }

  @Test func `a stranger's folder can be looked at, worked with and left, and nothing of it acts`()
    throws
  {
    let place = try Workplace()
    defer { place.remove() }
    let made = try place.run(["train", try place.recipe(judgedBy: ""), "--name", "r"])
    try #require(made.code == 0, "\(made.errors)")
    let (run, mark) = try strangersFolder(place)
    for arguments in [["open", run], ["open", "--read-only", run], ["show", "inspect", run]] {
      let (terminal, _) = try place.openBeside(arguments)
      defer { terminal.close() }
      if arguments[0] == "open" {
        try terminal.expect("Trajectories")
        let keys = [
          "G", "\r", "e", "n", "l", "f", "r", "\r", "n", "3", "4", "5", "6", "7", "1", "t", "n",
          "G",
          "m", "J", "u", "/PWNED\r", "?", "\u{1B}", "\u{1B}", ":quit\r", "y",
        ]
        for key in keys {
          terminal.type(key)
          _ = terminal.wait(seconds: 0.3) { _ in false }
        }
      }
      _ = terminal.waitForExit(seconds: 20)
      _ = terminal.settled()
      let bytes = String(decoding: terminal.bytes, as: UTF8.self)
      for sequence in ["\u{1B}[31;5m", "\u{1B}]0;", "\u{9B}", "\u{202E}", "\u{2066}", "\u{7F}"] {
        #expect(!bytes.contains(sequence), "\(arguments) sent \(sequence.debugDescription)")
      }
    }
    #expect(!FileManager.default.fileExists(atPath: mark), "a command ran that nobody allowed")
  }

  /// A run under a hostile name, whose every text is hostile, with a command, links and pipes.
  private func strangersFolder(_ place: Workplace) throws -> (run: String, mark: String) {
    let run = place.runs.appendingPathComponent(hostile)
    let files = FileManager.default
    try files.moveItem(at: place.runs.appendingPathComponent("r"), to: run)
    let mark = place.runs.appendingPathComponent("PWNED").path
    let recipe = run.appendingPathComponent("recipe.toml")
    let text = try String(contentsOf: recipe, encoding: .utf8)
      .replacing("reward_command = \"\"", with: "reward_command = \"touch \(mark); yes 1\"")
    try Data(text.utf8).write(to: recipe)
    let store = try RunStore(opening: run, readOnly: false)
    let sampled = try store.events().compactMap { recorded -> Trajectory? in
      guard case .sampled(let it) = recorded.event else { return nil }
      return it
    }
    var it = try #require(sampled.last)
    (it.id, it.problem.prompt, it.problem.reference) = (hostile, hostile, hostile)
    it.steps[0].text = hostile
    try store.append([
      .sampled(it), .warned(message: hostile), .failed(message: hostile),
    ])
    try store.close()
    #expect(mkfifo(run.appendingPathComponent("\(hostile).toml").path, 0o600) == 0)
    try files.createSymbolicLink(
      at: run.appendingPathComponent("checkpoints/9"),
      withDestinationURL: URL(fileURLWithPath: "/etc"))
    return (run.path, mark)
  }
}
