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

extension Theme {
  /// The theme that needs no file: blue against orange, on the terminal's own background.
  ///
  /// Text colours are of one middle lightness, so that they contrast 4.5 : 1 with black and with
  /// white; curves contrast 3 : 1 and stay apart in every kind of colour blindness. Selection is
  /// reverse video, since no background suits a dark and a light terminal.
  public static let standard = Theme(
    name: "default",
    styles: [
      .dim: Style(grey),
      .heading: Style(bold: true),
      .title: Style(bold: true),
      .border: Style(grey),
      .borderFocused: Style(blue, bold: true),
      .barPositive: Style(blue),
      .barNegative: Style(orange),
      .barUnsure: Style(grey),
      .axis: Style(grey),
      .stepProposed: Style(orange, bold: true),
      .stepConfirmed: Style(blue, bold: true),
      .stepRejected: Style(grey),
      .right: Style(blue),
      .wrong: Style(orange),
      .hintKey: Style(bold: true),
      .hint: Style(grey),
      .selection: Style(reverse: true),
      .match: Style(underline: true, reverse: true),
      .message: Style(),
      .warning: Style(orange),
      .error: Style(orange, bold: true, reverse: true),
      .running: Style(blue, bold: true),
      .curve1: Style(blue),
      .curve2: Style(orange),
      .curve3: Style(rose),
      .curve4: Style(green),
    ])

  /// The theme without any colour: bold, underline, reverse and dim carry the meaning.
  public static let mono = Theme(
    name: "mono",
    styles: [
      .dim: Style(dim: true),
      .heading: Style(bold: true),
      .title: Style(bold: true),
      .border: Style(dim: true),
      .borderFocused: Style(bold: true),
      .barPositive: Style(bold: true),
      .barNegative: Style(),
      .barUnsure: Style(dim: true),
      .axis: Style(dim: true),
      .stepProposed: Style(bold: true),
      .stepConfirmed: Style(bold: true, underline: true),
      .stepRejected: Style(dim: true),
      .right: Style(),
      .wrong: Style(bold: true),
      .hintKey: Style(bold: true),
      .hint: Style(),
      .selection: Style(reverse: true),
      .match: Style(underline: true, reverse: true),
      .message: Style(),
      .warning: Style(bold: true),
      .error: Style(bold: true, reverse: true),
      .running: Style(bold: true),
      .curve1: Style(bold: true),
      .curve2: Style(),
      .curve3: Style(dim: true),
      .curve4: Style(underline: true),
    ])

  /// The same theme without colours, for `NO_COLOR` and terminals that have none.
  ///
  /// A role that only its colour told apart takes the attributes it has in `mono`.
  public var withoutColours: Theme {
    var styles: [Role: Style] = [:]
    for role in Role.allCases {
      var style = style(of: role)
      let hadColour = style.foreground != nil || style.background != nil
      style.foreground = nil
      style.background = nil
      let attributes = style.bold || style.underline || style.reverse || style.dim
      styles[role] = hadColour && !attributes ? Theme.mono.style(of: role) : style
    }
    return Theme(name: name, styles: styles)
  }

  private static let blue = Colour.rgb(0x2A, 0x79, 0xC0)
  private static let orange = Colour.rgb(0xB4, 0x5F, 0x0E)
  private static let rose = Colour.rgb(0xB9, 0x82, 0x9E)
  private static let green = Colour.rgb(0x2F, 0x6B, 0x4F)
  private static let grey = Colour.rgb(0x76, 0x76, 0x76)
}

extension Style {
  /// A style on the terminal's own background.
  public init(
    _ foreground: Colour? = nil, bold: Bool = false, underline: Bool = false,
    reverse: Bool = false, dim: Bool = false
  ) {
    self.init()
    self.foreground = foreground
    self.bold = bold
    self.underline = underline
    self.reverse = reverse
    self.dim = dim
  }
}
