import Workbench

/// What a mouse report says, before clicks are counted.
struct MouseReport: Equatable, Sendable {
  /// Button bits as xterm sends them: 0 left, +4 +8 +16 modifiers, +32 motion, 64 and 65 the wheel.
  var button: Int
  /// Column, from 1.
  var column: Int
  /// Row, from 1.
  var row: Int
  /// Whether the button came up.
  var isRelease: Bool
}

/// Tells double clicks from single ones.
struct ClickCounter: Sendable {
  /// Milliseconds within which a second press at the same place is a double click.
  static let interval = 400

  private var last: (place: Point, time: Int)?

  /// The event a report stands for; nil for releases, motion and other buttons.
  mutating func event(of report: MouseReport, at now: Int) -> MouseEvent? {
    guard report.column >= 1, report.row >= 1, !report.isRelease else { return nil }
    let place = Point(row: report.row - 1, column: report.column - 1)
    switch report.button & ~0b11100 {
    case 0:
      if let last, last.place == place, now >= last.time, now - last.time <= Self.interval {
        self.last = nil
        return MouseEvent(kind: .press(count: 2), place: place)
      }
      last = (place, now)
      return MouseEvent(kind: .press(count: 1), place: place)
    case 64: return MouseEvent(kind: .wheelUp, place: place)
    case 65: return MouseEvent(kind: .wheelDown, place: place)
    default: return nil
    }
  }
}
