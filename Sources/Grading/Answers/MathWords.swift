/// The words and signs that an answer may use, and what they mean.
enum MathWords {
  /// Commands that only change how something looks.
  static let ignoredCommands: Set<String> = [
    "left", "right", "big", "Big", "bigg", "Bigg", "bigl", "bigr", "Bigl", "Bigr", "displaystyle",
    "textstyle", "limits", "quad", "qquad", "hspace", "hfill", "boldsymbol", "bf", "rm", "it",
    "middle", "hline",
  ]
  /// Commands whose braces hold text.
  static let textCommands: Set<String> = [
    "text", "textbf", "textit", "textrm", "textnormal", "texttt", "mathrm", "mathbf", "mathit",
    "mathsf", "mathbb", "mbox", "hbox", "operatorname", "emph",
  ]
  /// Other names of the same command.
  static let canonicalCommands = [
    "dfrac": "frac", "tfrac": "frac", "cfrac": "frac", "dbinom": "binom", "tbinom": "binom",
    "times": "*", "cdot": "*", "ast": "*", "div": "/", "le": "<=", "leq": "<=", "leqslant": "<=",
    "ge": ">=", "geq": ">=", "geqslant": ">=", "lt": "<", "gt": ">", "ne": "!=", "neq": "!=",
    "approx": "~", "simeq": "~", "degree": "circ", "infin": "infty", "varnothing": "emptyset",
    "lbrace": "{", "rbrace": "}", "colon": ":", "lbrack": "[", "rbrack": "]", "vert": "|",
    "lvert": "|", "rvert": "|", "mp": "pm", "land": "and", "lor": "or",
  ]
  /// Words of plain text that stand for a command.
  static let commands = [
    "pi": "pi", "infinity": "infty", "infty": "infty", "inf": "infty", "sqrt": "sqrt",
    "percent": "%", "percentage": "%", "pct": "%", "degrees": "circ", "degree": "circ",
    "cup": "cup", "union": "cup", "or": "or", "and": "and", "frac": "frac", "emptyset": "emptyset",
  ]
  /// Signs of Unicode, and those of ASCII that mean a command.
  static let signs: [Character: [MathToken]] = [
    "−": [.sign("-")], "–": [.sign("-")], "—": [.sign("-")], "×": [.sign("*")], "·": [.sign("*")],
    "⋅": [.sign("*")], "÷": [.sign("/")], "⁄": [.sign("/")], "π": [.command("pi")],
    "∞": [.command("infty")], "√": [.command("sqrt")], "°": [.sign("^"), .command("circ")],
    "≤": [.command("<=")], "≥": [.command(">=")], "≠": [.command("!=")], "≈": [.command("~")],
    "∪": [.command("cup")], "∩": [.command("cap")], "∈": [.command("in")], "±": [.command("pm")],
    "∅": [.command("emptyset")], "²": [.sign("^"), .number("2")], "³": [.sign("^"), .number("3")],
    "½": [.sign("("), .number("1"), .sign("/"), .number("2"), .sign(")")],
    "¼": [.sign("("), .number("1"), .sign("/"), .number("4"), .sign(")")],
    "¾": [.sign("("), .number("3"), .sign("/"), .number("4"), .sign(")")],
    "%": [.command("%")], "∶": [.sign(":")], "，": [.sign(",")],
  ]
  /// Two signs of ASCII that mean one.
  static let pairs: [String: MathToken] = [
    "<=": .command("<="), ">=": .command(">="), "!=": .command("!="), "==": .sign("="),
    "**": .sign("^"), "=<": .command("<="), "=>": .command(">="),
  ]
  /// Words that multiply what stands before them.
  static let multiples = [
    "hundred": "100", "thousand": "1000", "million": "1000000", "billion": "1000000000",
    "trillion": "1000000000000",
  ]
  /// Units by each of their names.
  static let units: [String: String] = {
    let groups = [
      "mm millimeter millimeters millimetre millimetres",
      "cm centimeter centimeters centimetre centimetres",
      "m meter meters metre metres", "km kilometer kilometers kilometre kilometres",
      "in inch inches", "ft foot feet", "yd yard yards", "mi mile miles", "mg milligram milligrams",
      "g gram grams", "kg kilogram kilograms", "lb lbs pound pounds", "oz ounce ounces",
      "ml milliliter milliliters millilitre millilitres", "l liter liters litre litres",
      "gal gallon gallons", "s sec secs second seconds", "min mins minute minutes",
      "h hr hrs hour hours", "day days", "week weeks", "month months", "yr yrs year years",
      "cent cents", "dollar dollars usd bucks", "mph", "kph kmh", "hz", "n newton newtons",
      "j joule joules", "w watt watts", "v volt volts", "k kelvin", "rad radian radians",
    ]
    return groups.reduce(into: [:]) { table, group in
      let names = group.split(separator: " ").map(String.init)
      for name in names { table[name] = names[0] }
    }
  }()

  /// Whether a word means something, so that it is no product of letters.
  static func isKnown(_ word: String) -> Bool {
    let lower = word.lowercased()
    return commands[lower] != nil || MathFunction.named(lower) != nil || units[lower] != nil
      || multiples[lower] != nil || plain.contains(lower)
  }

  private static let plain: Set<String> = [
    "yes", "no", "am", "pm", "per", "of", "the", "is", "in", "to", "a", "an", "not", "log", "lg",
    "rs", "eur", "gbp", "out", "mod", "max", "min", "gcd", "lcm", "det",
  ]
}

extension MathWords {
  /// Whether a word belongs to mathematics, so that a text with it alone is no plain text.
  static func isMathematics(_ word: String) -> Bool {
    commands[word] != nil || MathFunction.named(word) != nil || units[word] != nil
  }
}
