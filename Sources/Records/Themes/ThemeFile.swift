public import Foundation

/// A theme as a TOML file: `inherits`, `[palette]` and `[roles]`.
///
/// A file that inherits takes over the palette and the roles of its parent and replaces what it
/// names itself; roles find their colours in the palette that results, so a file that changes the
/// palette alone is a whole theme. The palette's `foreground` and `background` paint the roles
/// that name no colour of their own; the word `default` is the terminal's own colour.
public enum ThemeFile {
  /// The word for the terminal's own colour.
  static let terminal = "default"
  private static let longestChain = 16

  /// Reads a theme.
  ///
  /// - Parameters:
  ///   - name: The file's name without `.toml`.
  ///   - folders: Where to look, the first find wins.
  ///   - roles: The roles there are; others are warned of.
  /// - Returns: The theme, its inheritance and colours resolved.
  /// - Throws: A sentence where a file is missing or is not TOML, or the inheritance is a circle.
  public static func read(
    named name: String, in folders: [URL], roles: Set<String>
  ) throws -> ThemeDescription {
    try resolve(name, roles: roles) { wanted in
      guard !wanted.contains("/"), !wanted.hasPrefix(".") else { return nil }
      for folder in folders {
        let file = folder.appendingPathComponent(wanted + ".toml")
        guard FileManager.default.fileExists(atPath: file.path) else { continue }
        return try DurableFiles.text(of: file, limit: TOMLDocument.sizeLimit)
      }
      return nil
    } among: {
      names(in: folders)
    }
  }

  /// The names of the themes in some folders, sorted, each once.
  public static func names(in folders: [URL]) -> [String] {
    let files = folders.flatMap {
      (try? FileManager.default.contentsOfDirectory(atPath: $0.path)) ?? []
    }
    let names = files.filter { $0.hasSuffix(".toml") && !$0.hasPrefix(".") }.map {
      String($0.dropLast(5))
    }
    return Set(names).sorted()
  }

  /// Resolves a theme whose files come from a function.
  ///
  /// - Parameters:
  ///   - name: The theme.
  ///   - roles: The roles there are.
  ///   - source: The text of a theme's file; nil where there is none.
  ///   - known: The themes there are, for the sentence about one that is missing.
  /// - Returns: The theme, its inheritance and colours resolved.
  /// - Throws: As `read`, and what `source` throws.
  public static func resolve(
    _ name: String, roles: Set<String>, source: (String) throws -> String?,
    among known: () -> [String] = { [] }
  ) throws -> ThemeDescription {
    var chain: [String] = []
    var layers: [ThemeLayer] = []
    var next: String? = name
    while let current = next {
      try check(current, after: chain)
      guard let text = try source(current) else {
        throw missing(current, parentOf: chain.last, among: known())
      }
      let layer = ThemeLayer(try TOMLDocument(text, name: "\(current).toml"), roles: roles)
      chain.append(current)
      layers.append(layer)
      next = layer.inherits
    }
    return ThemeResolution(layers: layers.reversed()).description(named: name)
  }

  private static func check(_ name: String, after chain: [String]) throws {
    if chain.contains(name) {
      let circle = (chain + [name]).map(Words.quoted).joined(separator: " → ")
      throw RecordsError("The themes inherit from each other in a circle: \(circle); break it.")
    }
    guard chain.count < longestChain else {
      throw RecordsError("A theme inherits through more than \(longestChain) files; shorten it.")
    }
  }

  private static func missing(
    _ name: String, parentOf child: String?, among known: [String]
  ) -> RecordsError {
    let asked = child.map { ", which \(Words.quoted($0)) inherits from" } ?? ""
    let choice = known.isEmpty ? "" : "; " + Words.choice(known, insteadOf: name)
    return RecordsError("There is no theme \(Words.quoted(name))\(asked)\(choice).")
  }
}

/// One theme file as it stands, before its parents and its palette are looked at.
struct ThemeLayer {
  /// The theme it builds on.
  private(set) var inherits: String?
  /// Colours by name, as written, with the place of each.
  private(set) var palette: [String: Written] = [:]
  /// Styles by role, as written.
  private(set) var roles: [String: RoleText] = [:]
  /// What was not understood.
  private(set) var warnings: [String] = []

