/// The number that a clause states, with what it is measured in.
struct StatedNumber {
  private let words: [String]
  private var runs: [Range<Int>] = []

  /// The number of a clause; nil where it holds none, empty where it bounds one or leaves it open.
  static func text(in words: [String], isStated: Bool) -> String? {
    let said = afterEquals(words)
    var reader = StatedNumber(words: said ?? words)
    reader.findRuns()
    reader.leaveNames()
    guard let run = reader.chosen(isStated: isStated, isFirst: said != nil) else {
      return reader.runs.isEmpty ? nil : ""
    }
    guard !reader.isBound(run, isResult: said != nil), !reader.isOpen(run) else { return "" }
    let text = reader.text(of: run)
    return AnswerEquivalence.isReadable(text) ? text : ""
  }

  private init(words: [String]) { self.words = words }

  /// The words after the last equals sign that stands in no formula; nil where there is none.
  private static func afterEquals(_ words: [String]) -> [String]? {
    for place in words.indices.reversed() where !words[place].contains("$\\") {
      let word = words[place]
      guard !isFormula(word), let sign = word.lastIndex(of: "="),
        sign == word.startIndex || !"<>!=".contains(word[word.index(before: sign)])
      else { continue }
      let rest = String(word[word.index(after: sign)...])
      let after = (rest.isEmpty ? [] : [rest]) + words[(place + 1)...]
      return after.contains { $0.contains(where: \.isNumber) } ? after : nil
    }
    return nil
  }

  private static func isFormula(_ word: String) -> Bool {
    word.count > 2 && word.first == "$" && word.dropFirst().contains("$")
  }
}

// The runs of words that are one number or one calculation.
extension StatedNumber {
  private mutating func findRuns() {
    var place = 0
    while place < words.count {
      guard isNumber(place) else {
        place += 1
        continue
      }
      var end = place + 1
      while let next = joined(from: end) { end = next }
      if !isNumbering(place, end), !isYear(place, end) { runs.append(place..<end) }
      place = end
    }
  }

  private func bare(_ place: Int) -> String {
    guard words.indices.contains(place) else { return "" }
    return words[place].lowercased().filter { $0.isLetter }
  }

  /// Whether a word is a number or a formula; `3rd` and `B2` are none.
  private func isNumber(_ place: Int) -> Bool {
    let word = TypedText.plain(words[place])
    if Self.isFormula(word) || word.hasPrefix("\\frac") || word.hasPrefix("\\sqrt") { return true }
    let inside = word.drop { "(*\"'`$€£¥₹-−+~_[<\\".contains($0) }
    guard inside.first?.isASCIIDigit == true || inside.hasPrefix(".") && inside.count > 1 else {
      return false
    }
    let tail = inside.drop { $0.isASCIIDigit || ".,".contains($0) }
    return !["st", "nd", "rd", "th"].contains(tail.lowercased().filter(\.isLetter))
  }

  private static let signs: Set<String> = ["+", "-", "−", "*", "/", "×", "·", "÷", "x", "^"]

  /// The end of what goes on with the number before: a sign and another number, a fraction, or “out
  /// of” and another number.
  private func joined(from place: Int) -> Int? {
    guard place + 1 <= words.count - 1 || place < words.count else { return nil }
    if endsClause(place - 1) {
      let isList = words[place - 1].last == "," && place < words.count && isNumber(place)
      return isList ? place + 1 : nil
    }
    if Self.signs.contains(words[place]), place + 1 < words.count, isNumber(place + 1) {
      return place + 2
    }
    if place + 2 < words.count, bare(place) == "out", bare(place + 1) == "of", isNumber(place + 2) {
      return place + 3
    }
    let isPercent = words[place - 1].hasSuffix("%") || bare(place - 1) == "percent"
    if bare(place) == "of", isPercent, place + 1 < words.count, isNumber(place + 1) {
      return place + 2
    }
    // Several numbers are one answer: “5 and 7”, “5 or 7”.
    if ["and", "or"].contains(bare(place)), place + 1 < words.count, isNumber(place + 1) {
      return place + 2
    }
    // A mixed number: 2 1/2.
    return isNumber(place) && words[place].contains("/") ? place + 1 : nil
  }

  private func endsClause(_ place: Int) -> Bool {
    words[place].last.map { ",;:".contains($0) } ?? false
  }

  private func isNumbering(_ start: Int, _ end: Int) -> Bool {
    let before = bare(start - 1)
    if [
      "step", "question", "problem", "equation", "case", "part", "figure", "page", "example",
      "option", "number", "chapter", "line", "no",
    ].contains(before), start > 0 {
      return before != "number" || bare(start - 2) == "question"
    }
    return start == 0 && end == 1 && words.count > 1
      && (words[0].hasSuffix(".") || words[0].hasSuffix(")") && !words[0].hasPrefix("("))
  }

