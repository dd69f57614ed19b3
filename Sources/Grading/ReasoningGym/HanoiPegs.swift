/// The pegs of a Tower of Hanoi and what moves do to them.
struct HanoiPegs {
  private var pegs: [Int: [Int]]
  private let target: Int
  private let disks: Int

  /// All disks on the peg where they start; nil where the facts say none.
  init?(_ facts: ReasoningGymFacts) {
    guard let disks = facts.number("num_disks").map({ Int($0) }), (1...16).contains(disks),
      let start = facts.number("start_peg").map({ Int($0) }),
      let target = facts.number("target_peg").map({ Int($0) }),
      let count = facts.number("num_pegs").map({ Int($0) }), (3...16).contains(count)
    else { return nil }
    self.disks = disks
    self.target = target
    pegs = Dictionary(uniqueKeysWithValues: (1...count).map { ($0, []) })
    pegs[start] = (1...disks).reversed()
  }

  /// 1 for a solution as short as can be, 0.05 for moves that are allowed and do not solve it so,
  /// else 0.
  func score(_ answer: String) -> Double {
    let lines = answer.split(whereSeparator: \.isNewline)
      .map { String($0).trimmed(while: \.isWhitespace) }.filter { !$0.isEmpty }
    var after = self
    guard !lines.isEmpty, lines.allSatisfy({ after.move($0) }) else { return 0 }
    let isSolved = after.pegs[target]?.count == disks
    // With three pegs the shortest solution has 2^n − 1 moves; more pegs need no more.
    return isSolved && lines.count <= (1 << disks) - 1 ? 1 : 0.05
  }

  /// Makes the move of a line; answers whether it is one, and allowed.
  private mutating func move(_ line: String) -> Bool {
    let words = line.split(separator: " ")
    guard words.count == 9, words[0] == "Move", words[1] == "disk", words[3] == "from",
      words[4] == "Peg", words[6] == "to", words[7] == "Peg", let disk = Int(words[2]),
      let from = Int(words[5]), let to = Int(words[8]), pegs[from]?.last == disk,
      let there = pegs[to], there.last ?? .max > disk
    else { return false }
    pegs[from]?.removeLast()
    pegs[to]?.append(disk)
    return true
  }
}
