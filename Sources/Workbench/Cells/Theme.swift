/// How every role is painted.
public struct Theme: Equatable, Sendable {
  /// Its name.
  public var name: String
  /// The style of each role; roles that are missing are painted plainly.
  public var styles: [Role: Style]

  /// A theme with every field given.
  public init(name: String, styles: [Role: Style]) {
    self.name = name
    self.styles = styles
  }

  /// The style of a role.
  public func style(of role: Role) -> Style { styles[role] ?? Style() }
}

/// Colours and attributes.
public struct Style: Equatable, Sendable {
  /// Colour of the character; nil is the terminal's own.
  public var foreground: Colour?
  /// Colour behind it; nil is the terminal's own.
  public var background: Colour?
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

/// A colour; what the terminal cannot show is replaced by the nearest that it can.
public enum Colour: Equatable, Sendable {
  /// Red, green, blue, 0…255 each.
  case rgb(UInt8, UInt8, UInt8)
  /// One of the 16 named colours of the terminal.
  case named(UInt8)
}
