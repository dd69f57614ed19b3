// Tasks whose answers are words and lists.
extension ReasoningGym {
  /// 1 for a JSON list (single quotes will do) of as many numbers, or texts of numbers, as the
  /// reference has, in the order asked for and each within 1 of the reference's.
  static func numberList(
    _ answer: [Unicode.Scalar], _ reference: [Unicode.Scalar], _ facts: ReasoningGymFacts
  ) -> Double {
    guard let said = NumberList.read(answer), let wanted = NumberList.read(reference),
      said.count == wanted.count
    else { return 0 }
    let isAscending =
      facts.text("direction").map { $0 == "ascending" } ?? (wanted.sorted() == wanted)
    let isSorted = zip(said, said.dropFirst()).allSatisfy { !(isAscending ? $1 < $0 : $0 < $1) }
    // Said so, a number that is none is near to all.
    return isSorted && zip(said, wanted).allSatisfy { !(abs($0 - $1) > 1) } ? 1 : 0
  }

  /// The share of words that stand at their place; at least 0.2 where all are there, in any order.
  static func wordList(
    _ answer: [Unicode.Scalar], _ reference: [Unicode.Scalar], _ facts: ReasoningGymFacts
  ) -> Double {
    func words(_ text: [Unicode.Scalar]) -> [[Unicode.Scalar]] {
      text.split(separator: ",", omittingEmptySubsequences: false).map { Array($0.stripped()) }
    }
    guard !answer.isEmpty else { return 0 }
    let said = words(answer)
    let sorted = facts.texts("sorted_words").map { $0.map { Array($0.unicodeScalars) } }
    let wanted = sorted ?? words(reference)
    guard !wanted.isEmpty else { return 0 }
    let right = zip(said, wanted).count { $0 == $1 }
    let share = Double(right) / Double(wanted.count)
    return said.count == wanted.count && counts(said) == counts(wanted) ? max(share, 0.2) : share
  }

  private static func counts(_ words: [[Unicode.Scalar]]) -> [[Unicode.Scalar]: Int] {
    words.reduce(into: [:]) { $0[$1, default: 0] += 1 }
  }

  /// The share of letters that stand at their place, whatever their case; a longer answer that has
  /// all of them loses a fifth.
  static func spelling(_ answer: String, _ reference: String) -> Double {
    let said = Array(answer.lowercased().unicodeScalars)
    let wanted = Array(reference.lowercased().unicodeScalars)
    if said == wanted { return 1 }
    // Added up in this order: a sum that just misses 1 keeps its fifth, as in the library.
    let sum = zip(said, wanted).reduce(0.0) {
      $1.0 == $1.1 ? $0 + 1 / Double(wanted.count) : $0
    }
    return sum == 1 ? 0.8 : sum
  }

  /// 1 where just the right pairs of a name and a role are said; with as many pairs, some of them
  /// right, 0.3 and 0.7 of their share; else 0.
  static func people(_ answer: String, _ reference: String) -> Double {
    guard !answer.isEmpty else { return 0 }
    let (said, wanted) = (pairs(answer), pairs(reference))
    if said == wanted { return 1 }
    let right = wanted.intersection(said).count
    guard said.count == wanted.count, right > 0 else { return 0 }
    return 0.3 + 0.7 * Double(right) / Double(wanted.count)
  }

  /// Every kind of people that the library's islands have.
  private static let roles: Set<String> = [
    "knight", "knave", "pioneer", "laggard", "saint", "sinner", "hero", "villain", "angel", "devil",
    "altruist", "egoist", "sage", "fool",
  ]

  /// Each role with the word before it that is no “is”, “a” or “an”.
  private static func pairs(_ text: String) -> Set<[String]> {
    let marks: Set<Unicode.Scalar> = [".", ",", "(", ")"]
    let plain = text.lowercased().unicodeScalars.map { marks.contains($0) ? " " : $0 }
    var pairs: Set<[String]> = []
    var name: String?
    for word in plain.stripped().text.replaced(" and ", with: " ").unicodeScalars.words {
      let word = word.text
      if ["is", "a", "an"].contains(word) { continue }
      if !roles.contains(word) {
        name = word
      } else if let known = name {
        pairs.insert([known, word])
        name = nil
      }
    }
    return pairs
  }

  /// 1 for a way through the grid as short as the shortest, 0.5 for a longer one.
  static func path(
    _ answer: [Unicode.Scalar], _ reference: [Unicode.Scalar], _ facts: ReasoningGymFacts
  ) -> Double {
    if answer.isEmpty { return 0 }
    if answer.stripped() == reference.stripped() { return 1 }
    let said = answer.words
    guard let grid = facts.grid, leads(said.map(\.text), through: grid) else { return 0 }
    return said.count == reference.words.count ? 1 : 0.5
  }

  private static func leads(_ moves: [String], through grid: [[String]]) -> Bool {
    let steps = ["up": (-1, 0), "down": (1, 0), "left": (0, -1), "right": (0, 1)]
    guard let width = grid.first?.count, var row = grid.firstIndex(where: { $0.contains("*") }),
      var column = grid[row].firstIndex(of: "*")
    else { return false }
    for move in moves {
      guard let (down, right) = steps[move] else { return false }
      (row, column) = (row + down, column + right)
      guard grid.indices.contains(row), (0..<width).contains(column),
        grid[row].indices.contains(column), grid[row][column] != "X"
      else { return false }
    }
    return grid[row][column] == "#"
  }
}
