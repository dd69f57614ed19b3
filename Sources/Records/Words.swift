/// Makes sentences about words that were not understood.
enum Words {
  /// The word in quotes, shortened and without what a terminal might obey.
  static func quoted(_ word: String) -> String {
    "“" + inert(String(word.unicodeScalars.prefix(60)))
      + (word.unicodeScalars.count > 60 ? "…" : "") + "”"
  }

  /// The text with a dot for every character that a terminal might obey.
  static func inert(_ text: String) -> String {
    text.unicodeScalars.map { scalar in
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator: "·"
      default: String(scalar)
      }
    }.joined()
  }

  /// “did you mean …” where one is near, else what is allowed.
  static func choice(_ allowed: [String], insteadOf word: String) -> String {
    let nearest = nearest(allowed, to: word)
    return nearest + (nearest.isEmpty ? "allowed: " : "Allowed: ") + allowed.joined(separator: ", ")
  }

  /// “did you mean …? ” where one is near, else nothing.
  static func nearest(_ allowed: [String], to word: String) -> String {
    let ranked = allowed.map { ($0, distance($0, word)) }.min { $0.1 < $1.1 }
    guard let (nearest, far) = ranked, far <= max(1, nearest.count / 3) else { return "" }
    return "did you mean \(quoted(nearest))? "
  }

  // Levenshtein's distance, capped by looking at 60 characters only.
  private static func distance(_ one: String, _ other: String) -> Int {
    let left = Array(one.prefix(60))
    let right = Array(other.prefix(60))
    var row = Array(0...right.count)
    for (i, character) in left.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, rival) in right.enumerated() {
        let cost = diagonal + (character == rival ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(cost, diagonal + 1, row[j] + 1)
      }
    }
    return row[right.count]
  }
}
