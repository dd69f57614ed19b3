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
    let words = WrittenAnswer(said).words
    guard !negations.contains(words.first ?? ""), !isUndecided(words) else { return false }
    if let letter = WrittenAnswer(said).choiceOfAnyCase ?? ChoiceLetter.letter(in: said) {
      return letter == wanted
    }
    let fitting = options.indices.filter { WrittenAnswer(options[$0]).words == words }
    guard let chosen = fitting.isEmpty ? optionAtEnd(of: words, options) : fitting.first,
      !words.isEmpty, fitting.count <= 1, let first = Character("A").asciiValue,
      let letter = wanted.asciiValue
    else { return false }
    return Int(letter) - Int(first) == chosen
  }

  /// Whether a text ends on two letters, as “A or B” does.
  private static func isUndecided(_ words: [String]) -> Bool {
    let end = words.suffix(3)
    guard end.count == 3, let first = end.first, let last = end.last else { return false }
    return first.count == 1 && last.count == 1 && first != last && end[end.startIndex + 1] == "or"
  }

  /// The choice on which a sentence ends, where it is in words and no other is mentioned.
  private static func optionAtEnd(of words: [String], _ options: [String]) -> Int? {
    let mentioned = options.indices.filter { option in
      let own = WrittenAnswer(options[option]).words
      guard !own.isEmpty, own.count <= words.count else { return false }
      return (0...words.count - own.count).contains {
        words[$0..<$0 + own.count].elementsEqual(own)
      }
    }
    guard mentioned.count == 1, WrittenAnswer(options[mentioned[0]]).isWords else { return nil }
    let own = WrittenAnswer(options[mentioned[0]]).words
    guard words.suffix(own.count).elementsEqual(own), words.count > own.count else { return nil }
    return negations.contains(words[words.count - own.count - 1]) ? nil : mentioned[0]
  }

  private static let negations: Set<String> = ["not", "isn", "never", "no", "t"]

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
      && !negations.contains(before)
  }

  private static func areSigns(_ response: String, _ reference: String) -> Bool {
    func bare(_ text: String) -> [Character] { text.filter { !$0.isWhitespace && $0 != "," } }
    let said = bare(ExtractedAnswer(of: response).text)
    let wanted = bare(reference)
    return said == wanted || said == wanted + "."
  }
}