  private func isYear(_ start: Int, _ end: Int) -> Bool {
    guard end == start + 1, let year = Int(words[start].filter { $0.isASCIIDigit }),
      (1000...2100).contains(year),
      words[start].allSatisfy({ $0.isASCIIDigit || ".,)".contains($0) })
    else { return false }
    return [
      "in", "year", "since", "by", "during", "until", "january", "february", "march", "april",
      "may", "june", "july", "august", "september", "october", "november", "december",
    ].contains(bare(start - 1))
  }
}

// Which of them is meant.
extension StatedNumber {
  private static let strong: Set<String> = [
    "is", "are", "was", "were", "be", "equals", "total", "totals", "totaling", "altogether",
  ]
  private static let weak: Set<String> = [
    "has", "have", "had", "makes", "make", "made", "gets", "get", "gives", "costs", "cost", "pays",
    "pay", "earns", "becomes", "leaves", "leaving", "takes", "needs", "spends", "saves", "sells",
  ]

  /// The first number after the verb, where one comes; else the last.
  private func chosen(isStated: Bool, isFirst: Bool) -> Range<Int>? {
    if isFirst { return runs.first }
    let verb =
      words.indices.last { Self.strong.contains(bare($0)) && hasRun(after: $0) }
      ?? words.indices.first { !isStated && Self.weak.contains(bare($0)) && hasRun(after: $0) }
    guard let verb else { return isStated ? runs.first : runs.last }
    return runs.first { $0.lowerBound > verb }
  }

  /// Formulas without a number, such as `$n$`, only name something where a number is said too.
  private mutating func leaveNames() {
    let numbers = runs.filter { run in words[run].contains { $0.contains(where: \.isNumber) } }
    if !numbers.isEmpty { runs = numbers }
  }

  private func hasRun(after place: Int) -> Bool { runs.contains { $0.lowerBound > place } }

  private static let bounds: Set<String> = [
    "least", "most", "than", "over", "under", "above", "below", "between", "within", "beyond",
    "exceeds", "exceed", "exceeding", "nearly", "almost", "up",
  ]

  private static let changing: Set<String> = [
    "squared", "cubed", "factorial", "choose", "halves", "thirds", "divided", "multiplied",
  ]

  /// Whether words around say that the number is only a bound: “at least 5”, “5 or more”, “5 to 10”.
  private func isBound(_ run: Range<Int>, isResult: Bool) -> Bool {
    let before = bare(run.lowerBound - 1)
    if run.lowerBound > 0, Self.bounds.contains(before) { return true }
    if before == "to", run.lowerBound > 1 {
      if isNumber(run.lowerBound - 2) || bare(run.lowerBound - 2) == "up" { return true }
    }
    if before == "and", words[..<run.lowerBound].contains(where: { $0.lowercased() == "between" }) {
      return true
    }
    let (next, second) = (bare(run.upperBound), bare(run.upperBound + 1))
    if next == "or" || Self.changing.contains(next) && !endsClause(run.upperBound - 1) {
      return true
    }
    let isNumberNext = run.upperBound + 1 < words.count && isNumber(run.upperBound + 1)
    if next == "times" {
      return isNumberNext || ["as", "more", "the", "a", "larger"].contains(second)
    }
    return ["to", "through", "minus", "plus"].contains(next) && isNumberNext
      || !isResult && ["less", "more", "fewer"].contains(next) && second == "than"
  }

  /// Whether it is one of two that are left open: “5 or 6”.
  private func isOpen(_ run: Range<Int>) -> Bool {
    let isNumberNext = run.upperBound + 1 < words.count && isNumber(run.upperBound + 1)
    if bare(run.upperBound) == "or", isNumberNext { return true }
    return run.lowerBound > 1 && bare(run.lowerBound - 1) == "or" && isNumber(run.lowerBound - 2)
  }

  /// The number with the unit or the multiple that follows.
  private func text(of run: Range<Int>) -> String {
    var end = run.upperBound
    var parts = words[run].map { $0 }
    while end < words.count, end < run.upperBound + 4, !endsClause(end - 1) {
      let word = bare(end)
      let isUnit =
        Unit.named(word) != nil && word.count > 1 && word != "in"
        || MathWords.multiples[word] != nil
        || ["percent", "degrees", "square", "cubic"].contains(word)
        || word == "per" && Unit.named(bare(end + 1)) != nil
      guard isUnit else { break }
      parts.append(words[end])
      end += 1
    }
    let text = parts.joined(separator: " ")
    let isOpened = text.first == "("
    return text.trimmed { ",.;:!?。，；：！？*\"'`_".contains($0) || !isOpened && $0 == ")" }
  }
}
