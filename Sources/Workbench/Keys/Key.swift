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
