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
