/// The pegs of a Tower of Hanoi and what moves do to them.
struct HanoiPegs {
  /// Disks of each peg from the bottom, beginning with the first peg.
  private var pegs: [[Int]]
  private let target: Int
  private let disks: Int
  /// Moves of the shortest solution; nil where the instance does not say.
  private let shortest: Int?

  /// More disks than this are in no file: their solution would have 2^disks moves.
  private static let diskLimit = 1000

  /// All disks on the peg where they start; nil where the facts say none.
  init?(_ facts: ReasoningGymFacts) {
    func fact(_ name: String) -> Int? { facts.whole(name).flatMap { Int(exactly: $0) } }
    guard let disks = fact("num_disks"), let count = fact("num_pegs"),
      let start = fact("start_peg"), let target = fact("target_peg"),
      (1...Self.diskLimit).contains(disks), (1...Self.diskLimit).contains(count),
      (1...count).contains(start), (1...count).contains(target)
    else { return nil }
    self.disks = disks
    self.target = target
    shortest = fact("solution_length")
    pegs = Array(repeating: [], count: count)
    pegs[start - 1] = (1...disks).reversed()
  }

  /// The score of moves, one a line, empty lines aside.
  ///
  /// - Returns: 1 for a solution no longer than the instance's, for a longer one the quotient of
  ///   both lengths, 0.05 where all moves are allowed but do not solve it, and 0 where one is not
  ///   allowed or is no move.
  func score(_ answer: String) -> Double {
    guard !answer.isEmpty else { return 0 }
    var after = self
    var moves = 0
    for line in answer.utf8.split(separator: 0x0A) {
      if let move = Self.plainMove(line) {
        guard after.make(move.disk, from: move.from, to: move.to) else { return 0 }
        moves += 1
        continue
      }
      for line in Substring(line).unicodeScalars.split(whereSeparator: \.endsLine) {
        let words = line.words
        guard !words.isEmpty else { continue }
        guard after.move(words, in: line) else { return 0 }
        moves += 1
      }
    }
    guard after.pegs[target - 1].count == disks else { return 0.05 }
    guard let shortest, moves > shortest else { return 1 }
    return Double(shortest) / Double(moves)
  }

  /// Makes the move of a line; answers whether it is one, and allowed.
  ///
  /// Anything without space may precede “Move” and nothing may follow the last number; single
  /// spaces separate the words.
  private mutating func move(
    _ words: [Substring.UnicodeScalarView], in line: Substring.UnicodeScalarView
  ) -> Bool {
    guard words.count == 9, words[0].ends(with: "Move"), words[1].isText("disk"),
      words[3].isText("from"), words[4].isText("Peg"), words[6].isText("to"),
      words[7].isText("Peg"), isSpacedSingly(words, in: line),
      let disk = digits(words[2]), let from = digits(words[5]), let to = digits(words[8])
    else { return false }
    return make(disk, from: from, to: to)
  }

  /// Puts the uppermost disk of a peg on another; answers whether it is that disk, and allowed.
  private mutating func make(_ disk: Int, from: Int, to: Int) -> Bool {
    guard pegs.indices.contains(from - 1), pegs.indices.contains(to - 1),
      pegs[from - 1].last == disk, pegs[to - 1].last ?? .max >= disk
    else { return false }
    pegs[from - 1].removeLast()
    pegs[to - 1].append(disk)
    return true
  }

  /// The numbers of a line that is just a move in ASCII, as nearly all are; nil for other lines.
  private static func plainMove(_ line: Substring.UTF8View) -> (disk: Int, from: Int, to: Int)? {
    var rest = line[...]
    func number(after words: StaticString) -> Int? {
      let bytes = UnsafeBufferPointer(start: words.utf8Start, count: words.utf8CodeUnitCount)
      guard rest.starts(with: bytes) else { return nil }
      rest = rest.dropFirst(bytes.count)
      var value = 0
      let digits = rest.prefix { (0x30...0x39).contains($0) }
      guard (1...4).contains(digits.count) else { return nil }
      for digit in digits { value = 10 * value + Int(digit - 0x30) }
      rest = rest[digits.endIndex...]
      return value
    }
    guard let disk = number(after: "Move disk "), let from = number(after: " from Peg "),
      let to = number(after: " to Peg "), rest.isEmpty
    else { return nil }
    return (disk, from, to)
  }

  private func digits(_ word: Substring.UnicodeScalarView) -> Int? {
    guard word.allSatisfy({ $0.decimalDigit != nil }) else { return nil }
    return PythonNumber.whole(word).flatMap { Int(exactly: $0) }
  }

  private func isSpacedSingly(
    _ words: [Substring.UnicodeScalarView], in line: Substring.UnicodeScalarView
  ) -> Bool {
    zip(words, words.dropFirst()).allSatisfy { one, two in
      line[one.endIndex..<two.startIndex].elementsEqual([" "])
    }
  }
}

extension Substring.UnicodeScalarView {
  fileprivate func isText(_ text: String) -> Bool { elementsEqual(text.unicodeScalars) }

  fileprivate func ends(with text: String) -> Bool {
    suffix(text.unicodeScalars.count).elementsEqual(text.unicodeScalars)
  }
}
