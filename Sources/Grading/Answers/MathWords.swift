/// The words and signs that an answer may use, and what they mean.
enum MathWords {
  /// Commands that only change how something looks.
  static let ignoredCommands: Set<String> = [
    "left", "right", "big", "Big", "bigg", "Bigg", "bigl", "bigr", "Bigl", "Bigr", "displaystyle",
    "textstyle", "limits", "quad", "qquad", "hspace", "hfill", "boldsymbol", "bf", "rm", "it",
    "middle", "hline", "scriptstyle", "biggl", "biggr", "Biggl", "Biggr", "mathstrut", "nolimits",
    "bigm", "thinspace", "enspace", "tfrac ", "bm", "pmb",
  ]
  /// Commands whose braces hold text.
  static let textCommands: Set<String> = [
    "text", "textbf", "textit", "textrm", "textnormal", "texttt", "mathrm", "mathbf", "mathit",
    "mathsf", "mbox", "hbox", "operatorname", "emph", "textsf", "textsc", "mathnormal", "mathcal",
  ]
  /// Commands that make a letter a direction: `\hat{i}`, `\mathbf{j}`.
  static let directionCommands: Set<String> = ["hat", "mathbf", "vec", "boldsymbol", "widehat"]
  /// Other names of the same command.
  static let canonicalCommands = [
    "dfrac": "frac", "tfrac": "frac", "cfrac": "frac", "dbinom": "binom", "tbinom": "binom",
    "times": "*", "cdot": "*", "ast": "*", "div": "/", "le": "<=", "leq": "<=", "leqslant": "<=",
    "ge": ">=", "geq": ">=", "geqslant": ">=", "lt": "<", "gt": ">", "ne": "!=", "neq": "!=",
    "approx": "~", "simeq": "~", "degree": "circ", "infin": "infty", "varnothing": "emptyset",
    "lbrace": "{", "rbrace": "}", "colon": ":", "lbrack": "[", "rbrack": "]", "vert": "|",
    "lvert": "|", "rvert": "|", "mp": "pm", "land": "and", "lor": "or", "backslash": "setminus",
    "smallsetminus": "setminus", "implies": "Rightarrow", "therefore": "Rightarrow",
    "Longrightarrow": "Rightarrow", "R": "reals", "reals": "reals", "bar": "overline",
    "dot": "overline", "iff": "Rightarrow", "Leftrightarrow": "Rightarrow", "sdot": "*",
    "bullet": "*", "arcctg": "arccot", "hslash": "hbar", "tan^{-1}": "arctan",
  ]
  /// Words of plain text that stand for a command.
  static let commands = [
    "pi": "pi", "infinity": "infty", "infty": "infty", "inf": "infty", "sqrt": "sqrt",
    "percent": "%", "percentage": "%", "pct": "%", "degrees": "circ", "degree": "circ",
    "deg": "circ", "cup": "cup", "union": "cup", "or": "or", "and": "and", "frac": "frac",
    "emptyset": "emptyset",
  ]
  /// Signs of Unicode, and those of ASCII that mean a command.
  static let signs: [Character: [MathToken]] = [
    "−": [.sign("-")], "–": [.sign("-")], "—": [.sign("-")], "×": [.sign("*")], "·": [.sign("*")],
    "⋅": [.sign("*")], "÷": [.sign("/")], "⁄": [.sign("/")], "π": [.command("pi")],
    "∞": [.command("infty")], "√": [.command("sqrt")], "°": [.sign("^"), .command("circ")],
    "≤": [.command("<=")], "≥": [.command(">=")], "≠": [.command("!=")], "≈": [.command("~")],
    "∪": [.command("cup")], "∩": [.command("cap")], "∈": [.command("in")], "±": [.command("pm")],
    "∅": [.command("emptyset")], "%": [.command("%")], "∶": [.sign(":")], "，": [.sign(",")],
    "⩽": [.command("<=")], "⩾": [.command(">=")], "∓": [.command("pm")],
  ]
  /// Two signs of ASCII that mean one.
  static let pairs: [String: MathToken] = [
    "<=": .command("<="), ">=": .command(">="), "!=": .command("!="), "==": .sign("="),
    "**": .sign("^"), "=<": .command("<="), "=>": .command(">="),
  ]
  /// Words that multiply what stands before them.
  static let multiples = [
    "hundred": "100", "thousand": "1000", "million": "1000000", "billion": "1000000000",
    "trillion": "1000000000000", "dozen": "12", "dozens": "12", "score": "20",
    "hundreds": "100", "thousands": "1000", "millions": "1000000", "gross": "144",
  ]
  /// Words for numbers.
  static let numbers = [
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14,
    "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20,
    "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
  ]
  /// Words for parts, by what they divide by.
  static let parts = [
    "half": 2, "halves": 2, "third": 3, "thirds": 3, "quarter": 4, "quarters": 4, "fourth": 4,
    "fourths": 4, "fifth": 5, "fifths": 5, "sixth": 6, "sixths": 6, "seventh": 7, "sevenths": 7,
    "eighth": 8, "eighths": 8, "ninth": 9, "ninths": 9, "tenth": 10, "tenths": 10,
    "twelfth": 12, "twelfths": 12, "hundredth": 100, "hundredths": 100, "thousandths": 1000,
  ]
  /// Words that change what a number beside them means, so that they name nothing that is counted.
  static let changing: Set<String> = [
    "to", "or", "than", "more", "less", "fewer", "minus", "plus", "times", "not", "but", "if",
    "unless", "except", "between", "least", "most", "over", "under", "above", "below", "from",
    "through", "until", "till", "divided", "multiplied", "squared", "cubed", "power", "factorial",
    "choose", "out", "of", "no", "never", "cannot", "isn", "without", "half", "double", "twice",
    "mod", "modulo", "up", "down", "at", "about", "percent", "smaller", "larger", "greater",
    "bigger", "higher", "lower", "versus", "vs", "off", "maybe", "perhaps", "either", "neither",
    "nor", "and", "beyond", "exceeding", "wrong", "incorrect", "false", "remainder",
  ]

