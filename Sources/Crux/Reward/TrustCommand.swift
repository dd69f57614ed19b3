import ArgumentParser
import Foundation
import Records
import Session
import Trajectories
import Workbench

/// Shows, allows and forbids reward commands.
struct TrustCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trust",
    abstract: "Allow the reward command of a recipe, a study or a run; list what is allowed.",
    discussion: """
      A recipe may name a program that judges answers (task.reward_command). Crux runs it where a \
      person allowed it: with --set or --trust-command, by answering yes, or here. What is allowed \
      is remembered for the working directory, since that is where the command runs.

      Without an argument what is allowed is listed; with one its command is shown and asked about. \
      --remove takes back what was allowed to a recipe, a study or a run here, or by the beginning \
      of its hash anywhere.
      """)

  @Argument(help: "A recipe, a study or a run's folder; with --remove a hash too.")
  var path: String?

  @Flag(help: "Allow it without being asked.")
  var yes = false

  @Flag(help: "Take back what was allowed.")
  var remove = false

  func validate() throws {
    try refuse(["--yes": yes && remove], "with --remove nothing is allowed.")
    try refuse(
      ["--yes": yes && path == nil, "--remove": remove && path == nil],
      "name a recipe, a study or a run.")
  }

  func run() throws {
    guard let path else { return list() }
    if remove { return try remove(path) }
    let commands = try Self.commands(of: path)
    guard !commands.isEmpty else { return show("\(path) names no reward command.") }
    for command in commands {
      show(RewardConsent.shown(command))
      guard try yes || isAllowed() else { throw Complaint("Nothing was allowed.") }
      try RewardConsent.remember(command)
      show("It may run there from now on; crux trust --remove \(shellWord(path)) takes that back.")
    }
  }

  private func isAllowed() throws -> Bool {
    guard TerminalQuestion.isAtTerminal else {
      throw Complaint("There is no terminal to ask at; --yes allows it.")
    }
    return try TerminalQuestion.isAnsweredYes("Let it run from now on? Type yes or no: ")
  }

  private func list() {
    let entries = TrustedCommands.current.entries
    guard !entries.isEmpty else { return show("No reward command is allowed.") }
    for entry in entries {
      let day = entry.time.formatted(.iso8601.year().month().day())
      show("\(entry.hash.prefix(12))  \(day)  in \(inert(entry.folder))")
      show("    " + inert(entry.command, keepingNewlines: true).replacing("\n", with: "\n    "))
    }
  }

  private func remove(_ word: String) throws {
    let isFile = FileManager.default.fileExists(atPath: word)
    let isHash = word.count >= 6 && word.allSatisfy(\.isHexDigit)
    guard isFile || isHash else {
      throw Complaint("\(word) is no recipe, no study, no run and no hash; crux trust lists those.")
    }
    let commands = try isFile ? Self.commands(of: word) : []
    let here = FileManager.default.currentDirectoryPath
    let count = try TrustedCommands.current.remove {
      isFile
        ? commands.contains($0.command) && $0.folder == here
        : $0.hash.hasPrefix(word.lowercased())
    }
    guard count > 0 else { throw Complaint("Nothing of that was allowed.") }
    show("\(count) taken back.")
  }

  /// The reward commands that a file or a run names, each once; nothing else of it is read.
  private static func commands(of path: String) throws -> [String] {
    let url = URL(fileURLWithPath: path)
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw Complaint("\(path) does not exist; name a recipe, a study or a run's folder.")
    }
    let recipes: [Recipe]
    if isFolder.boolValue {
      recipes = [try RecipeFile.read(url.appendingPathComponent(RunStore.recipeName))]
    } else if try StudyFile.isStudy(url) {
      recipes = try StudyFile.read(url).recipes.flatMap { $0 }
    } else {
      recipes = [try RecipeFile.read(url)]
    }
    var seen: Set<String> = []
    return recipes.map(\.task.rewardCommand).filter { !$0.isEmpty && seen.insert($0).inserted }
  }
}
