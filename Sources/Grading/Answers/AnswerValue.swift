/// What an answer says, as far as it can be compared.
indirect enum AnswerValue: Equatable, Sendable {
  /// A formula, perhaps with a unit.
  case scalar(Quantity)
  /// Several values, with the brackets around them.
  case list([AnswerValue], Fence)
  /// Intervals and sets joined by ∪, or inequalities joined by “or”.
  case union([AnswerValue])
  /// `x = …`.
  case definition(String, AnswerValue)
  /// The value of a formula in several unknowns: `m + n = 17`; as an equation or as its value.
  case asked(MathExpression, MathExpression)
  /// A comparison of two formulas that is no definition.
  case relation(MathExpression, Comparison, MathExpression)
  /// Rows of a matrix.
  case matrix([[MathExpression]])
  /// `3:4`.
  case ratio([MathExpression])
  /// “5 to 10”: a ratio, or a range; never a number.
  case span(MathExpression, MathExpression)
  /// All real numbers.
  case reals
  /// What is left of the first when the second is taken out.
  case without(AnswerValue, AnswerValue)
  /// The empty set.
  case nothing

  /// A formula with what it is measured in.
  struct Quantity: Equatable, Sendable {
    var expression: MathExpression
    /// The unit; nil where there is none that is known.
    var unit: Unit?
    /// Whether the unit is a single letter that may as well be a variable.
    var isLetterUnit = false
    /// Whether it was said in several units, as `1 hour 30 minutes`.
    var isCompound = false
  }

  /// The brackets around a list.
  struct Fence: Equatable, Sendable {
    var open: Character?
    var close: Character?

    static let none = Fence(open: nil, close: nil)
    static let set = Fence(open: "{", close: "}")
  }

  /// How two formulas are compared.
  enum Comparison: String, Sendable {
    case equal = "="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case different = "!="

    /// The comparison that holds when the sides change places.
    var flipped: Comparison {
      switch self {
      case .less: .greater
      case .lessOrEqual: .greaterOrEqual
      case .greater: .less
      case .greaterOrEqual: .lessOrEqual
      case .equal, .different: self
      }
    }
  }

  static func plain(_ expression: MathExpression) -> AnswerValue {
    .scalar(Quantity(expression: expression))
  }
}
