/// One line of a chart.
public struct Curve: Equatable, Sendable {
  /// What it shows, in a word or two.
  public var name: String
  /// How it is painted.
  public var role: Role
  /// Its points, by rising `x`.
  public var points: [CurvePoint]

  /// A curve with every field given.
  public init(name: String, role: Role, points: [CurvePoint]) {
    self.name = name
    self.role = role
    self.points = points
  }
}

/// One value of a curve.
public struct CurvePoint: Equatable, Sendable {
  /// Where it stands, such as the number of an update.
  public var x: Double
  /// The value; nil leaves a gap.
  public var y: Double?
  /// Its standard error, where one is known.
  public var error: Double?

  /// A point with every field given.
  public init(x: Double, y: Double?, error: Double? = nil) {
    self.x = x
    self.y = y
    self.error = error
  }

  /// The value if it can be drawn: present and finite.
  var drawable: Double? {
    guard let y, y.isFinite, y.magnitude < 1e300, x.magnitude < 1e15 else { return nil }
    return y
  }
}

extension Curve {
  /// The curve smoothed exponentially: each value keeps `share` of what was before it.
  ///
  /// Gaps stay gaps and do not disturb what follows. The first value stands as it is.
  public func smoothed(_ share: Double) -> Curve {
    guard share > 0, share < 1 else { return self }
    var result = self
    var before: Double?
    for index in points.indices {
      guard let value = points[index].drawable else { continue }
      let mixed = before.map { share * $0 + (1 - share) * value } ?? value
      result.points[index].y = mixed
      result.points[index].error = nil
      before = mixed
    }
    return result
  }

  /// The curve within a domain; a line that leaves it ends on the edge, by interpolation.
  func cut(to domain: ClosedRange<Double>) -> Curve {
    var result = self
    result.points = []
    var before: CurvePoint?
    for point in points {
      if let before, let entry = before.crossing(domain.lowerBound, to: point) {
        result.points.append(entry)
      }
      if let before, let exit = before.crossing(domain.upperBound, to: point) {
        result.points.append(exit)
      }
      if domain.contains(point.x) { result.points.append(point) }
      before = point
    }
    return result
  }

  /// The newest point that has a value, at `x` or before it where `x` is given.
  func lastPoint(until x: Double? = nil) -> CurvePoint? {
    points.last { $0.drawable != nil && $0.x <= x ?? .infinity }
  }
}

extension CurvePoint {
  /// Where the line to the next point crosses an x that lies strictly between the two.
  fileprivate func crossing(_ edge: Double, to next: CurvePoint) -> CurvePoint? {
    guard let y = drawable, let end = next.drawable, x < edge, edge < next.x else { return nil }
    let share = (edge - x) / (next.x - x)
    return CurvePoint(x: edge, y: y + share * (end - y))
  }
}
