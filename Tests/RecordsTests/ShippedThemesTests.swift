import Foundation
import Testing

@testable import Records

struct ShippedThemesTests {
  static let folder = Samples.package.appendingPathComponent("themes")
  static let names = ThemeFile.names(in: [folder])

  /// The roles of the workbench, from its source: this room may not import it.
  static let roles: Set<String> = {
    let file = Samples.package.appendingPathComponent("Sources/Workbench/Cells/Role.swift")
    let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
    let names = text.split(separator: "\n").compactMap { line -> String? in
      let words = line.split(separator: " ")
      guard words.first == "case", let name = words.dropFirst().first else { return nil }
      return words.last.flatMap { $0.hasPrefix("\"") ? String($0.dropFirst().dropLast()) : nil }
        ?? String(name)
    }
    return Set(names)
  }()

  private func read(_ name: String) throws -> ThemeDescription {
    try ThemeFile.read(named: name, in: [Self.folder], roles: Self.roles)
  }

  @Test func `the themes people ask for are there`() {
    let wanted: Set = ["default", "light", "mono", "high-contrast", "gruvbox-dark", "dracula"]
    #expect(wanted.isSubset(of: Self.names))
    #expect(Self.roles.count > 20)
  }

  @Test(arguments: names)
  func `a theme reads without a warning and paints every role`(name: String) throws {
    let theme = try read(name)
    #expect(theme.warnings == [])
    #expect(Self.roles.subtracting(theme.roles.keys) == [])
  }

  @Test(arguments: names)
  func `every role of a theme with a background can be read on it`(name: String) throws {
    let theme = try read(name)
    guard theme.background != nil else { return }
    for (role, style) in theme.roles {
      let front = try #require(style.foreground, "\(role)")
      let back = try #require(style.background, "\(role)")
      // WCAG 2.1, 1.4.3: 4.5 for text.
      #expect(contrast(front, back) >= 4.5, "\(role)")
    }
  }

  @Test(arguments: names)
  func `every role can be read on the selection, and the selection is seen`(name: String) throws {
    let theme = try read(name)
    guard let ground = theme.background else { return }
    let band = try #require(theme.roles["selection"]?.background)
    #expect(difference(linear(band), linear(ground)) > 5)
    // What has a background of its own keeps it.
    for (role, style) in theme.roles where !style.reverse && style.background == ground {
      let front = try #require(style.foreground, "\(role)")
      // An error stands in the message line, which is never selected.
      #expect(contrast(front, band) >= (role == "error" ? 3 : 4.5), "\(role)")
    }
  }

  @Test(arguments: [ThemeColour.rgb(0, 0, 0), .rgb(0x1E, 0x1E, 0x1E), .rgb(255, 255, 255)])
  func `the default theme can be read on dark and light terminals`(back: ThemeColour) throws {
    let theme = try read("default")
    #expect(theme.background == nil)
    for (role, style) in theme.roles {
      #expect(style.background == nil, "\(role)")
      // WCAG 2.1, 1.4.11: 3 for marks; no colour has 4.5 on all three.
      if let front = style.foreground { #expect(contrast(front, back) >= 3, "\(role)") }
    }
  }

  @Test func `the theme without colour has none`() throws {
    let theme = try read("mono")
    for style in theme.roles.values {
      #expect(style.foreground == nil && style.background == nil)
    }
    #expect(theme.roles["bar.positive"] != theme.roles["bar.negative"])
  }

  @Test(arguments: [
    ("default", Vision.protan), ("default", .deutan), ("dark", .protan), ("dark", .deutan),
    ("deuteranopia", .deutan), ("tritanopia", .tritan),
  ])
  func `positive and negative differ for colour-blind eyes`(name: String, vision: Vision) throws {
    let theme = try read(name)
    let positive = try #require(theme.roles["bar.positive"]?.foreground)
    let negative = try #require(theme.roles["bar.negative"]?.foreground)
    // 40 in CIE 1976 Lab: colours nobody would call alike.
    #expect(difference(vision.sees(positive), vision.sees(negative)) > 40)
  }
}