  /// Whether a word means something, so that it is no product of letters.
  static func isKnown(_ word: String) -> Bool {
    let lower = word.lowercased()
    return commands[lower] != nil || MathFunction.named(lower) != nil || Unit.named(lower) != nil
      || multiples[lower] != nil || numbers[lower] != nil || changing.contains(lower)
      || isShortWord(lower)
  }

  /// Whether a word belongs to mathematics, so that a text with it alone is no plain text.
  static func isMathematics(_ word: String) -> Bool {
    commands[word] != nil || MathFunction.named(word) != nil || Unit.named(word) != nil
      || numbers[word] != nil || multiples[word] != nil || parts[word] != nil
  }

  /// Whether a short word of small letters is a product of variables: `xy`, but not `no`.
  static func isProduct(_ word: Substring) -> Bool {
    (2...3).contains(word.count) && !isKnown(String(word))
      && (word.allSatisfy(\.isLowercase) || word.allSatisfy(\.isUppercase))
  }

  /// Whether this is one of the short words of English, which no product of letters is.
  static func isShortWord(_ word: some StringProtocol) -> Bool {
    word.count <= 3 && shortWords.contains(String(word))
  }

  private static let shortWords: Set<String> = Set(
    """
    a ace act add age ago aid aim air all am an and ant any ape arc are arm art as ash ask at ate \
    bad bag ban bar bat be bed bee beg bet bid big bin bit boo bow box boy bud bug bus but buy by \
    cab can cap car cat cod cow cry cup cut dad day dew did die dig dim dip do dog don dot dry dug \
    due ear eat ebb eel egg ego elf elk elm end eve ewe eye fan far fat fax few fig fin fir fit fix \
    fly fog for fox fun fur gap gas gel gem get go god got gum gun gut guy gym had ham has hat he \
    hen her hid him hip his hit hog hop hot how hub hue hug hut ice icy if ill in ink inn ion is it \
    ivy jam jar jaw jet job jog joy jug key kid kin kit lab lad lag lap law lay led leg let lid lie \
    lip lit log lot low mad man map mat may me men mix mob mom mop mud mug my nap net new nil no \
    nod non nor not now nun nut oak oar odd of off oil old on one or our out owe owl own pad pan \
    pat paw pay pea pen per pet pie pig pin pit pod pop pot pub put rag ram ran rat raw ray red rib \
    rid rim rip rob rod rot row rub rug run rye sad sat saw say sea see set sew she shy sin sip sir \
    sit six sky sly so sob son sow soy spa spy sum sun tab tag tan tap tar tax tea ten the tie tin \
    tip to toe tom ton too top toy try tub two up us use van vat vet via vow wag war was wax way we \
    web wed wet who why wig win wit wok won yes yet you zip zoo ben bob dan eve ian jim joe kim leo \
    lee max meg mia pam pat ray roy sam sue ted tim una amy ann ava eva guy hal ida jan jay jen jon \
    kay ken liz lou mae nan ned rob ron sal sid tom von zoe ed al jo
    pm mod max min gcd lcm det log lg rs eur gbp usd inr
    """.split(whereSeparator: \.isWhitespace).map(String.init))
}
