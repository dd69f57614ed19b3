/// Whether an answer means what a reference means, however both are written.
///
/// Numbers, fractions, decimals, percentages, scientific notation, thousands separators, LaTeX,
/// units, intervals, sets, tuples, matrices, equations, inequalities, formulas, letters of a choice
/// and words. A unit must agree where both name one that is known. Nothing is ever run or
/// downloaded, and the time is bounded whatever the text.
public enum AnswerEquivalence {
  /// Compares two answers as they stand; use `Judge` for one in a longer text.
  public static func isEquivalent(_ answer: String, to reference: String) -> Bool {
    let wanted = WrittenAnswer(reference)
    let given = WrittenAnswer(answer)
    guard !wanted.compact.isEmpty, !given.compact.isEmpty else { return false }
    if wanted.compact == given.compact { return wanted.hasSameCurrency(as: given) }
    if let letter = wanted.choice { return given.choiceOfAnyCase == letter }
    if let letters = wanted.letters, letters == given.letters, !wanted.isWords {
      return true
    }
    if wanted.isWords, given.isWords { return wanted.joinedWords == given.joinedWords }
    if let clock = wanted.clock, let other = given.clock {
      if clock == other { return true }
      if !clock.half.isEmpty || !other.half.isEmpty { return false }
    }
    let asked = wanted.readings
    guard !asked.isEmpty else { return false }
    let said = given.readings
    return asked.contains { reference in said.contains { ValueComparison.agree(reference, $0) } }
  }

  /// Whether a text can be read as it stands.
  static func isReadable(_ text: String) -> Bool {
    let written = WrittenAnswer(text)
    return written.isWords || written.isMathematics
  }
}
