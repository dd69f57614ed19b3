public import Trajectories

/// The judge of answers: the one that files, evaluation, questions of one's own and training share.
///
/// A problem's own grading decides where there is one. A reference without a grading is taken for
/// what it looks like (`meaning(of:)`), and so is one that is graded as mathematics.
public enum Judge {
  /// Judges a response.
  ///
  /// - Parameters:
  ///   - response: The response without the text of an end token.
  ///   - problem: The question with its reference and its grading.
  /// - Returns: 1 where the answer is the reference, else 0; reasoning-gym's rules know parts. Of
  ///   the steps nothing can be said.
  public static func judge(_ response: String, to problem: Problem) -> Judgement {
    Judgement(
      reward: score(response, problem.reference, problem.grading ?? AnswerGrading(.mathematics)),
      chainCorrect: nil)
  }

  /// Whether a response answers with a reference that comes without a grading.
  public static func isRight(_ response: String, reference: String) -> Bool {
    score(response, reference, AnswerGrading(.mathematics)) == 1
  }

  private static func score(
    _ response: String, _ reference: String, _ grading: AnswerGrading
  ) -> Double {
    if grading.rule == .reasoningGym {
      return ReasoningGym.score(response, reference: reference, facts: grading.facts)
    }
    // A first answer that said nothing agrees with others that say nothing.
    guard reference.contains(where: { !$0.isWhitespace }) else {
      return ExtractedAnswer(of: response).shown.isEmpty ? 1 : 0
    }
    let rule = grading.rule == .mathematics ? meaning(of: reference) : grading.rule
    let found = ExtractedAnswer(of: response)
    let isRight =
      switch rule {
      case .choice: ChoiceAnswer(reference, options: grading.options).isSaid(by: found)
      case .words: WordsAnswer(reference).isSaid(by: found)
      case .signs: SignsAnswer(reference).isSaid(by: found)
      case .mathematics, .reasoningGym: isMeant(reference, by: found)
      }
    return isRight ? 1 : 0
  }

  /// What a plain reference asks for: the letter of a choice where it is one capital letter, perhaps
  /// in brackets or `\text{…}`; brackets in their order where it is nothing else; words where it is
  /// only words; mathematics for anything else.
  public static func meaning(of reference: String) -> GradingRule {
    let written = WrittenAnswer(ExtractedAnswer.boxed(in: reference) ?? reference)
    if written.choice != nil { return .choice }
    let signs = reference.filter { !$0.isWhitespace }
    if !signs.isEmpty, signs.allSatisfy({ "()[]{}<>".contains($0) }) { return .signs }
    return written.isWords && written.readings.isEmpty ? .words : .mathematics
  }

  private static func isMeant(_ reference: String, by found: ExtractedAnswer) -> Bool {
    let wanted = ExtractedAnswer.boxed(in: reference) ?? reference
    let isSame = found.candidates(like: wanted).contains {
      AnswerEquivalence.isEquivalent($0, to: wanted)
    }
    return isSame || found.shown == reference
  }
}
