import CTerminal
import Workbench

/// A terminal by its name (TERM): the terminfo entry that it is driven by, and what the name tells
/// beside it.
public struct TerminalType: Equatable, Sendable {
  /// Terminals that obey the same sequences.
  enum Family: Equatable, Sendable {
    case xterm, tmux, screen, rxvt, console, vt, unknown
  }

  /// The name as TERM has it.
  public let name: String
  /// The terminfo entry it is driven by: its own, or that of what it is compatible with; nil where
  /// there is none.
  public let entry: String?
  /// Colours of the entry; 0 is none.
  public let colours: Int
  /// Whether colours are red, green and blue directly.
  public let isDirect: Bool
  /// Whether the cursor can be placed.
  public let canPlaceCursor: Bool
  let family: Family

  /// Looks a name up in the terminfo database, then what it is compatible with, then what is built
  /// in; not while a screen is open.
  public init(named name: String) {
    self.name = name
    family = Family(name)
    let known = ([name] + family.substitutes).lazy.map { ($0, ct_look_up($0)) }
      .first { $0.1.is_known != 0 }
    entry = known?.0
    colours = max(0, Int(known?.1.colours ?? 0))
    isDirect = known?.1.is_direct == 1
    canPlaceCursor = known?.1.can_address == 1
  }

  /// Whether it is driven by the entry of another.
  public var isSubstituted: Bool { entry != nil && entry != name }

  /// Whether private modes (mouse, pasted text, whole frames) may be set: it obeys or ignores them.
  public var takesModes: Bool {
    switch family {
    case .xterm, .tmux, .screen, .rxvt: true
    case .console, .vt, .unknown: false
    }
  }

  /// Whether the font has letters and little else: no braille, no eighths of blocks, few marks.
  public var hasPlainFont: Bool { family == .console }

  /// The same of a terminal by its name alone.
  public static func hasPlainFont(_ name: String) -> Bool { Family(name) == .console }

  /// What it comes to, in words.
  ///
  /// - Parameter noColour: The environment's NO_COLOR.
  /// - Returns: How it is driven and what it gets; why it cannot be used where it cannot.
  public func description(noColour: String?) -> String {
    guard !name.isEmpty else { return "TERM is not set, so the workbench cannot be shown" }
    guard let entry else {
      return "\(name): no terminfo entry, and of no known family; "
        + "set TERM, for example to xterm-256color"
    }
    guard canPlaceCursor else {
      return "\(name): cannot place its cursor, so the workbench cannot be shown"
    }
    let depth = ColourChoice(
      asked: nil, noColour: noColour, terminal: name, terminfoColours: colours, isDirect: isDirect
    ).depth
    let colour =
      switch depth {
      case .none where colours >= 8: "no colours, as NO_COLOR is set"
      case .none: "no colours"
      case .sixteen: "\(colours) colours"
      case .indexed: "256 colours"
      case .direct: "direct colours"
      }
    let driven =
      entry == CT_XTERM || entry == CT_ANSI
      ? "no terminfo database, driven by a description that is built in"
      : "no terminfo entry, driven as \(entry)"
    return "\(name): " + (isSubstituted ? driven + ", " : "") + colour
      + (takesModes ? ", mouse, pasted text as a whole" : ", no mouse")
      + (hasPlainFont ? ", ASCII, as its font has little else" : "")
  }
}

extension TerminalType.Family {
  /// Emulators that say themselves that they obey what xterm does, by how their names begin.
  private static let emulators = [
    "xterm", "alacritty", "foot", "kitty", "wezterm", "ghostty", "rio", "contour", "konsole", "vte",
    "gnome", "mintty", "putty", "iterm", "nsterm", "terminator", "terminology", "mlterm", "st-",
    "stterm", "simpleterm", "hyper", "tabby", "warp", "zutty", "zellij", "eat-", "vscode",
    "ms-term",
    "ptyxis", "havoc", "hterm", "domterm", "kmscon", "apple_terminal",
  ]
  private static let consoles = ["linux", "cons25", "wsvt25", "hurd", "mach"]
  private static let colourful = ["-256color", "-truecolor", "-direct", "-direct2"]

  init(_ name: String) {
    let name = name.lowercased()
    func begins(_ names: [String]) -> Bool { names.contains { name.hasPrefix($0) } }
    if begins(["tmux"]) {
      self = .tmux
    } else if begins(["screen", "byobu", "dvtm"]) {
      self = .screen
    } else if begins(["rxvt", "urxvt"]) {
      self = .rxvt
    } else if begins(Self.consoles) {
      self = .console
    } else if begins(["vt"]) && name.dropFirst(2).first?.isNumber == true {
      self = .vt
    } else if begins(Self.emulators) || name == "st" {
      self = .xterm
    } else {
      // Whoever tells so many colours in its name is an emulator of our days.
      self = Self.colourful.contains { name.hasSuffix($0) } ? .xterm : .unknown
    }
  }

  /// Entries to drive it by where it has none of its own, the best first.
  var substitutes: [String] {
    let xterm = ["xterm-256color", "xterm", CT_XTERM]
    switch self {
    case .xterm: return xterm
    case .tmux: return ["tmux-256color", "tmux", "screen-256color", "screen"] + xterm
    case .screen: return ["screen-256color", "screen"] + xterm
    case .rxvt: return ["rxvt-unicode-256color", "rxvt-256color", "rxvt"] + xterm
    case .console: return ["linux", "vt102", "vt100", CT_ANSI]
    case .vt: return ["vt220", "vt102", "vt100", CT_ANSI]
    case .unknown: return []
    }
  }
}
