import Foundation

/// Python's arithmetic, and its two ways to fill in a text.
struct TemplateArithmetic {
  let renderer: TemplateRenderer

  /// `+x` or `-x`.
  func signed(_ value: TemplateValue, isNegative: Bool) throws -> TemplateValue {
    if let whole = value.whole {
      let (result, overflow) = (0).subtractingReportingOverflow(whole)
      return .integer(isNegative ? try checked(result, overflow) : whole)
    }
    guard case .float(let number) = value else {
      throw TemplateError("\(value.kind) has no sign")
    }
    return .float(isNegative ? -number : number)
  }

  private func checked(_ value: Int, _ overflow: Bool) throws -> Int {
    guard !overflow else { throw TemplateError("a whole number is larger than Crux reckons with") }
    return value
  }

  /// Two values and an operator between them.
  func value(
    _ sign: String, _ first: TemplateValue, _ second: TemplateValue
  ) throws -> TemplateValue {
    if let one = first.whole, let two = second.whole, sign != "/" {
      return try whole(sign, one, two)
    }
    if let one = first.number, let two = second.number {
      return try .float(number(sign, one, two))
    }
    switch (sign, first, second) {
    case ("+", _, _): return try sum(first, second)
    case ("*", _, _):
      if let count = second.whole { return try repeated(first, count) }
      if let count = first.whole { return try repeated(second, count) }
    case ("%", .string(let text), _):
      return .string(try TemplateFormat(renderer: renderer).filled(text, with: second))
    default: break
    }
    throw TemplateError("\(quoted(sign)) cannot stand between \(first.kind) and \(second.kind)")
  }

  private func whole(_ sign: String, _ one: Int, _ two: Int) throws -> TemplateValue {
    switch sign {
    case "+":
      let sum = one.addingReportingOverflow(two)
      return .integer(try checked(sum.partialValue, sum.overflow))
    case "-":
      let difference = one.subtractingReportingOverflow(two)
      return .integer(try checked(difference.partialValue, difference.overflow))
    case "*":
      let product = one.multipliedReportingOverflow(by: two)
      return .integer(try checked(product.partialValue, product.overflow))
    case "**": return try power(one, two)
    default:
      guard two != 0 else { throw TemplateError("a number is divided by zero") }
      let quotient = one.dividedReportingOverflow(by: two)
      let rest = one.remainderReportingOverflow(dividingBy: two).partialValue
      let isBelow = rest != 0 && (rest < 0) != (two < 0)
      guard sign == "//" else { return .integer(isBelow ? rest + two : rest) }
      return .integer(try checked(quotient.partialValue, quotient.overflow) - (isBelow ? 1 : 0))
    }
  }

  private func power(_ base: Int, _ exponent: Int) throws -> TemplateValue {
    guard exponent >= 0 else { return .float(try number("**", Double(base), Double(exponent))) }
    if base.magnitude < 2 {
      return .integer(exponent == 0 ? 1 : base == -1 && exponent % 2 == 0 ? 1 : base)
    }
    var result = 1
    for _ in 0..<min(exponent, 64) {
      let product = result.multipliedReportingOverflow(by: base)
      result = try checked(product.partialValue, product.overflow)
    }
    return .integer(result)
  }

  private func number(_ sign: String, _ one: Double, _ two: Double) throws -> Double {
    switch sign {
    case "+": return one + two
    case "-": return one - two
    case "*": return one * two
    case "**": return Foundation.pow(one, two)
    default:
      guard two != 0 else { throw TemplateError("a number is divided by zero") }
      if sign == "/" { return one / two }
      let rest = one.truncatingRemainder(dividingBy: two)
      let isBelow = rest != 0 && (rest < 0) != (two < 0)
      return sign == "%" ? (isBelow ? rest + two : rest) : (one / two).rounded(.down)
    }
  }

  private func sum(
    _ first: TemplateValue, _ second: TemplateValue
  ) throws -> TemplateValue {
    if let one = first.characters, let two = second.characters {
      try renderer.reserve(one.count + two.count)
      switch (first, second) {
      case (.string, .string): return .string(one + two)
      case (.markup, .markup): return .markup(one + two)
      case (.markup, _): return .markup(one + two.escaped)
      default: return .markup(one.escaped + two)
      }
    }
    if case .sequence(let one) = first, case .sequence(let two) = second, one.kind == two.kind,
      one.kind == .list || one.kind == .tuple
    {
      try renderer.reserve(one.size.count + two.size.count)
      return .sequence(TemplateSequence(kind: one.kind, elements: one.elements + two.elements))
    }
    throw TemplateError("‘+’ cannot stand between \(first.kind) and \(second.kind)")
  }

  private func repeated(
    _ value: TemplateValue, _ count: Int
  ) throws -> TemplateValue {
    let product = value.size.count.multipliedReportingOverflow(by: max(0, count))
    try renderer.reserve(product.overflow ? .max : product.partialValue)
    switch value {
    case .string(let text):
      return .string(Array(repeatElement(text, count: max(0, count)).joined()))
    case .markup(let text):
      return .markup(Array(repeatElement(text, count: max(0, count)).joined()))
    case .sequence(let list) where list.kind == .list || list.kind == .tuple:
      let elements = Array(repeatElement(list.elements, count: max(0, count)).joined())
      return .sequence(TemplateSequence(kind: list.kind, elements: elements))
    default: throw TemplateError("\(value.kind) cannot be multiplied")
    }
  }
}

extension [Unicode.Scalar] {
  /// With the five characters that HTML reads as markup written as entities.
  var escaped: [Unicode.Scalar] {
    flatMap { scalar -> [Unicode.Scalar] in
      switch scalar {
      case "&": [Unicode.Scalar]("&amp;")
      case "<": [Unicode.Scalar]("&lt;")
      case ">": [Unicode.Scalar]("&gt;")
      case "'": [Unicode.Scalar]("&#39;")
      case "\"": [Unicode.Scalar]("&#34;")
      default: [scalar]
      }
    }
  }
}
