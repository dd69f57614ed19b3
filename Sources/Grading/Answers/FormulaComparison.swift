/// Whether two formulas have the same value wherever both have one.
///
/// Numbers that are written out are compared digit by digit. Other formulas are evaluated in double
/// precision at seeded points, positive and negative; they count as equal when they agree at every
/// point where both are defined, and there are enough of those. That is a probabilistic identity
/// test (Schwartz 1980, Zippel 1979): a false agreement of formulas as short as answers would need
/// a coincidence to twelve digits.
enum FormulaComparison {
  /// Largest relative difference of two values that count as equal.
  private static let tolerance = 1e-11
  private static let count = 8

  /// Whether both formulas say the same.
  static func agree(_ one: MathExpression, _ other: MathExpression) -> Bool {
    if one == other { return true }
    if case .based = one { return areSameBased(one, other) }
    if case .based = other { return areSameBased(other, one) }
    if let first = one.literal, let second = other.literal { return first.isSameNumber(as: second) }
    let names = one.variables.union(other.variables).sorted()
    if names.isEmpty {
      return areClose(one.value(at: [:]), other.value(at: [:])) || isRounded(one, other)
    }
    return ratios(one, other, names).map { found in
      found.allSatisfy { areClose($0.0, $0.1) }
    } ?? false
  }

  /// Whether one formula is the other times a number: the same equation when set to zero.
  ///
  /// As for inequalities, the factor must be above zero where `isPositive` is set.
  static func areProportional(
    _ one: MathExpression, _ other: MathExpression, isPositive: Bool
  ) -> Bool {
    let names = one.variables.union(other.variables).sorted()
    guard !names.isEmpty, let found = ratios(one, other, names) else { return false }
    guard let first = found.first(where: { $0.1.magnitude > 1e-9 }) else { return false }
    let factor = first.0 / first.1
    guard factor.isFinite, factor.magnitude > 1e-12, !isPositive || factor.real > 0 else {
      return false
    }
    return found.allSatisfy { areClose($0.0, $0.1 * factor) }
  }

  /// The pairs of values at points where both are defined; nil where there are too few.
  private static func ratios(
    _ one: MathExpression, _ other: MathExpression, _ names: [String]
  ) -> [(ComplexNumber, ComplexNumber)]? {
    var points = SamplePoints()
    var found: [(ComplexNumber, ComplexNumber)] = []
    for number in 0..<count {
      let point = names.reduce(into: [String: Double]()) { point, name in
        // The first half positive, where roots and logarithms are real; one wholly negative.
        let size = points.size()
        let isNegative = number == count / 2 || number > count / 2 && points.toss()
        point[name] = isNegative ? -size : size
      }
      let (first, second) = (one.value(at: point), other.value(at: point))
      // Where only one of them has a value they still differ, unless a pole was met by chance.
      if first.isFinite, second.isFinite { found.append((first, second)) }
    }
    return found.count * 2 >= count ? found : nil
  }

  private static func areClose(_ one: ComplexNumber, _ other: ComplexNumber) -> Bool {
    if one == other { return true }
    guard one.isFinite, other.isFinite else { return false }
    let size = max(one.magnitude, other.magnitude)
    return (one - other).magnitude <= max(tolerance * size, 1e-13)
  }

  /// Whether one is a decimal number of at least six places and the other rounds to it.
  private static func isRounded(_ one: MathExpression, _ other: MathExpression) -> Bool {
    guard (one.literal == nil) != (other.literal == nil),
      let places = (one.literal ?? other.literal)?.decimals, (6...15).contains(places)
    else { return false }
    let difference = one.value(at: [:]) - other.value(at: [:])
    let unit = (0..<places).reduce(1.0) { size, _ in size / 10 }
    return difference.isFinite && difference.magnitude <= 0.5000001 * unit
  }

  /// Numbers of another base: equal values, or the same digits where only one names its base.
  private static func areSameBased(_ one: MathExpression, _ other: MathExpression) -> Bool {
    guard case .based(let digits, _) = one else { return false }
    switch other {
    case .based: return one.value(at: [:]) == other.value(at: [:])
    case .number(let text): return text == digits
    default: return false
    }
  }
}

/// Numbers between 0.3 and 2.9, always the same ones in the same order (SplitMix64's).
private struct SamplePoints {
  private var state: UInt64 = 0x5EED

  private mutating func bits() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// The next number.
  mutating func size() -> Double { 0.3 + 2.6 * Double(bits() >> 11) * 0x1p-53 }

  /// Heads or tails.
  mutating func toss() -> Bool { bits() >> 63 == 0 }
}
