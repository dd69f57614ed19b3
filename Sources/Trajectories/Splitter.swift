/// Where a response may be cut into steps.
public enum Splitter: String, Codable, CaseIterable, Equatable, Sendable {
  /// After newlines (the paper's way).
  case newline
  /// After sentences and newlines.
  case sentence
  /// After sentences and newlines, but never inside a formula or an environment.
  case latex
  /// After newlines, fenced blocks of code staying whole.
  case code
  /// After newlines, and within fenced blocks at blank lines and before outermost statements.
  case codeStatements = "code-statements"
  /// Before tokens that were a choice: every n-th of those below a probability.
  case lowProbability = "low-probability"
  /// After calls of tools and after their results.
  case toolCalls = "tool-calls"
}

extension Step {
  /// Cuts a response into ranges that cover it exactly, as a recipe says.
  ///
  /// Cuts are found in the text and made after the token in which they fall. A piece shorter than
  /// the least number of tokens is merged with what follows; what is left after the most steps but
  /// one is the last step. Without probabilities `low-probability` cuts at newlines.
  ///
  /// - Parameters:
  ///   - pieces: The text of each response token, in order; a part of a character may be empty or
  ///     stand for nothing.
  ///   - probabilities: The probability each token was drawn at, 0…1.
  ///   - choice: The splitter and its limits.
  /// - Returns: Ranges of token indices, in order, without gaps; empty for an empty response.
  public static func cut(
    pieces: [String], probabilities: [Double] = [], as choice: StepChoice
  ) -> [Range<Int>] {
    merge(
      ends: ends(pieces, probabilities, choice), count: pieces.count,
      minimum: choice.minimumTokens, maximum: choice.maximum)
  }

  /// Numbers of tokens after which a step may end, rising.
  private static func ends(
    _ pieces: [String], _ probabilities: [Double], _ choice: StepChoice
  ) -> [Int] {
    switch choice.splitter {
    case .lowProbability where probabilities.count == pieces.count:
      let choices = probabilities.indices.filter { probabilities[$0] < choice.probability }
      return choices.enumerated().filter { ($0.offset + 1) % choice.every == 0 && $0.element > 0 }
        .map(\.element)
    case .newline, .lowProbability:
      return pieces.indices.filter { pieces[$0].utf8.contains(0x0A) }.map { $0 + 1 }
    default: return ends(in: PieceText(pieces), choice.splitter)
    }
  }

  private static func ends(in text: PieceText, _ splitter: Splitter) -> [Int] {
    switch splitter {
    case .sentence: return text.ends(at: SentenceCuts.all(in: text.bytes))
    case .latex:
      let cuts = SentenceCuts.all(in: text.bytes)
      return text.ends(at: cuts, outside: FormulaSpans.all(in: text.bytes))
    case .code:
      let blocks = CodeBlocks.all(in: text.bytes)
      return text.ends(at: LineCuts.all(in: text.bytes), outside: blocks.map(\.span))
    case .codeStatements:
      let blocks = CodeBlocks.all(in: text.bytes)
      let lines = LineCuts.all(in: text.bytes).filter { cut in
        !blocks.contains { $0.span.lowerBound < cut && cut < $0.span.upperBound }
      }
      let statements = blocks.flatMap { $0.statements(in: text.bytes) }
      return text.ends(at: (lines + statements).sorted())
    case .toolCalls: return text.ends(at: ToolCuts.all(in: text.bytes))
    case .newline, .lowProbability: return text.ends(at: LineCuts.all(in: text.bytes))
    }
  }

  /// Ranges between the ends, short ones merged with what follows.
  static func merge(ends: [Int], count: Int, minimum: Int, maximum: Int) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    var start = 0
    for end in ends {
      guard end - start >= max(1, minimum), ranges.count + 1 < maximum else { continue }
      ranges.append(start..<end)
      start = end
    }
    if start < count { ranges.append(start..<count) }
    return ranges
  }
}

/// The text of a response and where its tokens end in it.
struct PieceText {
  /// The text as UTF-8.
  let bytes: [UInt8]
  /// The offset after each token.
  private let offsets: [Int]

  init(_ pieces: [String]) {
    var bytes: [UInt8] = []
    offsets = pieces.map { piece in
      bytes += piece.utf8
      return bytes.count
    }
    self.bytes = bytes
  }

  /// Numbers of tokens that hold the text up to each cut; none within a span.
  ///
  /// - Parameters:
  ///   - cuts: Offsets, rising.
  ///   - spans: What must stay whole, rising.
  /// - Returns: The numbers, rising.
  func ends(at cuts: [Int], outside spans: [Range<Int>] = []) -> [Int] {
    var found: [Int] = []
    var token = 0
    var span = 0
    for cut in cuts where cut > 0 {
      while token < offsets.count, offsets[token] < cut { token += 1 }
      guard token < offsets.count else { break }
      // The token may reach further than the cut, into what must stay whole.
      let place = offsets[token]
      while span < spans.count, spans[span].upperBound <= place { span += 1 }
      if span < spans.count, spans[span].lowerBound < place { continue }
      if found.last != token + 1 { found.append(token + 1) }
    }
    return found
  }
}
