import Records
import Workbench

/// The themes on disk and the one compiled in.
struct Themes {
  private let resources = Resources.current

  /// The names to choose from.
  var names: [String] {
    let found = ThemeFile.names(in: resources.themeFolders)
    return found.isEmpty ? [Theme.standard.name] : found
  }

  /// What in a theme's files was not understood, in sentences.
  func warnings(of name: String) -> [String] {
    (try? description(named: name, roles: Set(Role.allCases.map(\.rawValue))))?.warnings ?? []
  }

  private func description(named name: String, roles: Set<String>) throws -> ThemeDescription {
    try ThemeFile.read(named: name, in: resources.themeFolders, roles: roles)
  }

  /// A theme by its name; the standard one works without any file.
  func theme(named name: String) throws -> Theme {
    if name == Theme.standard.name, !names.contains(name) { return .standard }
    let roles = Set(Role.allCases.map(\.rawValue))
    return Theme(try description(named: name, roles: roles))
  }
}

extension Theme {
  /// The theme a file describes.
  init(_ description: ThemeDescription) {
    var styles: [Role: Style] = [:]
    for (name, style) in description.roles {
      guard let role = Role(rawValue: name) else { continue }
      styles[role] = Style(style)
    }
    self.init(name: description.name, styles: styles)
  }
}

extension Style {
  fileprivate init(_ role: RoleStyle) {
    self.init()
    foreground = role.foreground.map(Colour.init)
    background = role.background.map(Colour.init)
    bold = role.bold
    underline = role.underline
    reverse = role.reverse
    dim = role.dim
  }
}

extension Colour {
  fileprivate init(_ colour: ThemeColour) {
    switch colour {
    case .rgb(let red, let green, let blue): self = .rgb(red, green, blue)
    case .named(let index): self = .named(index)
    }
  }
}
