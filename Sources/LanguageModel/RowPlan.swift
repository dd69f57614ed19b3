/// How rows are packed one after another and cut into chunks of whole rows.
///
/// The cut depends on the rows alone, never on the number of threads.
struct RowPlan {
  /// One row: which tokens go in, and which hidden vectors are read.
  struct Span {
    /// Input tokens, within all of them.
    var tokens: Range<Int>
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
      let span = spans[row].tokens
      let part = span.clamped(to: tile)
      return part.isEmpty ? nil : (part, part.lowerBound - span.lowerBound)
    }
  }

  private mutating func append(
    inputs: ArraySlice<Token>, targets row: ArraySlice<Token>, source: Int
  ) {
    let start = tokens.count
    let predicted = targets.count
    tokens += inputs
    targets += row
    for index in 0..<row.count { sources.append(start + source + index) }
    spans.append(Span(tokens: start..<tokens.count, predicted: predicted..<targets.count))
    longestRow = max(longestRow, inputs.count)
  }

  private mutating func cut() {
    var first = 0
    for index in spans.indices {
      let last = index + 1 == spans.count
      let size = spans[index].tokens.upperBound - spans[first].tokens.lowerBound
      let next = last ? 0 : spans[index + 1].tokens.count
      guard last || size + next > RowPlan.chunkTokens else { continue }
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
}
