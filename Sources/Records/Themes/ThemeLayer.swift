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
