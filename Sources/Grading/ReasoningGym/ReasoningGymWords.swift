// Tasks whose answers are words, lists and moves.
extension ReasoningGym {
  /// 1 for the same numbers in the same order, written as a list of texts or numbers.
  static func numberList(_ answer: String, _ reference: String) -> Double {
    guard let said = numbers(ofList: answer), let wanted = numbers(ofList: reference) else {
      return 0
    }
    let agrees = zip(said, wanted).allSatisfy { abs($0 - $1) <= 1e-5 * max(1, abs($1)) }
    return said.count == wanted.count && agrees ? 1 : 0
  }

  private static func numbers(ofList text: String) -> [Double]? {
    let list = text.trimmed(while: \.isWhitespace)
    guard list.first == "[", list.last == "]" else { return nil }
    let parts = list.dropFirst().dropLast().split(separator: ",")
    let numbers = parts.map { part -> Double? in
      let bare = String(part).trimmed(while: \.isWhitespace)
      let isQuoted = bare.count > 1 && bare.first == bare.last && "'\"".contains(bare.first ?? " ")
      return number(isQuoted ? String(bare.dropFirst().dropLast()) : bare)
    }
    return numbers.contains(nil) ? nil : numbers.compactMap { $0 }
  }

  /// The share of words that stand at their place.
  static func wordList(_ answer: String, _ reference: String) -> Double {
    func words(_ text: String) -> [String] {
      text.split(separator: ",", omittingEmptySubsequences: false)
        .map { String($0).trimmed(while: \.isWhitespace) }
    }
    let wanted = words(reference)
    let right = zip(words(answer), wanted).count { $0 == $1 }
    return Double(right) / Double(max(1, wanted.count))
  }

  /// The share of letters that stand at their place, whatever their case; a longer answer that has
  /// all of them loses a fifth.
  static func spelling(_ answer: String, _ reference: String) -> Double {
    let (said, wanted) = (Array(answer.lowercased()), Array(reference.lowercased()))
    if said == wanted { return 1 }
    // Added up in this order: a sum that just misses 1 keeps its fifth, as in the library.
    let sum = zip(said, wanted).reduce(0.0) {
      $1.0 == $1.1 ? $0 + 1 / Double(wanted.count) : $0
    }
    return sum == 1 ? 0.8 : sum
  }

  /// 1 where everybody is named rightly; with some of them 0.3 and 0.7 of their share.
  static func people(
    _ answer: String, _ reference: String, _ facts: ReasoningGymFacts
  ) -> Double {
    let roles = facts.roles
    guard let said = roles.flatMap({ named(answer, $0) }),
      let wanted = roles.flatMap({ named(reference, $0) })
    else { return 0 }
    let right = wanted.count { said[$0.key] == $0.value }
    if said == wanted { return 1 }
    return right == 0 ? 0 : 0.3 + 0.7 * Double(right) / Double(wanted.count)
  }

  /// Who is what by “… is a …”, or “… is …” and a role; nil where “a” is followed by no role.
  private static func named(_ text: String, _ roles: [String]) -> [String: String]? {
    var found: [String: String] = [:]
    let words = text.lowercased().replaced(",", with: " ").split(whereSeparator: \.isWhitespace)
    for place in words.indices.dropFirst().dropLast() where words[place] == "is" {
      let next = String(words[place + 1]).trimmed { !$0.isLetter }
      let hasArticle = ["a", "an"].contains(next) && place + 2 < words.count
      let said = hasArticle ? String(words[place + 2]).trimmed { !$0.isLetter } : next
      guard roles.contains(said) else {
        if hasArticle { return nil }
        continue
      }
      found[String(words[place - 1])] = said
    }
    return found.isEmpty ? nil : found
  }

  /// 1 for a way through the grid that is as short as the shortest.
  static func path(_ answer: String, _ reference: String, _ facts: ReasoningGymFacts) -> Double {
    let said = answer.split(whereSeparator: \.isWhitespace).map(String.init)
    let wanted = reference.split(whereSeparator: \.isWhitespace).map(String.init)
    if said == wanted { return 1 }
    guard said.count == wanted.count, let grid = facts.grid else { return 0 }
    return leads(said, through: grid) ? 1 : 0
  }

  private static func leads(_ moves: [String], through grid: [[String]]) -> Bool {
    let steps = ["up": (-1, 0), "down": (1, 0), "left": (0, -1), "right": (0, 1)]
    guard var row = grid.firstIndex(where: { $0.contains("*") }),
      var column = grid[row].firstIndex(of: "*")
    else { return false }
    for move in moves {
      guard let (down, right) = steps[move] else { return false }
      (row, column) = (row + down, column + right)
      guard grid.indices.contains(row), grid[row].indices.contains(column),
        grid[row][column] != "X"
      else { return false }
    }
    return grid[row][column] == "#"
  }
}
