/// Whether an answer says the same as a reference; both have been read.
enum ValueComparison {
  /// Compares what was read; the reference may ask for less than the answer says, not for more.
  static func agree(_ reference: AnswerValue, _ answer: AnswerValue) -> Bool {
    switch (reference, answer) {
    case (.scalar(let one), .scalar(let two)): return agree(one, two)
    case (.definition, .definition), (.relation, .relation), (.definition, .relation),
      (.relation, .definition):
      return agreeAsRelations(reference, answer)
    case (.definition(_, let value), _): return agree(value, answer)
    case (_, .definition(_, let value)): return agree(reference, value)
    case (.list(let one, let first), .list(let two, let second)):
      return agree(one, first, two, second)
    case (.union(let one), .union(let two)): return areSameMembers(one, two)
    case (.matrix(let one), .matrix(let two)): return agree(one, two)
    case (.ratio, _), (_, .ratio): return agreeAsRatios(reference, answer)
    case (.nothing, .nothing): return true
    default: return false
    }
  }
}

// Numbers and formulas.
extension ValueComparison {
  private static func agree(_ one: AnswerValue.Quantity, _ two: AnswerValue.Quantity) -> Bool {
    guard haveSameUnit(one, two) else { return false }
    return readings(one, isReference: true, other: two).contains { first in
      readings(two, isReference: false, other: one).contains { FormulaComparison.agree(first, $0) }
    }
  }

  private static func haveSameUnit(
    _ one: AnswerValue.Quantity, _ two: AnswerValue.Quantity
  ) -> Bool {
    // A single letter is a unit only beside the same unit spelt out.
    if one.isLetterUnit || two.isLetterUnit {
      return one.unit == two.unit || asVariables(one) == asVariables(two)
    }
    return one.unit == nil || two.unit == nil || one.unit == two.unit
  }

  private static func asVariables(_ quantity: AnswerValue.Quantity) -> Bool {
    quantity.unit != nil && quantity.isLetterUnit
  }

  /// What a formula may mean: 25 % is 25 or a quarter, 120° is 120 or two thirds of π.
  ///
  /// A reference in per cent or degrees takes a bare number as such; a bare reference takes a
  /// percentage by its number or by its value, and an angle of π by its degrees.
  private static func readings(
    _ quantity: AnswerValue.Quantity, isReference: Bool, other: AnswerValue.Quantity
  ) -> [MathExpression] {
    switch bare(quantity.expression) {
    case .percent(let inner): return [inner, .percent(inner)]
    case .degrees(let inner):
      return isReference ? [inner] : [inner, .degrees(inner)]
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
}

// Lists, sets, intervals.
extension ValueComparison {
  private static func agree(
    _ one: [AnswerValue], _ first: AnswerValue.Fence, _ two: [AnswerValue],
    _ second: AnswerValue.Fence
  ) -> Bool {
    switch (first, second) {
    case (.set, .set), (.set, .none), (.none, .set): return areSameMembers(one, two)
    case (.none, .none):
      return areSameDefinitions(one, two) ?? areSameMembers(one, two)
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

  /// Whether every member of one has a partner of its own in the other.
  private static func areSameMembers(_ one: [AnswerValue], _ two: [AnswerValue]) -> Bool {
    guard one.count == two.count, one.count <= 64 else { return false }
    var rest = two
    for member in one {
      guard let place = rest.firstIndex(where: { agree(member, $0) }) else { return false }
      rest.remove(at: place)
    }
    return true
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
}
