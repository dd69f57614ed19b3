import LanguageModel

/// Byte-level byte-pair encoding of one piece: merges of lowest rank first, leftmost first among
/// equals (Sennrich, Haddow & Birch 2016).
struct BytePairModel: Sendable {
  /// What a pair becomes.
  struct Merge: Sendable {
    /// Lower goes first.
    var rank: Int32
    /// The merged token.
    var token: Token
  }

  /// The token of each byte; nil where the vocabulary has none.
  var byteTokens: [Token?]
  /// Merges by their pair, the left token in the high half.
  var merges: [UInt64: Merge]
  /// Spelling to token, where whole pieces are looked up before any merge.
  var wholePieces: [[UInt8]: Token]?
  /// The token of bytes that have none; without it they vanish.
  var unknown: Token?
  /// Whether neighbours without a token share one unknown token.
  var fuseUnknown = false

  /// The key of a pair.
  static func key(_ left: Token, _ right: Token) -> UInt64 {
    UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
  }

  /// The tokens of a piece.
  func tokens(of bytes: [UInt8]) -> [Token] {
    if let wholePieces, let token = wholePieces[ByteLevel.spell(bytes)] { return [token] }
    var symbols: [Token] = []
    var wasUnknown = false
    for byte in bytes {
      if let token = byteTokens[Int(byte)] {
        symbols.append(token)
        wasUnknown = false
      } else if let unknown, !(fuseUnknown && wasUnknown) {
        symbols.append(unknown)
        wasUnknown = true
      }
    }
    return symbols.count < 2 ? symbols : merged(symbols)
  }

  private func merged(_ symbols: [Token]) -> [Token] {
    var work = MergeWork(symbols: symbols)
    for index in 0..<symbols.count - 1 { work.propose(index, merges) }
    while let candidate = work.candidates.popFirst() {
      let left = Int(candidate.position)
      guard let right = work.next(left), let merge = work.merge(left, merges),
        merge.token == candidate.token
      else { continue }
      work.join(left, right, into: merge.token)
      if let before = work.previous(left) { work.propose(before, merges) }
      work.propose(left, merges)
    }
    return work.result
  }
}

/// The symbols of one piece as a linked list, and the merges that may be due.
private struct MergeWork {
  private var symbols: [Token]
  private var nextIndex: [Int32]
  private var previousIndex: [Int32]
  private var alive: [Bool]
  var candidates = CandidateHeap()

  init(symbols: [Token]) {
    self.symbols = symbols
    nextIndex = (0..<symbols.count).map { $0 + 1 < symbols.count ? Int32($0 + 1) : -1 }
    previousIndex = (0..<symbols.count).map { Int32($0) - 1 }
    alive = [Bool](repeating: true, count: symbols.count)
  }

  var result: [Token] { zip(symbols, alive).compactMap { $0.1 ? $0.0 : nil } }

  func next(_ index: Int) -> Int? {
    alive[index] && nextIndex[index] >= 0 ? Int(nextIndex[index]) : nil
  }

  func previous(_ index: Int) -> Int? {
    previousIndex[index] >= 0 ? Int(previousIndex[index]) : nil
  }

  func merge(
    _ left: Int, _ merges: [UInt64: BytePairModel.Merge]
  ) -> BytePairModel.Merge? {
    next(left).flatMap { merges[BytePairModel.key(symbols[left], symbols[$0])] }
  }

  mutating func propose(_ left: Int, _ merges: [UInt64: BytePairModel.Merge]) {
    guard let merge = merge(left, merges) else { return }
    candidates.insert(
      MergeCandidate(rank: merge.rank, position: Int32(left), token: merge.token))
  }

  mutating func join(_ left: Int, _ right: Int, into token: Token) {
    symbols[left] = token
    alive[right] = false
    nextIndex[left] = nextIndex[right]
    if nextIndex[right] >= 0 { previousIndex[Int(nextIndex[right])] = Int32(left) }
  }
}

private struct MergeCandidate {
  var rank: Int32
  var position: Int32
  var token: Token

  func precedes(_ other: MergeCandidate) -> Bool {
    (rank, position) < (other.rank, other.position)
  }
}

/// A binary heap, the first to merge on top.
private struct CandidateHeap {
  private var heap: [MergeCandidate] = []

  mutating func insert(_ candidate: MergeCandidate) {
    heap.append(candidate)
    var child = heap.count - 1
    while child > 0, heap[child].precedes(heap[(child - 1) / 2]) {
      heap.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  mutating func popFirst() -> MergeCandidate? {
    guard let first = heap.first, let last = heap.popLast() else { return nil }
    guard !heap.isEmpty else { return first }
    heap[0] = last
    var parent = 0
    while 2 * parent + 1 < heap.count {
      var child = 2 * parent + 1
      if child + 1 < heap.count, heap[child + 1].precedes(heap[child]) { child += 1 }
      guard heap[child].precedes(heap[parent]) else { break }
      heap.swapAt(parent, child)
      parent = child
    }
    return first
  }
}
