public import Workbench

/// One thing that came from keyboard or mouse.
public enum Input: Equatable, Sendable {
  /// A key.
  case key(Key)
  /// The mouse.
  case mouse(MouseEvent)
  /// Text that was pasted as a whole, its line ends as newlines; never a key.
  case pasted(String)
}
