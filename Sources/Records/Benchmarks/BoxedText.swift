/// The answer that MATH's solutions put in a box.
enum BoxedText {
  /// What the last `\boxed{…}` (or `\fbox{…}`, or `\boxed 3`) of a solution holds.
  static func last(_ solution: String) -> String? {
    let text = Array(solution)
    let marks = ["\\boxed", "\\fbox"].map(Array.init)
    let starts = text.indices.filter { place in
      marks.contains { text[place...].starts(with: $0) }
    }
    guard let start = starts.last,
      let open = text[start...].firstIndex(where: { $0 == "{" || $0 == " " })
    else { return nil }
    if text[open] == " " {
      return String(text[(open + 1)...].prefix { !$0.isWhitespace && $0 != "$" })
    }
    var depth = 0
    for place in text[open...].indices {
      if text[place] == "{" { depth += 1 }
      if text[place] == "}" { depth -= 1 }
      if depth == 0 { return String(text[(open + 1)..<place]) }
    }
    return nil
  }
}
