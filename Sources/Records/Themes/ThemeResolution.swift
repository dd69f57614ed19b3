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
