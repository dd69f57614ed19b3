import ArgumentParser
import Foundation
import Records
import Session
import Trajectories
import Workbench

/// Explains the keys of a recipe: `crux help recipe values.rollouts`.
struct RecipeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "recipe",
    abstract: "Explain the keys of a recipe; crux help recipe KEY says the same.",
    discussion: """
      Without a key every key is listed with its default and its meaning; with a section, such as \
      values, those of it; with a key all that there is to know of it.
      """)

  @Argument(
    help: "A key such as values.rollouts, or a section such as values.",
    completion: .list(Recipe.keys.map(\.name)))
  var key: String?

  /// Cells of a line, so that it fits into 80 with what stands before.
  private static let columns = 66

  func run() throws {
    guard let name = key else { return show(Recipe.keys) }
    if let key = Recipe.key(named: name) { return show(key, as: name) }
    let section = Recipe.formerSections[name] ?? name
    let keys = Recipe.keys.filter { !$0.section.isEmpty && $0.section == section }
    guard !keys.isEmpty else { throw ValidationError(RecipeFile.unknownKey(name)) }
    show(keys)
  }

  private func show(_ keys: [RecipeKey]) {
    var section: String?
    for key in keys {
      if key.section != section, !key.section.isEmpty { showVerbatim("\n[\(key.section)]") }
      section = key.section
      showVerbatim("\(key.name) = \(RecipeFile.toml(key.value(in: Recipe())))")
      for line in wrapped(key.meaning, columns: Self.columns) { showVerbatim("    \(line)") }
    }
  }

  private func show(_ key: RecipeKey, as name: String) {
    showVerbatim(key.name)
    if name != key.name { showVerbatim("    It was called \(name) before, which is read too.") }
    for line in wrapped(key.meaning, columns: Self.columns) { showVerbatim("    \(line)") }
    showVerbatim("")
    for (title, text) in facts(of: key) {
      for (number, line) in wrapped(text, columns: Self.columns).enumerated() {
        let head = number == 0 ? title : ""
        showVerbatim("    " + head.padding(toLength: 9, withPad: " ", startingAt: 0) + line)
      }
    }
  }

  private func facts(of key: RecipeKey) -> [(String, String)] {
    [
      ("default", RecipeFile.standards(of: key)),
      ("may be", key.isNumber ? "\(key.range) \(key.unit)" : key.range),
      ("read", key.reading.words),
      ("set", "--set \(key.name)=" + shellWord(key.value(in: Recipe()).words)),
    ]
  }
}
