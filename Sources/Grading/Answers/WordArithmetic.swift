/// Turns words that calculate into signs: “12 minus 5”, “half of 10”, “2 to the power of 5”.
struct WordArithmetic {
  private let given: [MathToken]
  private var place = 0
  private var result: [MathToken] = []

  /// The tokens with words that calculate, and words for numbers, as signs and digits.
  static func rewritten(_ tokens: [MathToken]) -> [MathToken] {
    let isWritten = tokens.contains { token in
      if case .word = token { true } else { token == .letter("x") }
    }
    guard isWritten else { return tokens }
    var rewriter = WordArithmetic(given: tokens)
    while rewriter.place < tokens.count {
      if !rewriter.takePhrase() { rewriter.takeNumber() }
    }
    return swapped(rewriter.result)
  }

  private init(given: [MathToken]) { self.given = given }

  /// Phrases that stand for a sign, the longest first; whether a number must stand before them.
  private static let phrases: [(words: [String], tokens: [MathToken], isBetween: Bool)] = [
    (["raised", "to", "the", "power", "of"], [.sign("^")], true),
    (["to", "the", "power", "of"], [.sign("^")], true),
    (["raised", "to", "the", "power"], [.sign("^")], true),
    (["to", "the", "power"], [.sign("^")], true),
    (["the", "square", "root", "of"], [.command("sqrt")], false),
    (["the", "cube", "root", "of"], cubeRoot, false),
    (["square", "root", "of"], [.command("sqrt")], false),
    (["cube", "root", "of"], cubeRoot, false),
    (["multiplied", "by"], [.sign("*")], true), (["divided", "by"], [.sign("/")], true),
    (["out", "of"], [.sign("/")], true), (["raised", "to"], [.sign("^")], true),
    (["plus"], [.sign("+")], true), (["minus"], [.sign("-")], false),
    (["negative"], [.sign("-")], false), (["times"], [.sign("*")], true),
    (["over"], [.sign("/")], true), (["squared"], [.sign("^"), .number("2")], true),
    (["cubed"], [.sign("^"), .number("3")], true), (["factorial"], [.sign("!")], true),
    (["choose"], [.command("choose")], true), (["of"], [.sign("*")], true),
    (["twice"], [.number("2"), .sign("*")], false),
    (["double"], [.number("2"), .sign("*")], false),
    (["thrice"], [.number("3"), .sign("*")], false),
    (["triple"], [.number("3"), .sign("*")], false),
    (["less", "than"], [.command("less than")], true),
    (["fewer", "than"], [.command("less than")], true),
    (["more", "than"], [.command("more than")], true),
  ]
  private static let cubeRoot: [MathToken] = [
    .command("sqrt"), .sign("["), .number("3"), .sign("]"),
  ]

  private static func word(_ token: MathToken) -> String? {
    switch token {
    case .word(let word): word.lowercased()
    case .letter(let letter): letter == "a" ? "a" : nil
    default: nil
    }
  }

  /// The next place that is no space.
  private func next(_ from: Int) -> Int? { (from..<given.count).first { given[$0] != .space } }

  /// The place after some words that begin here; nil where others do.
  private func end(of words: [String], from start: Int) -> Int? {
    var place = start
    for word in words {
      guard let found = next(place), Self.word(given[found]) == word else { return nil }
      place = found + 1
    }
    return place
  }

  /// Whether what was written last ends a formula.
  private var followsValue: Bool {
    switch result.last(where: { $0 != .space }) {
    case .number, .letter, .sign(")"), .sign("}"), .sign("!"), .command("%"), .command("pi"): true
    default: false
    }
  }

  private mutating func takePhrase() -> Bool {
    // “3 x 10^8”, with white space on both sides.
    if given[place] == .letter("x"), case .number = result.last(where: { $0 != .space }),
      result.last == .space, place + 2 < given.count, given[place + 1] == .space,
      case .number = given[place + 2]
    {
      result.append(.sign("*"))
      place += 1
      return true
    }
    guard case .word = given[place] else { return false }
    if takeSumOf() { return true }
    for phrase in Self.phrases where !phrase.isBetween || followsValue {
      guard let end = end(of: phrase.words, from: place) else { continue }
      // “50% of” and “half of” multiply; “5 of them” does not.
      if phrase.words == ["of"] || phrase.words == ["over"], !startsValue(end) { continue }
      while result.last == .space { result.removeLast() }
      result += phrase.tokens
      place = end
      return true
    }
    return false
  }

