public import Workbench

/// Asks a terminal how wide it draws what terminals draw differently.
///
/// Each sample is written at the left edge, and the terminal asked where its cursor then stands
/// (`CSI 6 n`). A terminal that does not answer in time is taken to join nothing.
public struct WidthProbe: Sendable {
  /// What the caller knows already.
  public struct Known: Equatable, Sendable {
    /// The newest version of Unicode to draw; nil asks.
    public var version: Int?
    /// Cells of characters of ambiguous width; nil asks.
    public var ambiguous: Int?

    /// What is known; nothing where it is not given.
    public init(version: Int? = nil, ambiguous: Int? = nil) {
      self.version = version
      self.ambiguous = ambiguous
    }

    /// The widths where no terminal can be asked.
    public var widths: CellWidths {
      CellWidths(version: version ?? CellWidths.newestVersion, ambiguous: ambiguous ?? 1)
    }
  }

  /// Milliseconds that an answer may take; later ones are no keys and do nothing.
  static let patience = 150

  private static let ambiguous = "─α"
  private static let joined = ["👩‍🚀", "👍🏽", "🇩🇪", "क्ष्म", "ကြော"]
  /// An emoji of each version, the newest first.
  private static let versions: [(version: Int, sample: String)] = [
    (17, "\u{1FAEA}"), (16, "\u{1FAE9}"), (15, "\u{1FAE8}"), (14, "\u{1FAE0}"), (13, "\u{1F972}"),
    (12, "\u{1F971}"), (11, "\u{1F970}"), (10, "\u{1F929}"), (9, "\u{1F923}"),
  ]
  private static let samples = [ambiguous] + joined + versions.map(\.sample)

  /// The bytes that ask, from and to the upper left corner; the row is empty afterwards.
  static let question =
    "\u{1B}[H" + samples.map { "\($0)\u{1B}[6n\r" }.joined() + "\u{1B}[2K"

  private var received: [UInt8] = []
  /// Columns that samples took, in their order.
  private var columns: [Int] = []

  /// A probe that has received nothing.
  public init() {}

  /// Whether every sample is answered.
  public var isComplete: Bool { columns.count >= Self.samples.count }

  /// What came that is no answer, such as keys typed ahead.
  public var rest: [UInt8] { received }

  /// Takes what the terminal sent.
  public mutating func take(_ bytes: some Sequence<UInt8>) {
    received += bytes
    var start = 0
    while !isComplete, let found = Self.report(in: received[start...]) {
      columns.append(found.column - 1)
      received.removeSubrange(found.range)
      start = found.range.lowerBound
    }
  }

  /// The widths that follow from the answers so far.
  public func widths(_ known: Known) -> CellWidths {
    var widths = CellWidths.apart
    let answer = { (sample: Int) in columns.indices.contains(sample) ? columns[sample] : nil }
    widths.ambiguous = known.ambiguous ?? (answer(0) == 4 ? 2 : 1)
    widths.joinsEmoji = answer(1) == 2
    widths.joinsSkin = answer(2) == 2
    widths.joinsFlags = answer(3) == 2
    widths.joinsSyllables = (answer(4) ?? .max) <= 2 && (answer(5) ?? .max) <= 2
    let answers = columns.dropFirst(1 + Self.joined.count)
    if answers.count == Self.versions.count {
      let newest = zip(Self.versions, answers).first { $1 == 2 }?.0.version
      widths.version = newest ?? 8
    }
    if let version = known.version { widths.version = version }
    return widths
  }

  /// The first cursor report, `ESC [ row ; column R`.
  private static func report(in bytes: ArraySlice<UInt8>) -> (range: Range<Int>, column: Int)? {
    for start in bytes.indices where bytes[start...].starts(with: [0x1B, 0x5B]) {
      let body = bytes[(start + 2)...].prefix { (0x30...0x39).contains($0) || $0 == 0x3B }
      guard body.endIndex < bytes.endIndex, bytes[body.endIndex] == UInt8(ascii: "R") else {
        continue
      }
      let numbers = body.split(separator: 0x3B, omittingEmptySubsequences: false)
        .map { Int(String(decoding: $0, as: UTF8.self)) }
      guard numbers.count == 2, numbers[0] != nil, let column = numbers[1], column > 0 else {
        continue
      }
      return (start..<body.endIndex + 1, column)
    }
    return nil
  }
}
