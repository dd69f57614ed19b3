/// How long each trajectory was in front of a person who had not chosen yet.
struct LabelClock {
  private var shown: (id: String, since: Double)?
  private var spent: [String: Double] = [:]

  /// Notes what is in front of the person now; nil for nothing to choose.
  mutating func show(_ id: String?, at now: Double) {
    guard id != shown?.id else { return }
    if let shown { spent[shown.id, default: 0] += max(0, now - shown.since) }
    shown = id.map { ($0, now) }
  }

  /// Seconds that a trajectory was shown so far; nil where it never was.
  func seconds(of id: String, at now: Double) -> Double? {
    let present = shown.flatMap { $0.id == id ? max(0, now - $0.since) : nil }
    guard present != nil || spent[id] != nil else { return nil }
    return (spent[id] ?? 0) + (present ?? 0)
  }
}
