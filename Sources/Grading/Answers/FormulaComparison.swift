/// Whether two formulas have the same value wherever both have one.
///
/// Fractions of whole numbers are compared exactly, whatever their size. Formulas are first compared
/// as residues (`Residue`), which settles all that is the same, or different, by the rules of
/// fractions. What is left, roots and functions in which something else must be known, is evaluated
/// in double precision with its error at eight points, positive and negative.
enum FormulaComparison {
  private static let count = 8

  /// Whether both formulas say the same.
  static func agree(_ one: MathExpression, _ other: MathExpression) -> Bool {
    if one == other { return true }
    if case .based = one { return areSameBased(one, other) }
    if case .based = other { return areSameBased(other, one) }
    if let first = one.literal, let second = other.literal { return first.isSameNumber(as: second) }
    return areSame(one.folded(), other.folded()) || isRounded(one, other)
  }

  private static func areSame(_ one: MathExpression, _ other: MathExpression) -> Bool {
    if one == other { return true }
    if let first = one.constant, let second = other.constant { return first == second }
    switch residues(one, other) {
    case .same: return true
    case .different: return false
    case .open: break
    }
    let names = one.variables.union(other.variables).sorted()
    if names.isEmpty { return one.value(at: [:]).mayEqual(other.value(at: [:])) }
    return values(one, other, names)?.allSatisfy { $0.0.mayEqual($0.1) } ?? false
  }

  /// Whether one formula is the other times a number: the same equation when set to zero.
  ///
  /// As for inequalities, the factor must be above zero where `isPositive` is set.
  static func areProportional(
    _ left: MathExpression, _ right: MathExpression, isPositive: Bool
  ) -> Bool {
    let (one, other) = (left.folded(), right.folded())
    let names = one.variables.union(other.variables).sorted()
    guard !names.isEmpty, let found = values(one, other, names),
      let first = found.first(where: { $0.1.magnitude > 1e-9 && $0.0.magnitude > 1e-9 })
    else { return false }
    let factor = first.0 / first.1
    guard factor.isFinite, !isPositive || factor.real > 0 else { return false }
    if one.isRational, other.isRational { return isConstant(.quotient(one, other)) }
    return found.allSatisfy { $0.0.mayEqual($0.1 * factor) }
  }

  private static let seeds: [UInt64] = [0x5EED, 0xC0DE]

  private enum Verdict { case same, different, open }

  private static func residues(_ one: MathExpression, _ other: MathExpression) -> Verdict {
    let found = seeds.map { (one.residue(seed: $0), other.residue(seed: $0)) }
    guard let first = found[0].0, let second = found[0].1, let third = found[1].0,
      let fourth = found[1].1
    else { return .open }
    if first == second, third == fourth { return .same }
    if one.isRational, other.isRational { return .different }
    // Their difference, or their ratio, is a fraction that is not 0, or not 1.
    let isZero = [first, second, third, fourth].contains(Residue(0))
    let hasSameDifference = first + second.negated == third + fourth.negated
    let hasSameRatio = !isZero && first * fourth == second * third
    return hasSameDifference || hasSameRatio ? .different : .open
  }

  /// Whether a formula has the same residue at either point.
  private static func isConstant(_ formula: MathExpression) -> Bool {
    guard let first = formula.residue(seed: seeds[0]) else { return false }
    return first == formula.residue(seed: seeds[1])
  }

  /// The pairs of values at points where both are defined; nil where there are too few.
  private static func values(
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

  /// Whether one is a decimal number of six digits or more, six of them after the point, and the
  /// other, which is none, rounds to it.
  private static func isRounded(_ one: MathExpression, _ other: MathExpression) -> Bool {
    guard (one.literal == nil) != (other.literal == nil),
      let literal = one.literal ?? other.literal,
      (6...15).contains(literal.decimals), literal.significantDigits >= 6
    else { return false }
    let difference = one.folded().value(at: [:]) - other.folded().value(at: [:])
    let unit = (0..<literal.decimals).reduce(1.0) { size, _ in size / 10 }
    return difference.isFinite && difference.magnitude <= 0.5000001 * unit
  }

  /// Numbers of another base: equal values, or the same digits where only one names its base.
  private static func areSameBased(_ one: MathExpression, _ other: MathExpression) -> Bool {
    guard case .based(let digits, _) = one else { return false }
    switch other {
    case .based:
      guard let first = one.exact, let second = other.exact else { return false }
      return first == second
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