  /// “the sum of 2 and 3”, with two numbers.
  private mutating func takeSumOf() -> Bool {
    for (name, sign) in [("sum", Character("+")), ("product", "*")] {
      guard
        let after = end(of: ["the", name, "of"], from: place)
          ?? end(of: [name, "of"], from: place),
        let first = next(after), case .number = given[first], let joint = next(first + 1),
        given[joint] == .command("and"), let second = next(joint + 1),
        case .number = given[second]
      else { continue }
      result += [.sign("("), given[first], .sign(sign), given[second], .sign(")")]
      place = second + 1
      return true
    }
    return false
  }

  private func startsValue(_ from: Int) -> Bool {
    guard let place = next(from) else { return false }
    switch given[place] {
    case .number, .sign("("), .command("frac"), .command("sqrt"): return true
    case .word(let word): return MathWords.numbers[word.lowercased()] != nil
    case .letter(let letter): return letter != "a"
    default: return false
    }
  }

  /// A number in words, a part or a multiple, or the token as it is.
  private mutating func takeNumber() {
    let word = Self.word(given[place]) ?? ""
    if word == "a" || word == "an", let following = next(place + 1), following > place + 1,
      let name = Self.word(given[following]), MathWords.parts[name] != nil || isMultiple(name)
    {
      result.append(.number("1"))
      place = following
    } else if word == "a", followsNumber, let following = next(place + 1), following > place + 1,
      let name = Self.word(given[following]), Unit.named(name) != nil
    {
      // “5 dollars a day”.
      result.append(.word("per"))
      place += 1
    } else if MathWords.numbers[word] != nil, let number = counted(from: place) {
      result.append(.number("\(number.value)"))
      place = number.end
    } else if let divisor = MathWords.parts[word], followsNumber || word == "half" {
      if !followsNumber { result.append(.number("1")) }
      wrap(.sign("/"), .number("\(divisor)"))
    } else if isMultiple(word), followsNumber, let factor = MathWords.multiples[word] {
      wrap(.sign("*"), .number(factor))
    } else {
      result.append(given[place])
      place += 1
    }
  }

  private func isMultiple(_ word: String) -> Bool { MathWords.multiples[word] != nil }

  private var followsNumber: Bool {
    switch result.last(where: { $0 != .space }) {
    case .number, .sign(")"): true
    default: false
    }
  }

  /// Puts the number written last in brackets with what applies to it.
  private mutating func wrap(_ sign: MathToken, _ number: MathToken) {
    while result.last == .space { result.removeLast() }
    place += 1
    guard case .number = result.last, let last = result.popLast() else {
      result += [sign, number]
      return
    }
    result += [.sign("("), last, sign, number, .sign(")")]
  }

  /// A number in words before a part, a multiple or a sign, such as “three quarters”.
  ///
  /// By itself a word is not taken for digits.
  private func counted(from start: Int) -> (value: Int, end: Int)? {
    let number = spelled(from: start)
    let following = next(number.end).flatMap { Self.word(given[$0]) } ?? ""
    let isApplied =
      MathWords.parts[following] != nil || isMultiple(following) || following == "times"
      || following == "plus" || following == "minus" || following == "divided"
      || following == "squared" || following == "cubed" || following == "out"
    return isApplied || result.last(where: { $0 != .space }).map(Self.isSign) == true ? number : nil
  }

  private static func isSign(_ token: MathToken) -> Bool {
    if case .sign(let sign) = token { "+-*/^".contains(sign) } else { false }
  }

  /// “two hundred and five” from its first word on.
  private func spelled(from start: Int) -> (value: Int, end: Int) {
    var (total, group, end) = (0, 0, start)
    var place: Int? = start
    while let here = place, let word = Self.word(given[here]) {
      if let value = MathWords.numbers[word], group % 100 == 0 || group % 10 == 0 && value < 10 {
        group += value
      } else if word == "hundred", (1...9).contains(group) {
        group *= 100
      } else if word == "thousand", (1...999).contains(group), total == 0 {
        (total, group) = (group * 1000, 0)
      } else {
        break
      }
      end = here + 1
      place = next(end)
      // A hyphen, or an “and” before more digits.
      if let joint = place, given[joint] == .sign("-") || given[joint] == .command("and"),
        let after = next(joint + 1), let more = Self.word(given[after]),
        let value = MathWords.numbers[more], group % 100 == 0 ? group > 0 : value < 10
      {
        place = after
      }
    }
    return (total + group, end)
  }

  /// “3 less than 10” as 10 − 3.
  private static func swapped(_ tokens: [MathToken]) -> [MathToken] {
    for (name, sign) in [("less than", Character("-")), ("more than", "+")] {
      guard let place = tokens.firstIndex(of: .command(name)) else { continue }
      let after = tokens[(place + 1)...]
      guard after.contains(where: { if case .number = $0 { true } else { false } }) else {
        continue
      }
      return Array(after) + [.sign(sign), .sign("(")] + tokens[..<place] + [.sign(")")]
    }
    return tokens
  }
}
