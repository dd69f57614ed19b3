/// Whether an answer means what a reference means, however both are written.
///
/// Numbers, fractions, decimals, percentages, scientific notation, thousands separators, LaTeX,
/// units, intervals, sets, tuples, matrices, equations, inequalities, formulas, letters of a choice
/// and words. A unit must agree where both name one that is known. Nothing is ever run or
/// downloaded, and the time is bounded whatever the text.
public enum AnswerEquivalence {
  /// Compares two answers as they stand; use `ExtractedAnswer` to find one in a longer text.
  public static func isEquivalent(_ answer: String, to reference: String) -> Bool {
    let wanted = WrittenAnswer(reference)
    let given = WrittenAnswer(answer)
    guard !wanted.compact.isEmpty, !given.compact.isEmpty else { return false }
    if wanted.compact == given.compact { return true }
    if let letter = wanted.choice { return given.choiceOfAnyCase == letter }
    if wanted.isWords || given.isWords { return wanted.isWords && wanted.words == given.words }
    if let clock = wanted.clock, let other = given.clock, clock == other { return true }
    let asked = AnswerReader.readings(of: wanted.text)
    let said = AnswerReader.readings(of: given.text)
    return asked.contains { reference in said.contains { ValueComparison.agree(reference, $0) } }
  }

  /// Whether a text can be read as mathematics.
  static func isReadable(_ text: String) -> Bool {
    let written = WrittenAnswer(text)
    return written.isWords || !AnswerReader.readings(of: written.text).isEmpty
  }
}
