/// The scores that reasoning-gym's verifiers give, 0…1, task by task.
///
/// Written anew from what the library does on its published instances; `data` tests compare both.
/// Where the library raises an error the answer is worth 0 here.
public enum ReasoningGym {
  /// The score of a response.
  ///
  /// What stands in `<answer>…</answer>` or in a box is the answer, as the library's own evaluation
  /// has it; without such a mark the whole response is.
  ///
  /// - Parameters:
  ///   - response: What was written.
  ///   - reference: The instance's answer.
  ///   - facts: The instance's metadata as JSON; `source_dataset` in it names the task.
  /// - Returns: The score, 0…1.
  public static func score(_ response: String, reference: String, facts: String) -> Double {
    let found = ExtractedAnswer.tagged(in: response) ?? ExtractedAnswer.boxed(in: response)
    let facts = ReasoningGymFacts(facts)
    return score(
      answer: found ?? response.trimmed(while: \.isWhitespace), reference: reference, facts: facts)
  }

  /// The score of an answer as it stands, nothing being looked for in it.
  public static func score(answer: String, reference: String, facts: String) -> Double {
    score(answer: answer, reference: reference, facts: ReasoningGymFacts(facts))
  }

  private static func score(
    answer: String, reference: String, facts: ReasoningGymFacts
  ) -> Double {
    switch facts.task {
    case "chain_sum": isNumber(answer, reference) ? 1 : contained(answer, reference)
    case "products":
      isNumber(answer.replaced(",", with: ""), reference) ? 1 : contained(answer, reference)
    case "decimal_chain_sum": isNumber(answer, reference) ? 1 : 0
    case "coin_flip": commonBeginning(answer, reference)
    case "gsm_symbolic": lastNumber(answer, reference)
    case "countdown": countdown(answer, facts)
    case "puzzle24": value(of: answer).map { abs($0 - 24) < 1e-6 } == true ? 1 : 0.01
    case "fraction_simplification": fraction(answer, facts)
    case "prime_factorization": factors(answer, facts)
    case "number_sorting": numberList(answer, reference)
    case "word_sorting": wordList(answer, reference)
    case "spell_backward": spelling(answer, reference)
    case "knights_knaves": people(answer, reference, facts)
    case "shortest_path": path(answer, reference, facts)
    case "tower_of_hanoi": HanoiPegs(facts)?.score(answer) ?? 0
    default: contained(answer, reference)
    }
  }

  /// 1 for the same text; where the reference stands in the answer, its share of the length.
  static func contained(_ answer: String, _ reference: String) -> Double {
    if answer == reference { return 1 }
    guard !answer.isEmpty, !reference.isEmpty, !answer.places(of: reference).isEmpty else {
      return 0
    }
    return Double(reference.unicodeScalars.count) / Double(answer.unicodeScalars.count)
  }
}
