/// When the next frame is due: at once where somebody did something, else at most twenty times a second;
/// never where nothing changed.
struct FramePace {
  /// Least seconds between two frames that nobody asked for.
  static let interval = 0.05
  /// The same as a duration.
  static let step = Duration.seconds(interval)
  /// The same while a run is read, when the processor has better to do than to draw how it fills.
  static let readingInterval = 0.5

  /// Whether a run is read.
  var isReading = false
  private var last = -Double.infinity
  private var isChanged = true
  private var isAwaited = true

  /// Notes that what is shown may have changed, and whether somebody waits for it.
  mutating func change(awaited: Bool) {
    isChanged = true
    if awaited { isAwaited = true }
  }

  /// Whether a frame is due; where it is, it counts as shown.
  mutating func isDue(at now: Double) -> Bool {
    guard isChanged, isAwaited || now - last >= interval else { return false }
    (last, isChanged, isAwaited) = (now, false, false)
    return true
  }

  /// Milliseconds until the next frame is due, at most so many.
  func wait(at now: Double, most: Int) -> Int {
    guard isChanged else { return most }
    guard !isAwaited else { return 0 }
    return min(most, max(0, Int(((last + interval - now) * 1000).rounded(.up))))
  }

  private var interval: Double { isReading ? Self.readingInterval : Self.interval }
}
