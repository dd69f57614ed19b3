/// How rows are packed one after another and cut into chunks of whole rows.
///
/// Rows that follow each other and begin alike, such as the answers to one question, share what
/// stands before their predicted tokens: it is computed once, by the first of them. The cut depends
/// on the rows alone, never on the number of threads.
struct RowPlan {
  /// One row: which tokens go in, and which hidden vectors are read.
  struct Span {
    /// Input tokens of its own, within all of them.
    var tokens: Range<Int>
    /// Input tokens of an earlier row of the chunk that stand before its own; empty for most.
    var shared: Range<Int>
    /// Predicted tokens, within all of them.
    var predicted: Range<Int>
  }
  /// Whole rows that go through all layers together.
  struct Chunk {
    var rows: Range<Int>
    var tokens: Range<Int>
    var predicted: Range<Int>
    /// Number of its first tile, within all of them.
    var firstTile: Int
  }

  /// Tokens a chunk is filled up to.
  static let chunkTokens = 256
  /// Tokens of a tile: a chunk is worked on by tiles, except for attention.
  static let tileTokens = 128
  /// Fewest tokens that are worth sharing.
  static let leastShared = 16

  var spans: [Span] = []
  var chunks: [Chunk] = []
  /// Tiles of all chunks.
  var tiles = 0
  /// Input tokens of all rows.
  var tokens: [Token] = []
  /// The predicted tokens of all rows.
  var targets: [Token] = []
  /// Index of the input token whose hidden vector predicts each target.
  var sources: [Int] = []
  var longestRow = 0
  var largestChunk = 0
  var largestPrediction = 0
  /// Longest row of those that share another's beginning; 0 where none does.
  var longestSharing = 0
  /// The row that others may share with, its first token within all, and the tokens of its group.
  private var leader: (tokens: ArraySlice<Token>, start: Int, group: Int)?

  /// The last token of a row is never an input, and rows that predict nothing have none.
  init(_ rows: [TokenRow], vocabulary: Int) {
    for row in rows {
      let first = max(1, row.firstPredicted)
      precondition(
        row.tokens.allSatisfy { $0 >= 0 && $0 < vocabulary },
        "a token lies outside 0 ..< \(vocabulary)")
      let some = first < row.tokens.count
      append(
        inputs: some ? row.tokens.dropLast() : [], targets: some ? row.tokens[first...] : [],
        source: first - 1)
    }
    cut()
  }

  /// One row of which every hidden vector is read.
  init(whole tokens: [Token], vocabulary: Int) {
    precondition(
      tokens.allSatisfy { $0 >= 0 && $0 < vocabulary }, "a token lies outside 0 ..< \(vocabulary)")
    append(inputs: tokens[...], targets: tokens[...], source: 0)
    cut()
  }

  /// The stretches of a tile that belong to one row each, with the position of their first token.
  func rowParts(of tile: Range<Int>, rows: Range<Int>) -> [(tokens: Range<Int>, position: Int)] {
    rows.compactMap { row in
      let span = spans[row]
      let part = span.tokens.clamped(to: tile)
      return part.isEmpty
        ? nil : (part, part.lowerBound - span.tokens.lowerBound + span.shared.count)
    }
  }

  private mutating func append(
    inputs: ArraySlice<Token>, targets row: ArraySlice<Token>, source: Int
  ) {
    let start = tokens.count
    let predicted = targets.count
    let (from, shared) = share(inputs, before: source)
    tokens += inputs.dropFirst(shared)
    targets += row
    for index in 0..<row.count { sources.append(start + source - shared + index) }
    spans.append(
      Span(
        tokens: start..<tokens.count, shared: from..<from + shared,
        predicted: predicted..<targets.count))
    longestRow = max(longestRow, inputs.count)
    if shared > 0 { longestSharing = max(longestSharing, inputs.count) }
  }

  /// How many tokens two sequences begin with that are worth sharing.
  static func shared(_ tokens: ArraySlice<Token>, with other: ArraySlice<Token>) -> Int {
    let common = zip(tokens, other).prefix { $0 == $1 }.count
    return common >= leastShared ? common : 0
  }

  /// How many tokens of a row the leader has computed, and where they begin; a row that cannot
  /// share leads those that follow.
  ///
  /// The token before the first predicted one is never shared: its hidden vector is read. A group
  /// ends where sharing on would leave too little to do side by side.
  private mutating func share(
    _ inputs: ArraySlice<Token>, before source: Int
  ) -> (start: Int, count: Int) {
    if let found = leader {
      let common = RowPlan.shared(inputs.prefix(source), with: found.tokens)
      let group = found.group + inputs.count - common
      if common > 0, group <= max(RowPlan.chunkTokens, 4 * common) {
        leader?.group = group
        return (found.start, common)
      }
    }
    leader = (inputs, tokens.count, inputs.count)
    return (tokens.count, 0)
  }

  private mutating func cut() {
    var first = 0
    for index in spans.indices {
      let last = index + 1 == spans.count
      guard last || spans[index + 1].shared.isEmpty else { continue }
      let size = groupEnd(index + 1) - spans[first].tokens.lowerBound
      guard last || size > RowPlan.chunkTokens else { continue }
      let chunk = Chunk(
        rows: first..<index + 1,
        tokens: spans[first].tokens.lowerBound..<spans[index].tokens.upperBound,
        predicted: spans[first].predicted.lowerBound..<spans[index].predicted.upperBound,
        firstTile: tiles)
      if !chunk.tokens.isEmpty { chunks.append(chunk) }
      tiles += pieces(of: chunk.tokens, by: RowPlan.tileTokens)
      largestChunk = max(largestChunk, chunk.tokens.count)
      largestPrediction = max(largestPrediction, chunk.predicted.count)
      first = index + 1
    }
  }

  /// Where the tokens of a row and of those that share with it end.
  private func groupEnd(_ row: Int) -> Int {
    guard row < spans.count else { return tokens.count }
    let next = spans[(row + 1)...].firstIndex { $0.shared.isEmpty }
    return next.map { spans[$0].tokens.lowerBound } ?? tokens.count
  }
}