  /// A colour as written.
  struct Written {
    var text: String
    var place: String
  }

  /// A style as written.
  struct RoleText {
    var foreground: Written?
    var background: Written?
    var flags: Set<String> = []
  }

  private static let colourKeys = ["fg", "bg"]
  private static let flagKeys = ["bold", "underline", "reverse", "dim"]
  private let document: TOMLDocument

  /// Reads a file; what it cannot use becomes a warning.
  init(_ document: TOMLDocument, roles known: Set<String>) {
    self.document = document
    for (key, node) in document.root.sorted(by: { $0.key < $1.key }) {
      switch (key, node) {
      case ("inherits", .text(let parent)): inherits = parent
      case ("palette", .table(let colours)): takePalette(colours)
      case ("roles", .table(let table)): takeRoles(table, at: ["roles"], known: known)
      case ("inherits", _), ("palette", _), ("roles", _):
        let kind = key == "inherits" ? "the name of a theme" : "a table"
        warn([key], "\(key) is \(node.kind); it must be \(kind).")
      default:
        let choice = Words.choice(["inherits", "palette", "roles"], insteadOf: key)
        warn([key], "\(Words.quoted(key)) is not a key of a theme; \(choice).")
      }
    }
  }

  private mutating func warn(_ path: [String], _ sentence: String) {
    warnings.append("\(document.place(of: path)): \(sentence)")
  }

  private mutating func takePalette(_ colours: [String: TOMLNode]) {
    for (name, node) in colours.sorted(by: { $0.key < $1.key }) {
      let path = ["palette", name]
      guard case .text(let text) = node else {
        warn(path, "the colour \(Words.quoted(name)) is \(node.kind); write \"#rrggbb\".")
        continue
      }
      guard ThemeColour(text) != nil || text == ThemeFile.terminal else {
        warn(
          path,
          "\(Words.quoted(text)) is not a colour; write \"#rrggbb\" or one of "
            + ThemeColour.names.joined(separator: ", ") + ".")
        continue
      }
      palette[name] = Written(text: text, place: document.place(of: path))
    }
  }

  // `bar.positive` without quotes is a table within a table: the names are joined again.
  private mutating func takeRoles(
    _ table: [String: TOMLNode], at path: [String], known: Set<String>
  ) {
    for (key, node) in table.sorted(by: { $0.key < $1.key }) {
      let place = path + [key]
      let role = place.dropFirst().joined(separator: ".")
      if case .table(let inner) = node, !known.contains(role),
        known.contains(where: { $0.hasPrefix(role + ".") })
      {
        takeRoles(inner, at: place, known: known)
      } else if known.contains(role) {
        roles[role] = style(node, at: place)
      } else {
        let choice = Words.choice(known.sorted(), insteadOf: role)
        warn(place, "\(Words.quoted(role)) is not a role; \(choice).")
      }
    }
  }

  private mutating func style(_ node: TOMLNode, at path: [String]) -> RoleText {
    var style = RoleText()
    switch node {
    case .text(let colour):
      style.foreground = Written(text: colour, place: document.place(of: path))
    case .table(let table):
      for (key, value) in table.sorted(by: { $0.key < $1.key }) {
        set(key, to: value, of: &style, at: path + [key])
      }
    default:
      warn(path, "a role is \(node.kind); write a colour or { fg = …, bg = …, bold = true }.")
    }
    return style
  }

  private mutating func set(
    _ key: String, to value: TOMLNode, of style: inout RoleText, at path: [String]
  ) {
    let allowed = ThemeLayer.colourKeys + ThemeLayer.flagKeys
    switch (key, value) {
    case ("fg", .text(let colour)):
      style.foreground = Written(text: colour, place: document.place(of: path))
    case ("bg", .text(let colour)):
      style.background = Written(text: colour, place: document.place(of: path))
    case (_, .flag(let on)) where ThemeLayer.flagKeys.contains(key):
      if on { style.flags.insert(key) }
    case _ where allowed.contains(key):
      let kind = ThemeLayer.flagKeys.contains(key) ? "true or false" : "a colour"
      warn(path, "\(key) is \(value.kind); it must be \(kind).")
    default:
      let choice = Words.choice(allowed, insteadOf: key)
      warn(path, "\(Words.quoted(key)) says nothing about a role; \(choice).")
    }
  }
}

