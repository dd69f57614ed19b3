/// A set of real numbers as intervals in order, from any of the ways to write one.
struct RealSet {
  /// An end of an interval; `value` orders it.
  struct End {
    var expression: MathExpression
    var value: Double
    var isClosed: Bool
  }

  /// Each from its lower to its upper end; a single number is closed at both.
  private(set) var intervals: [(low: End, high: End)]

  /// The set that a value names; nil where it names none, or where an end is no known number.
  init?(_ value: AnswerValue) {
    guard let found = Self.intervals(of: value, depth: 0), found.count <= 64 else { return nil }
    intervals = Self.merged(found)
  }

  private typealias Interval = (low: End, high: End)

  private static func intervals(of value: AnswerValue, depth: Int) -> [Interval]? {
    guard depth < 8 else { return nil }
    switch value {
    case .reals: return [(infinite(false), infinite(true))]
    case .nothing: return []
    case .union(let parts):
      let found = parts.map { intervals(of: $0, depth: depth + 1) }
      return found.contains { $0 == nil } ? nil : found.compactMap { $0 }.flatMap { $0 }
    case .list(let members, .set):
      let ends = members.map { end($0, isClosed: true) }
      return ends.contains { $0 == nil } ? nil : ends.compactMap { $0 }.map { ($0, $0) }
    case .list(let members, let fence):
      guard members.count == 2, let open = fence.open, let close = fence.close,
        let low = end(members[0], isClosed: open == "["),
        let high = end(members[1], isClosed: close == "]"), low.value < high.value
      else { return nil }
      return [(low, high)]
    case .scalar: return end(value, isClosed: true).map { [($0, $0)] }
    case .relation(let left, .different, let right):
      guard case .variable = left, let point = end(.plain(right), isClosed: true) else {
        return nil
      }
      return remaining([(infinite(false), infinite(true))], without: [(point, point)])
    case .without(let whole, let part):
      guard let first = intervals(of: whole, depth: depth + 1),
        let second = intervals(of: part, depth: depth + 1)
      else { return nil }
      return remaining(first, without: second)
    default: return nil
    }
  }

  private static func infinite(_ isPositive: Bool) -> End {
    End(
      expression: isPositive ? .infinity : .negated(.infinity),
      value: isPositive ? .infinity : -.infinity, isClosed: false)
  }

  private static func end(_ value: AnswerValue, isClosed: Bool) -> End? {
    guard case .scalar(let quantity) = value, quantity.expression.variables.isEmpty else {
      return nil
    }
    switch quantity.expression {
    case .infinity: return End(expression: .infinity, value: .infinity, isClosed: isClosed)
    case .negated(.infinity):
      return End(expression: .negated(.infinity), value: -.infinity, isClosed: isClosed)
    case let expression:
      let number = expression.folded().value(at: [:])
      guard number.isFinite, number.isReal else { return nil }
      return End(expression: expression, value: number.real, isClosed: isClosed)
    }
  }

  private static func remaining(_ whole: [Interval], without parts: [Interval]) -> [Interval] {
    parts.reduce(whole) { rest, part in
      rest.flatMap { interval -> [Interval] in
        guard part.low.value <= interval.high.value, part.high.value >= interval.low.value else {
          return [interval]
        }
        var below = part.low
        below.isClosed.toggle()
        var above = part.high
        above.isClosed.toggle()
        return [(interval.low, below), (above, interval.high)].filter {
          $0.low.value < $0.high.value
            || $0.low.value == $0.high.value && $0.low.isClosed && $0.high.isClosed
        }
      }
    }
  }

  /// In order, those that touch or overlap as one.
  private static func merged(_ given: [Interval]) -> [Interval] {
    let ordered = given.sorted {
      ($0.low.value, $0.low.isClosed ? 0 : 1) < ($1.low.value, $1.low.isClosed ? 0 : 1)
    }
    return ordered.reduce(into: []) { result, next in
      guard let last = result.last,
        next.low.value < last.high.value
          || next.low.value == last.high.value && (next.low.isClosed || last.high.isClosed)
      else { return result.append(next) }
      if next.high.value > last.high.value
        || next.high.value == last.high.value && next.high.isClosed
      {
        result[result.count - 1].high = next.high
      }
    }
  }

  /// Whether both are the same, end by end.
  func isSame(as other: RealSet) -> Bool {
    intervals.count == other.intervals.count
      && zip(intervals, other.intervals).allSatisfy {
        Self.isSame($0.low, $1.low) && Self.isSame($0.high, $1.high)
      }
  }

  private static func isSame(_ one: End, _ other: End) -> Bool {
    one.isClosed == other.isClosed && FormulaComparison.agree(one.expression, other.expression)
  }
}
