/// Whether an answer says the same as a reference; both have been read.
enum ValueComparison {
  /// Compares what was read; the reference may ask for less than the answer says, not for more.
  static func agree(_ reference: AnswerValue, _ answer: AnswerValue) -> Bool {
    if isSet(reference) || isSet(answer) {
      return RealSet(reference).flatMap { one in RealSet(answer).map { one.isSame(as: $0) } }
        ?? areSameUnions(reference, answer)
    }
    switch (reference, answer) {
    case (.scalar(let one), .scalar(let two)): return agree(one, two)
    case (.definition, .definition), (.relation, .relation), (.definition, .relation),
      (.relation, .definition):
      return agreeAsRelations(reference, answer)
    case (.asked(let left, let right), _):
      return agree(.relation(left, .equal, right), answer)
    case (_, .asked(let left, let right)):
      return agree(reference, .relation(left, .equal, right)) || agree(reference, .plain(right))
    case (.definition(_, let value), _): return agree(value, answer)
    case (_, .definition(_, let value)): return agree(reference, value)
    case (.list(let one, let first), .list(let two, let second)):
      return agree(one, first, two, second)
    case (.matrix(let one), .matrix(let two)): return agree(one, two)
    case (.matrix(let rows), .list(let members, let fence)),
      (.list(let members, let fence), .matrix(let rows)):
      return agree(rows, members, fence)
    case (.ratio, _), (_, .ratio): return agreeAsRatios(reference, answer)
    case (.span(let one, let two), .span(let three, let four)):
      return agreeAsRatios(.ratio([one, two]), .ratio([three, four]))
    case (.nothing, .nothing): return true
    default: return false
    }
  }

  /// Whether this is a set of real numbers that only its intervals tell from another.
  private static func isSet(_ value: AnswerValue) -> Bool {
    switch value {
    case .union, .reals, .without, .relation(_, .different, _): true
    default: false
    }
  }

  /// Unions whose ends are not known numbers, member by member.
  private static func areSameUnions(_ one: AnswerValue, _ other: AnswerValue) -> Bool {
    switch (one, other) {
    case (.union(let first), .union(let second)): areSameMembers(first, second, areSets: true)
    case (.without(let first, let second), .without(let third, let fourth)):
      agree(first, third) && agree(second, fourth)
    case (.relation, .relation): agreeAsRelations(one, other)
    default: false
    }
  }
}

// Numbers and formulas.
extension ValueComparison {
  private static func agree(_ one: AnswerValue.Quantity, _ two: AnswerValue.Quantity) -> Bool {
    guard let scale = scale(one, two) else { return false }
    return readings(one, isReference: true, other: two).contains { first in
      readings(two, isReference: false, other: one).contains { second in
        FormulaComparison.agree(first, scale == .one ? second : .product(second, scale.expression))
      }
    }
  }

  /// What the second number must be multiplied with to have the unit of the first; nil where they
  /// measure different things.
  ///
  /// The unit that is asked for is a part of the answer: 120 minutes are no answer in hours. Money is
  /// converted, and so is what was said in several units.
  private static func scale(
    _ one: AnswerValue.Quantity, _ two: AnswerValue.Quantity
  ) -> ExactNumber? {
    if let first = one.unit, let second = two.unit {
      guard one.isCompound || two.isCompound || first.isMoney || first.factor == second.factor
      else { return nil }
      return second.size(in: first)
    }
    // A single letter may as well be a variable; behind a bare number that is asked for it is a unit.
    return .one
  }

  /// What a formula may mean: 25 % is 25 or a quarter, 120° is 120 or two thirds of π.
  ///
  /// A reference in per cent or degrees takes a bare number as such, π/6 too; a bare reference takes
  /// a percentage by its number or by its value, and an angle of π by its degrees.
  private static func readings(
    _ quantity: AnswerValue.Quantity, isReference: Bool, other: AnswerValue.Quantity
  ) -> [MathExpression] {
    switch bare(quantity.expression) {
    case .percent(let inner):
      // Who asks for a part of one, such as 0.05, does not mean 0.05 %.
      if !isReference, let asked = other.expression.exact, asked.isPart { return [.percent(inner)] }
      return [inner, .percent(inner)]
    case .degrees(let inner):
      if other.unit?.isRadians == true { return [.degrees(inner)] }
      return isReference && !other.expression.hasDegrees ? [inner] : [inner, .degrees(inner)]
    case let expression: return [expression]
    }
  }

  /// −(25 %) as (−25) %.
  private static func bare(_ expression: MathExpression) -> MathExpression {
    switch expression {
    case .negated(.percent(let inner)): .percent(.negated(inner))
    case .negated(.degrees(let inner)): .degrees(.negated(inner))
    default: expression
    }
  }

  private static func agree(_ one: [[MathExpression]], _ two: [[MathExpression]]) -> Bool {
    one.map(\.count) == two.map(\.count)
      && zip(one.joined(), two.joined()).allSatisfy { FormulaComparison.agree($0, $1) }
  }

  /// A row or a column as a tuple, and rows written as `[[1, 0], [0, 1]]`.
  private static func agree(
    _ rows: [[MathExpression]], _ members: [AnswerValue], _ fence: AnswerValue.Fence
  ) -> Bool {
    guard fence == .pair || fence == .square else { return false }
    if rows.count == 1 || rows.allSatisfy({ $0.count == 1 }), fence == .pair {
      return inOrder(rows.joined().map(AnswerValue.plain), members)
    }
    let written = members.map { member -> [AnswerValue] in
      if case .list(let cells, .square) = member { return cells }
      return []
    }
    return rows.count == written.count
      && zip(rows, written).allSatisfy { inOrder($0.map(AnswerValue.plain), $1) }
  }
}

