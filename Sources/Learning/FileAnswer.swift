public import Trajectories

/// The judge of problems that no task drew: by the file's grading, else by what the answer ends on.
public enum FileAnswer {
  /// Judges a response.
  ///
  /// - Parameters:
  ///   - response: The response without the text of an end token.
  ///   - problem: The question with its reference and its grading.
  /// - Returns: 1 where the answer is the reference, else 0; reasoning-gym's rules know parts. Of
  ///   the steps nothing can be said.
  public static func judge(_ response: String, to problem: Problem) -> Judgement {
    guard let grading = problem.grading else {
      return FinalAnswer.judge(response, reference: problem.reference)
    }
    return Judgement(
      reward: score(response, problem.reference, grading), chainCorrect: nil)
  }

  private static func score(
    _ response: String, _ reference: String, _ grading: AnswerGrading
  ) -> Double {
    switch grading.rule {
    case .mathematics: ExtractedAnswer(of: response).matches(reference) ? 1 : 0
    case .choice: isChoice(response, reference, grading.options) ? 1 : 0
    case .words: areWords(response, reference) ? 1 : 0
    case .signs: areSigns(response, reference) ? 1 : 0
    case .reasoningGym: ReasoningGym.score(response, reference: reference, facts: grading.facts)
    }
  }

  /// Whether a response settles on a letter, or says the text of that choice and no other's.
  static func isChoice(_ response: String, _ reference: String, _ options: [String]) -> Bool {
    let said = ExtractedAnswer(of: response).text
    guard let wanted = WrittenAnswer(reference).choice else { return false }
    if let letter = WrittenAnswer(said).choiceOfAnyCase ?? ChoiceLetter.letter(in: said) {
      return letter == wanted
    }
    let words = WrittenAnswer(said).words
    let fitting = options.indices.filter { WrittenAnswer(options[$0]).words == words }
    guard !words.isEmpty, fitting.count == 1, let first = Character("A").asciiValue,
      let letter = wanted.asciiValue
    else { return false }
    return Int(letter) - Int(first) == fitting[0]
  }

  /// Whether the answer, or the end of its sentence, is those words.
  static func areWords(_ response: String, _ reference: String) -> Bool {
    let found = ExtractedAnswer(of: response)
    let said = WrittenAnswer(found.text).words
    let wanted = WrittenAnswer(reference).words
    if said == wanted { return !wanted.isEmpty }
    // “Yes, because …” and “… so it is valid” say it as well, but “not valid” does not.
    guard said.count > wanted.count, !wanted.isEmpty else { return false }
    if said.prefix(wanted.count).elementsEqual(wanted) { return wanted.count == 1 }
    let before = said[said.count - wanted.count - 1]
    return found.place != .whole && said.suffix(wanted.count).elementsEqual(wanted)
      && !["not", "isn", "never", "no", "t"].contains(before)
  }

  private static func areSigns(_ response: String, _ reference: String) -> Bool {
    func bare(_ text: String) -> [Character] { text.filter { !$0.isWhitespace && $0 != "," } }
    let said = bare(ExtractedAnswer(of: response).text)
    let wanted = bare(reference)
    return said == wanted || said == wanted + "."
  }
}
