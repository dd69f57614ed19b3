public import Workbench

/// How a cell reaches the terminal: attributes and two colour numbers.
public struct Ink: Equatable, Sendable {
  /// Attributes that every terminal family knows.
  public struct Attributes: OptionSet, Equatable, Sendable {
    /// The bits, as the C side reads them.
    public let rawValue: UInt32
    /// The set with these bits.
    public init(rawValue: UInt32) { self.rawValue = rawValue }
    /// Bold.
    public static let bold = Attributes(rawValue: 1)
    /// Underlined.
    public static let underline = Attributes(rawValue: 2)
    /// Foreground and background exchanged.
    public static let reverse = Attributes(rawValue: 4)
    /// Faint.
    public static let dim = Attributes(rawValue: 8)
  }

  /// Attributes.
  public var attributes: Attributes
  /// Colour number of the character; -1 is the terminal's own.
  public var foreground: Int32
  /// Colour number behind it; -1 is the terminal's own.
  public var background: Int32

  /// The style as a terminal of that depth shows it.
  ///
  /// - Parameters:
  ///   - style: Of a theme; for depth `none` of `Theme.withoutColours`.
  ///   - selection: What lies behind a selected cell; nil where the cell is not selected. Without a
  ///     background that this terminal shows, the cell is reversed.
  ///   - ground: What lies behind text that is not selected.
  ///   - depth: Colours to use.
  ///   - colours: Colours the terminal has; below 16 the bright ones become bold.
  public init(
    _ style: Style, selection: Style? = nil, ground: Colour? = nil, depth: ColourDepth,
    colours: Int
  ) {
    attributes = []
    if style.bold { attributes.insert(.bold) }
    if style.underline { attributes.insert(.underline) }
    if style.reverse { attributes.insert(.reverse) }
    if style.dim { attributes.insert(.dim) }
    foreground = Self.number(of: style.foreground, depth: depth, colours: colours)
    background = Self.number(of: style.background, depth: depth, colours: colours)
    if let selection { lay(over: selection, style, ground, depth) }
    if depth == .sixteen, colours < 16 { narrowToEight() }
  }

  private mutating func lay(
    over selection: Style, _ style: Style, _ ground: Colour?, _ depth: ColourDepth
  ) {
    attributes.remove(.dim)
    // Sixteen colours have no quiet one that would differ from the background. What has a background
    // of its own, such as a search hit, keeps it: its colours were chosen for each other.
    let isOnGround = !style.reverse && style.background == ground
    let shows = depth == .indexed || depth == .direct
    if shows, isOnGround, let colour = selection.background {
      background = Self.number(of: colour, depth: depth, colours: 256)
      if selection.bold { attributes.insert(.bold) }
      if selection.underline { attributes.insert(.underline) }
      return
    }
    // What is reversed already must still be told from its unselected neighbours.
    if style.reverse { attributes.formSymmetricDifference([.bold, .underline]) }
    attributes.insert(.reverse)
  }

  /// Bright colours become bold ones; grey, which would become black, the terminal's own, dimmed.
  private mutating func narrowToEight() {
    if foreground == 8 {
      if !attributes.contains(.reverse) { attributes.insert(.dim) }
      foreground = -1
    } else if foreground > 8 {
      attributes.insert(.bold)
      foreground -= 8
    }
    if background >= 8 { background -= 8 }
  }

  private static func number(of colour: Colour?, depth: ColourDepth, colours: Int) -> Int32 {
    guard let colour else { return -1 }
    switch depth {
    case .none: return -1
    case .sixteen: return Int32(colour.nearestOf16)
    case .indexed: return Int32(colour.nearestOf256)
    case .direct:
      if case .named(let index) = colour, index < 8 { return Int32(index) }
      let it = colour.channels
      let packed = Int32(it.red) << 16 | Int32(it.green) << 8 | Int32(it.blue)
      // Direct terminals take the numbers below 8 for the named colours.
      return packed < 8 ? 0 : packed
    }
  }
}