// Lists, sets, intervals.
extension ValueComparison {
  private static func agree(
    _ one: [AnswerValue], _ first: AnswerValue.Fence, _ two: [AnswerValue],
    _ second: AnswerValue.Fence
  ) -> Bool {
    switch (first, second) {
    case (.set, .set), (.set, .none), (.none, .set):
      return areSameMembers(one, two, areSets: true)
    case (.none, .none):
      return areSameDefinitions(one, two) ?? areSameMembers(one, two, areSets: false)
    case (.none, _), (_, .none):
      // 1, 2 for the pair (1, 2); not for the interval [1, 2).
      guard first == .none ? second == .pair : first == .pair else { return false }
      return inOrder(one, two)
    default: return first == second && inOrder(one, two)
    }
  }

  private static func inOrder(_ one: [AnswerValue], _ two: [AnswerValue]) -> Bool {
    one.count == two.count && zip(one, two).allSatisfy { agree($0, $1) }
  }

  /// Whether every member of one has a partner of its own in the other; in sets, repeats aside.
  private static func areSameMembers(
    _ one: [AnswerValue], _ two: [AnswerValue], areSets: Bool
  ) -> Bool {
    guard max(one.count, two.count) <= 64 else { return false }
    let first = areSets ? withoutRepeats(one) : one
    var rest = areSets ? withoutRepeats(two) : two
    guard first.count == rest.count else { return false }
    for member in first {
      guard let place = rest.firstIndex(where: { agree(member, $0) }) else { return false }
      rest.remove(at: place)
    }
    return true
  }

  private static func withoutRepeats(_ members: [AnswerValue]) -> [AnswerValue] {
    members.reduce(into: []) { kept, member in
      if !kept.contains(where: { agree($0, member) }) { kept.append(member) }
    }
  }

  /// Lists of definitions by name, such as x = 1, y = 2; nil where they are something else.
  private static func areSameDefinitions(_ one: [AnswerValue], _ two: [AnswerValue]) -> Bool? {
    guard let first = definitions(one), let second = definitions(two), first.count == one.count,
      second.count == two.count
    else { return nil }
    return first.count == second.count
      && first.allSatisfy { name, value in second[name].map { agree(value, $0) } ?? false }
  }

  private static func definitions(_ values: [AnswerValue]) -> [String: AnswerValue]? {
    var found: [String: AnswerValue] = [:]
    for value in values {
      guard case .definition(let name, let inner) = value, found[name] == nil else { return nil }
      found[name] = inner
    }
    return found
  }
}

// Equations, inequalities, ratios.
extension ValueComparison {
  private static func agreeAsRelations(_ one: AnswerValue, _ two: AnswerValue) -> Bool {
    if case .definition(let first, let left) = one, case .definition(let second, let right) = two {
      if first == second { return agree(left, right) }
    }
    guard let (first, sign) = difference(one), let (second, other) = difference(two) else {
      return false
    }
    switch (sign, other) {
    case (.equal, .equal), (.different, .different):
      return FormulaComparison.areProportional(first, second, isPositive: false)
    case _ where sign == other:
      return FormulaComparison.areProportional(first, second, isPositive: true)
    case _ where sign == other.flipped:
      return FormulaComparison.areProportional(first, .negated(second), isPositive: true)
    default: return false
    }
  }

  /// Left side minus right side.
  private static func difference(
    _ value: AnswerValue
  ) -> (MathExpression, AnswerValue.Comparison)? {
    switch value {
    case .relation(let left, let sign, let right): (.sum(left, .negated(right)), sign)
    case .definition(let name, .scalar(let quantity)):
      (.sum(.variable(name), .negated(quantity.expression)), .equal)
    default: nil
    }
  }

  /// 3:4 is 6:8 and three quarters; 3:30 is a time of day.
  private static func agreeAsRatios(_ one: AnswerValue, _ two: AnswerValue) -> Bool {
    switch (one, two) {
    case (.ratio(let first), .ratio(let second)):
      if isTime(first), isTime(second) {
        return inOrder(first.map(AnswerValue.plain), second.map(AnswerValue.plain))
      }
      guard first.count == second.count else { return false }
      return zip(first.dropFirst(), second.dropFirst()).allSatisfy {
        FormulaComparison.agree(.product(first[0], $1), .product(second[0], $0))
      }
    case (.ratio(let parts), .span(let one, let two)), (.span(let one, let two), .ratio(let parts)):
      return agreeAsRatios(.ratio(parts), .ratio([one, two]))
    case (.ratio(let parts), .scalar(let quantity)), (.scalar(let quantity), .ratio(let parts)):
      guard parts.count == 2, quantity.unit == nil else { return false }
      return FormulaComparison.agree(.quotient(parts[0], parts[1]), quantity.expression)
    default: return false
    }
  }

  private static func isTime(_ parts: [MathExpression]) -> Bool {
    guard parts.count == 2, case .number(let hours) = parts[0],
      case .number(let minutes) = parts[1], let hour = Int(hours), let minute = Int(minutes)
    else { return false }
    return hour < 24 && minutes.count == 2 && minute < 60
  }
}

extension AnswerValue.Fence {
  fileprivate static let pair = AnswerValue.Fence(open: "(", close: ")")
  fileprivate static let square = AnswerValue.Fence(open: "[", close: "]")
}
