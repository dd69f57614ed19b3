/// What a cell means; a theme maps each to a style.
public enum Role: String, CaseIterable, Equatable, Sendable {
  /// Ordinary text.
  case text
  /// Text that matters less.
  case dim
  /// Titles of panes and columns.
  case heading
  /// The title line at the top.
  case title
  /// Borders.
  case border
  /// The border of the pane that has the focus.
  case borderFocused = "border.focused"
  /// A positive advantage.
  case barPositive = "bar.positive"
  /// A negative advantage.
  case barNegative = "bar.negative"
  /// A bar whose interval crosses zero.
  case barUnsure = "bar.unsure"
  /// The axis of bars and charts.
  case axis
  /// The proposed critical step.
  case stepProposed = "step.proposed"
  /// A confirmed or marked step.
  case stepConfirmed = "step.confirmed"
  /// A rejected step.
  case stepRejected = "step.rejected"
  /// Something right: a reward earned, a right line.
  case right
  /// Something wrong.
  case wrong
  /// A key in a hint.
  case hintKey = "hint.key"
  /// The words of a hint.
  case hint
  /// What lies behind the selected row; the roles on it keep their own colours.
  case selection
  /// A search hit.
  case match
  /// A message.
  case message
  /// A warning.
  case warning
  /// An error.
  case error
  /// The engine at work.
  case running
  /// The first curve of a chart.
  case curve1 = "curve.1"
  /// The second curve.
  case curve2 = "curve.2"
  /// The third curve.
  case curve3 = "curve.3"
  /// The fourth curve.
  case curve4 = "curve.4"
}

extension Role {
  private static let curves: [Role] = [.curve1, .curve2, .curve3, .curve4]

  /// The role of a chart's curve by its number, from 0; after the fourth they repeat.
  public static func curve(_ number: Int) -> Role { curves[number % curves.count] }
}
