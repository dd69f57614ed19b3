import Trajectories

/// Reads a response line by line and says of each line whether it is right.
protocol LineReader {
  /// The word on the next line.
  mutating func readLine(_ words: [Substring]) -> (StepVerdict, String)
}

extension LineReader {
  /// The word on a step of one or several lines: the worst of its lines.
  mutating func read(_ text: String) -> (StepVerdict?, String) {
    var words = TaskVocabulary.split(text)
    if words.last == "\n" { words.removeLast() }
    var worst = (verdict: StepVerdict.right, note: "")
    for part in words.split(separator: "\n", omittingEmptySubsequences: false) {
      let (verdict, note) = readLine(Array(part))
      guard worst.verdict != .wrong, verdict != .right else { continue }
      worst = (verdict, note)
    }
    return worst
  }
}
