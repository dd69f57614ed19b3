/// What stands after `is`: Jinja's tests.
enum TemplateTests {
  /// A test.
  typealias Test =
    @Sendable (TemplateRenderer, TemplateValue, TemplateArguments) throws -> Bool

  /// All by name.
  static let all: [String: Test] = {
    var all = kinds
    all.merge(numbers) { $1 }
    all.merge(comparisons) { $1 }
    return all
  }()

  private static let kinds: [String: Test] = [
    "defined": { _, value, _ in !value.isUndefined },
    "undefined": { _, value, _ in value.isUndefined },
    "none": { _, value, _ in if case .none = value { true } else { false } },
    "boolean": { _, value, _ in if case .bool = value { true } else { false } },
    "true": { _, value, _ in if case .bool(true) = value { true } else { false } },
    "false": { _, value, _ in if case .bool(false) = value { true } else { false } },
    "string": { _, value, _ in value.characters != nil },
    "mapping": { _, value, _ in if case .dictionary = value { true } else { false } },
    "escaped": { _, value, _ in if case .markup = value { true } else { false } },
    "callable": { _, value, _ in if case .function = value { true } else { false } },
    "iterable": { _, value, _ in
      switch value {
      case .undefined, .string, .markup, .sequence, .dictionary, .generator, .loop: true
      default: false
      }
    },
    "sequence": { _, value, _ in
      switch value {
      case .undefined, .string, .markup, .dictionary: true
      case .sequence(let sequence): if case .view = sequence.kind { false } else { true }
      default: false
      }
    },
    "filter": { _, value, _ in TemplateFilters.all[value.written.asString] != nil },
    "test": { _, value, _ in all[value.written.asString] != nil },
    "lower": { renderer, value, _ in
      isCased(try renderer.written(value)) { $0.properties.isUppercase }
    },
    "upper": { renderer, value, _ in
      isCased(try renderer.written(value)) { $0.properties.isLowercase }
    },
  ]

  private static func isCased(
    _ text: [Unicode.Scalar], _ isOther: (Unicode.Scalar) -> Bool
  ) -> Bool {
    text.contains { $0.properties.isUppercase || $0.properties.isLowercase }
      && !text.contains(where: isOther)
  }

  private static let numbers: [String: Test] = [
    "number": { _, value, _ in value.number != nil },
    "integer": { _, value, _ in if case .integer = value { true } else { false } },
    "float": { _, value, _ in if case .float = value { true } else { false } },
    "odd": { renderer, value, _ in try rest(renderer, value, .integer(2)).equals(.integer(1)) },
    "even": { renderer, value, _ in try rest(renderer, value, .integer(2)).equals(.integer(0)) },
    "divisibleby": { renderer, value, arguments in
      try rest(renderer, value, try arguments.required(0, "num")).equals(.integer(0))
    },
  ]

  private static func rest(
    _ renderer: TemplateRenderer, _ value: TemplateValue, _ divisor: TemplateValue
  ) throws -> TemplateValue {
    guard value.number != nil else { throw TemplateError("\(value.kind) is no number") }
    return try TemplateArithmetic(renderer: renderer).value("%", value, divisor)
  }

  private static let comparisons: [String: Test] = {
    var all: [String: Test] = [
      "sameas": { _, value, arguments in
        let other = try arguments.required(0, "other")
        switch (value, other) {
        case (.bool(let one), .bool(let two)): return one == two
        case (.none, .none): return true
        case (.integer(let one), .integer(let two)): return one == two
        case (.string(let one), .string(let two)): return one == two
        default: return value.isSame(other)
        }
      }
    ]
    let signs = [
      "==": ["eq", "equalto", "=="], "!=": ["ne", "!="], "<": ["lt", "lessthan", "<"],
      "<=": ["le", "<="], ">": ["gt", "greaterthan", ">"], ">=": ["ge", ">="], "in": ["in"],
    ]
    for (sign, names) in signs {
      for name in names {
        all[name] = { renderer, value, arguments in
          try renderer.compare(value, sign, try arguments.required(0, "other"))
        }
      }
    }
    return all
  }()
}
