public import Workbench

/// What decides how many colours are shown.
public struct ColourChoice: Equatable, Sendable {
  /// What the user asked for; nil is “auto”.
  public var asked: ColourDepth?
  /// The environment's NO_COLOR; any text but the empty one means no colour.
  public var noColour: String?
  /// The environment's TERM.
  public var terminal: String
  /// Colours of the terminfo entry; 0 is none.
  public var terminfoColours: Int
  /// Whether the entry takes red, green and blue directly.
  public var isDirect: Bool

  /// A choice with every field given.
  public init(
    asked: ColourDepth?, noColour: String?, terminal: String, terminfoColours: Int, isDirect: Bool
  ) {
    self.asked = asked
    self.noColour = noColour
    self.terminal = terminal
    self.terminfoColours = terminfoColours
    self.isDirect = isDirect
  }

  /// The depth to paint in.
  ///
  /// An explicit wish beats NO_COLOR (no-color.org), but nothing beats what the terminal can do.
  public var depth: ColourDepth {
    if asked == nil, let noColour, !noColour.isEmpty { return .none }
    let most = capability
    guard let asked else { return most }
    return order(asked) < order(most) ? asked : most
  }

  private var capability: ColourDepth {
    if terminal.isEmpty || terminal == "dumb" || terminfoColours < 8 { return .none }
    if isDirect { return .direct }
    return terminfoColours >= 256 ? .indexed : .sixteen
  }

  private func order(_ depth: ColourDepth) -> Int {
    ColourDepth.allCases.firstIndex(of: depth) ?? 0
  }
}
