import ArgumentParser
import Foundation
import Session
import Testing
import Workbench

@testable import Crux
@testable import TerminalTesting

/// What the pages tell a reader to type is what the program takes.
extension CruxProcessTests {
  @Test(arguments: Page.all) func `every command of a page is one that crux knows`(page: Page)
    throws
  {
    for mention in page.mentions { check(mention) }
    for block in page.blocks {
      if block.language != "sh" {
        let hidden = block.text.split(separator: "\n").first { $0.hasPrefix("crux ") }
        #expect(hidden == nil, "a block with commands is marked sh")
        continue
      }
      for line in CommandLineText.all(in: block.text) where line.words != nil { check(line.text) }
    }
  }

  /// Holds that the names of the command and of its options are known and their values fit.
  private func check(_ line: String, at place: SourceLocation = #_sourceLocation) {
    guard let words = CommandLineText(text: line, isCostly: true).words else { return }
    let commands = CruxCommand.configuration.subcommands.compactMap {
      $0.configuration.commandName
    }
    if let first = words.first, !first.hasPrefix("-") {
      #expect((commands + ["help"]).contains(first), "\(line): there is no command \(first)")
      // A command that is only named may lack what it needs.
      if words.count == 1 { return }
    }
    do {
      _ = try CruxCommand.parseAsRoot(words)
    } catch {
      guard !CruxCommand.exitCode(for: error).isSuccess else { return }
      Issue.record("\(line): \(CruxCommand.message(for: error))", sourceLocation: place)
    }
  }

  @Test(arguments: Page.all) func `the commands of a page run, but those that say they take long`(
    page: Page
  ) throws {
    let blocks = page.blocks.filter { $0.language == "sh" }
    guard !blocks.isEmpty else { return }
    let place = try Workplace()
    defer { place.remove() }
    let home = place.runs.deletingLastPathComponent()
    try FileManager.default.copyItem(
      at: Workplace.root.appendingPathComponent("samples"),
      to: home.appendingPathComponent("samples"))
    for block in blocks {
      let syntax = try place.shell(block.text, options: ["-n"])
      #expect(syntax.code == 0, "\(syntax.errors)")
      for line in CommandLineText.all(in: block.text) where !line.isCostly {
        try run(line, in: place)
      }
    }
  }

  private func run(_ line: CommandLineText, in place: Workplace) throws {
    if let words = line.words, words.first == nil || words.first == "open" {
      let (terminal, _) = try place.openBeside(words)
      defer { terminal.close() }
      try terminal.expect("? help")
      terminal.type(":quit\r")
      #expect(terminal.waitForExit() == 0, "\(line.text)")
    } else if line.words != nil || line.text.hasPrefix("echo ") {
      let outcome = try place.shell(line.text)
      #expect(outcome.code == 0, "\(line.text): \(outcome.errors)")
    }
  }

  @Test func `the first page is short, and its picture is the journey's`() throws {
    let page = try Page.at("README.md")
    #expect(page.text.split(separator: "\n", omittingEmptySubsequences: false).count <= 251)
    let picture = try String(
      contentsOf: Workplace.root.appendingPathComponent("Tests/CruxTests/Journey/06-fresh.txt"),
      encoding: .utf8)
    #expect(page.blocks.first.map { lines($0.text) } == lines(picture))
  }

  private func lines(_ text: String) -> [Substring] { text.split(separator: "\n") }

  @Test func `every command, recipe, theme and role is on its page`() throws {
    let first = try Page.at("README.md").text
    for command in CruxCommand.configuration.subcommands {
      let name = try #require(command.configuration.commandName)
      #expect(first.contains("`crux \(name)"), "\(name) is not in the table of commands")
    }
    for (folder, suffix) in [("samples", ".toml"), ("themes", "")] {
      let page = try Page.at("\(folder)/README.md").text
      let files = try FileManager.default.contentsOfDirectory(
        atPath: Workplace.root.appendingPathComponent(folder).path)
      for file in files where file.hasSuffix(".toml") {
        #expect(page.contains("`\(file.dropLast(5))\(suffix)`"), "\(file) is not on the page")
      }
    }
    let themes = try Page.at("themes/README.md").text
    for role in Role.allCases {
      #expect(themes.contains("`\(role.rawValue)`"), "\(role.rawValue) is not on the page")
    }
  }
}

extension Workplace {
  /// Runs a script of the shell to its end, `crux` being the program under test.
  fileprivate func shell(_ script: String, options: [String] = []) throws -> Outcome {
    let start = "crux() { \(shellWord(Workplace.crux)) \"$@\"; }\n"
    return try run(options + ["-c", start + script], program: "/bin/sh")
  }
}
