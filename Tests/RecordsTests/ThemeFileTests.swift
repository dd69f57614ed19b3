import Foundation
import Testing

@testable import Records

struct ThemeFileTests {
  private let roles: Set<String> = ["text", "border", "border.focused", "bar.positive"]

  private func resolve(_ files: [String: String], _ name: String = "mine") throws
    -> ThemeDescription
  {
    try ThemeFile.resolve(name, roles: roles, source: { files[$0] }, among: { files.keys.sorted() })
  }

  @Test func `a role is a colour or a table of colours and attributes`() throws {
    let theme = try resolve([
      "mine": """
      [palette]
      sea = "#0087D7"
      [roles]
      text = "bright-white"
      "border" = { fg = "sea", bg = "#010203", bold = true, underline = false }
      "bar.positive" = { reverse = true, dim = true, underline = true }
      """
    ])
    var border = RoleStyle()
    border.foreground = .rgb(0, 135, 215)
    border.background = .rgb(1, 2, 3)
    border.bold = true
    var bar = RoleStyle()
    bar.reverse = true
    bar.dim = true
    bar.underline = true
    #expect(theme.warnings == [])
    #expect(theme.roles["text"]?.foreground == .named(15))
    #expect(theme.roles["border"] == border)
    #expect(theme.roles["bar.positive"] == bar)
    #expect(theme.background == nil)
  }

  @Test func `a palette of one's own recolours inherited roles`() throws {
    let theme = try resolve([
      "base": "[palette]\nsea = \"#000001\"\n[roles]\ntext = {}\nborder = \"sea\"\n",
      "mine": """
      inherits = "base"
      [palette]
      sea = "#000002"
      foreground = "#000003"
      background = "#000004"
      [roles]
      "border.focused" = { fg = "default", bg = "default" }
      """,
    ])
    #expect(theme.roles["border"]?.foreground == .rgb(0, 0, 2))
    #expect(theme.roles["text"]?.foreground == .rgb(0, 0, 3))
    #expect(theme.roles["text"]?.background == .rgb(0, 0, 4))
    #expect(theme.roles["border.focused"] == RoleStyle())
    #expect(theme.background == .rgb(0, 0, 4))
  }

  @Test func `a dotted role needs no quotes`() throws {
    let theme = try resolve(["mine": "[roles]\nbar.positive = \"red\"\n"])
    #expect(theme.roles["bar.positive"]?.foreground == .named(1))
    #expect(theme.warnings == [])
  }

  @Test(arguments: [
    ("[roles]\ntxt = \"red\"\n", "mine.toml:2: “txt” is not a role; did you mean “text”?"),
    ("[roles]\n\ntext = \"sea\"\n", "mine.toml:3: “sea” is neither"),
    ("[palette]\nsea = \"#12345\"\n", "mine.toml:2: “#12345” is not a colour"),
    ("[palette]\nsea = 3\n", "mine.toml:2: the colour “sea” is a whole number"),
    ("[roles]\ntext = { fgg = \"red\" }\n", "mine.toml:2: “fgg” says nothing about a role"),
    ("[roles]\ntext = { bold = 1 }\n", "mine.toml:2: bold is a whole number"),
    ("[roles]\ntext = 3\n", "mine.toml:2: a role is a whole number"),
    ("inherit = \"x\"\n", "mine.toml:1: “inherit” is not a key of a theme; did you mean"),
    ("roles = 1\n", "mine.toml:1: roles is a whole number"),
  ])
  func `what is not understood is a warning with its line`(text: String, warning: String) throws {
    let theme = try resolve(["mine": text])
    #expect(theme.warnings.count == 1)
    #expect(theme.warnings.first?.hasPrefix(warning) == true, "\(theme.warnings)")
  }

  @Test(arguments: [
    (["mine": "inherits = \"mine\"\n"], "“mine” → “mine”"),
    (["mine": "inherits = \"b\"\n", "b": "inherits = \"mine\"\n"], "circle"),
    (["mine": "inherits = \"other\"\n"], "“other”, which “mine” inherits from"),
    (["nine": ""], "There is no theme “mine”; did you mean “nine”?"),
    (["mine": "[roles\n"], "mine.toml:1: "),
  ])
  func `what cannot be resolved is a sentence`(files: [String: String], sentence: String) {
    let error = #expect(throws: RecordsError.self) { try resolve(files) }
    #expect(error?.description.contains(sentence) == true, "\(error?.description ?? "")")
  }

  @Test func `the first folder wins and a name cannot leave the folders`() throws {
    let folder = try TemporaryFolder()
    let folders = ["own", "shared"].map { folder.url.appendingPathComponent($0) }
    for (place, colour) in zip(folders, ["red", "blue"]) {
      try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
      let text = "[roles]\ntext = \"\(colour)\"\n"
      try Data(text.utf8).write(to: place.appendingPathComponent("mine.toml"))
    }
    try Data("".utf8).write(to: folders[1].appendingPathComponent("plain.toml"))
    let theme = try ThemeFile.read(named: "mine", in: folders, roles: roles)
    #expect(theme.roles["text"]?.foreground == .named(1))
    #expect(ThemeFile.names(in: folders) == ["mine", "plain"])
    #expect(throws: RecordsError.self) {
      try ThemeFile.read(named: "../shared/plain", in: folders, roles: roles)
    }
  }
}