/// Lays theme files over each other and finds their colours.
struct ThemeResolution {
  private var palette: [String: ThemeLayer.Written] = [:]
  private var roles: [String: ThemeLayer.RoleText] = [:]
  private var warnings: [String] = []

  /// Takes the files, the oldest ancestor first.
  init(layers: [ThemeLayer]) {
    for layer in layers {
      palette.merge(layer.palette) { $1 }
      roles.merge(layer.roles) { $1 }
      warnings += layer.warnings
    }
  }

  /// The theme that results.
  func description(named name: String) -> ThemeDescription {
    var warnings = warnings
    var found: [String: RoleStyle] = [:]
    let foreground = palette["foreground"].flatMap { ThemeColour($0.text) }
    let background = palette["background"].flatMap { ThemeColour($0.text) }
    for (role, text) in roles.sorted(by: { $0.key < $1.key }) {
      var style = RoleStyle()
      style.foreground = colour(text.foreground, else: foreground, warnings: &warnings)
      style.background = colour(text.background, else: background, warnings: &warnings)
      style.bold = text.flags.contains("bold")
      style.underline = text.flags.contains("underline")
      style.reverse = text.flags.contains("reverse")
      style.dim = text.flags.contains("dim")
      found[role] = style
    }
    return ThemeDescription(
      name: name, roles: found, background: background, warnings: warnings)
  }

  private func colour(
    _ written: ThemeLayer.Written?, else fallback: ThemeColour?, warnings: inout [String]
  ) -> ThemeColour? {
    guard let written else { return fallback }
    if written.text == ThemeFile.terminal { return nil }
    if let entry = palette[written.text] { return ThemeColour(entry.text) }
    if let colour = ThemeColour(written.text) { return colour }
    let choice = Words.choice(
      palette.keys.sorted() + ThemeColour.names, insteadOf: written.text)
    warnings.append(
      "\(written.place): \(Words.quoted(written.text)) is neither \"#rrggbb\" nor a colour of the "
        + "palette; \(choice).")
    return fallback
  }
}

/// A theme as its files describe it, colours and inheritance resolved.
public struct ThemeDescription: Equatable, Sendable {
  /// Its name: the file's name without `.toml`.
  public var name: String
  /// The style of each role the files speak of.
  public var roles: [String: RoleStyle]
  /// The background it is made for; nil where it takes the terminal's own.
  public var background: ThemeColour?
  /// What was not understood and left out, each with file and line.
  public var warnings: [String]
}

/// How one role is painted.
public struct RoleStyle: Equatable, Sendable {
  /// Colour of the character; nil is the terminal's own.
  public var foreground: ThemeColour?
  /// Colour behind it; nil is the terminal's own.
  public var background: ThemeColour?
  /// Bold.
  public var bold = false
  /// Underlined.
  public var underline = false
  /// Reversed.
  public var reverse = false
  /// Dimmed.
  public var dim = false

  /// Plain.
  public init() {}
}

/// A colour of a theme.
public enum ThemeColour: Equatable, Sendable {
  /// Red, green, blue, 0…255 each.
  case rgb(UInt8, UInt8, UInt8)
  /// One of the 16 named colours of the terminal, 0…15.
  case named(UInt8)

  /// The names of the 16 colours, in the terminal's order.
  public static let names = [
    "black", "red", "green", "yellow", "blue", "magenta", "cyan", "white",
    "bright-black", "bright-red", "bright-green", "bright-yellow",
    "bright-blue", "bright-magenta", "bright-cyan", "bright-white",
  ]

  /// The colour that `#rrggbb` or one of `names` stands for; nil for anything else.
  public init?(_ text: String) {
    if let index = ThemeColour.names.firstIndex(of: text) {
      self = .named(UInt8(index))
      return
    }
    let digits = text.utf8.dropFirst()
    guard text.utf8.first == UInt8(ascii: "#"), digits.count == 6,
      digits.allSatisfy({ Character(UnicodeScalar($0)).isHexDigit }),
      let value = UInt32(text.dropFirst(), radix: 16)
    else { return nil }
    self = .rgb(UInt8(value >> 16 & 255), UInt8(value >> 8 & 255), UInt8(value & 255))
  }
}
