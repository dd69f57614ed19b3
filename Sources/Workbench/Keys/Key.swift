/// A key as the keyboard gave it.
public enum Key: Hashable, Sendable {
  /// A printable character; capitals stand for Shift.
  case character(Character)
  /// A letter with Control.
  case control(Character)
  /// A character with Alt.
  case alt(Character)
  /// A named key.
  case up, down, left, right, home, end, pageUp, pageDown, enter, escape, tab, backTab
  /// A named key.
  case backspace, delete, insert
  /// F1 and so on.
  case function(Int)
}

/// What the mouse did, where.
public struct MouseEvent: Equatable, Sendable {
  /// What happened.
  public enum Kind: Equatable, Sendable {
    /// The left button went down; `count` is 2 for a double click.
    case press(count: Int)
    /// The wheel turned.
    case wheelUp, wheelDown
  }
  /// What happened.
  public var kind: Kind
  /// Where.
  public var place: Point

  /// An event with every field given.
  public init(kind: Kind, place: Point) {
    self.kind = kind
    self.place = place
  }
}

extension Key {
  /// The key as help and a file of keys write it, such as `Ctrl-R`, `PgDn` or `m`.
  public var name: String {
    switch self {
    case .character(" "): "Space"
    case .character(let character): String(character)
    case .control(let character): "Ctrl-" + character.uppercased()
    case .alt(let character): "Alt-" + String(character)
    case .function(let number): "F\(number)"
    default: Key.named.first { $0.1 == self }?.0 ?? "?"
    }
  }

  /// The key of that name; nil where there is none.
  public init?(named name: String) {
    if let known = Key.named.first(where: { $0.0.lowercased() == name.lowercased() }) {
      self = known.1
    } else if name.count == 1, let character = name.first {
      self = .character(character)
    } else if name.hasPrefix("Ctrl-"), name.count == 6, let character = name.lowercased().last {
      self = .control(character)
    } else if name.hasPrefix("Alt-"), name.count == 5, let character = name.last {
      self = .alt(character)
    } else if name.hasPrefix("F"), let number = Int(name.dropFirst()), (1...24).contains(number) {
      self = .function(number)
    } else {
      return nil
    }
  }

  private static let named: [(String, Key)] = [
    ("Up", .up), ("Down", .down), ("Left", .left), ("Right", .right), ("Home", .home),
    ("End", .end), ("PgUp", .pageUp), ("PgDn", .pageDown), ("Enter", .enter), ("Esc", .escape),
    ("Tab", .tab), ("Shift-Tab", .backTab), ("Backspace", .backspace), ("Del", .delete),
    ("Ins", .insert), ("Space", .character(" ")),
  ]
}
