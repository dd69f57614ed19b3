/// Whether a text that stops anywhere holds an answer all the same.
public enum CutOffAnswer {
  /// What might have come next: more of a number or word, more of a line, the end of a box.
  private static let continuations = ["7", " 7", "x", "7}"]

  /// Whether there is an answer that is marked as one and that no continuation would change.
  public static func isComplete(in text: String) -> Bool {
    let rest = text.places(of: "</think>").last.map { text[$0.upperBound...] } ?? text[...]
    guard String(rest).places(of: "<think>").isEmpty else { return false }
    let found = ExtractedAnswer(of: text)
    switch found.place {
    // An object is read only where it is closed.
    case .json: return true
    case .boxed, .tagged, .hashes, .said:
      return continuations.allSatisfy {
        let next = ExtractedAnswer(of: text + $0)
        return next.place == found.place && next.shown == found.shown
      }
    case .whole, .line: return false
    }
  }
}
