import Foundation
import Testing

struct ScreenTests {
  private static let folder = root.appendingPathComponent("Sources/Workbench/Screens")

  /// The screens by the type that each conforms with, and its folder.
  private static func screens() throws -> [(type: String, folder: String)] {
    try swiftFiles(in: "Sources").compactMap { file in
      guard file.room == "Workbench",
        let line = file.lines.first(where: { $0.hasPrefix("struct ") && $0.contains(": Screen {") }
        ),
        let type = line.dropFirst("struct ".count).split(separator: ":").first
      else { return nil }
      return (String(type), file.url.deletingLastPathComponent().lastPathComponent)
    }
  }

  @Test func `a screen is one folder and one line`() throws {
    let screens = try Self.screens()
    let table = try String(
      contentsOf: Self.folder.appendingPathComponent("Screen.swift"), encoding: .utf8)
    let lines = table.split(separator: "\n").map { $0.drop { $0 == " " } }
    #expect(screens.count >= 9)
    for (type, folder) in screens {
      #expect(type == folder + "Screen", "\(type) lies in \(folder)")
      #expect(lines.count { $0 == ".\(folder.lowercased())," } == 1, "\(type) has no line")
    }
  }

  @Test func `what shows and moves the screen on top asks it rather than its name`() throws {
    for name in ["View", "Layout", "Mouse", "StatusLine", "Navigation", "Searching"] {
      let file = try #require(
        swiftFiles(in: "Sources").first { $0.url.lastPathComponent == name + ".swift" })
      #expect(!file.lines.contains { $0.contains("switch screen {") }, "\(name) switches")
    }
  }
}
