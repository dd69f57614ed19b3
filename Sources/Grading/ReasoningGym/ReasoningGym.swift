/// The scores that reasoning-gym 0.1.25's verifiers give, 0…1, task by task.
///
/// The rules are told anew here from what the library does; a differential test against it stands
/// in `Tests/GradingTests/Differential`. Where the library raises an error the answer is worth 0.
public enum ReasoningGym {
  /// The score of a response.
  ///
  /// What stands last between `<answer>` and `</answer>` is the answer, as the library has it. Crux
  /// is milder where there is none: then what stands in a box is, else the whole response.
  ///
  /// - Parameters:
  ///   - response: What was written.
  ///   - reference: The instance's answer.
  ///   - facts: The instance's metadata as JSON; `source_dataset` in it names the task.
  /// - Returns: The score, 0…1.
  public static func score(_ response: String, reference: String, facts: String) -> Double {
    let found = tagged(in: response) ?? ExtractedAnswer.boxed(in: response)
    return score(
      answer: found ?? response.unicodeScalars.stripped().text, reference: reference, facts: facts)
  }

  /// The last text between tags, without space at its ends; nil where there are none.
  static func tagged(in response: String) -> String? {
    let text = Substring(response)
    var found: Substring?
    var rest = text.utf8[...]
    while let opening = rest.firstRange(of: "<answer>".utf8),
      let closing = rest[opening.upperBound...].firstRange(of: "</answer>".utf8)
    {
      found = text[opening.upperBound..<closing.lowerBound]
      rest = rest[closing.upperBound...]
    }
    return found.map { $0.unicodeScalars.stripped().text }
  }

  /// The score of an answer as it stands, nothing being looked for in it.
  public static func score(answer: String, reference: String, facts: String) -> Double {
    let facts = ReasoningGymFacts(facts)
    switch facts.task {
    case "tower_of_hanoi": return HanoiPegs(facts)?.score(answer) ?? 0
    case "spell_backward": return spelling(answer, reference)
    case "knights_knaves": return people(answer, reference)
    default: break
    }
    return score(Array(answer.unicodeScalars), Array(reference.unicodeScalars), facts)
  }

  private static func score(
    _ answer: [Unicode.Scalar], _ reference: [Unicode.Scalar], _ facts: ReasoningGymFacts
  ) -> Double {
    switch facts.task {
    case "chain_sum", "products": decimal(answer, reference)
    case "decimal_chain_sum": decimalOnly(answer, reference)
    case "coin_flip": probability(answer, reference)
    case "gsm_symbolic": firstNumber(answer, reference)
    case "countdown": countdown(answer, facts)
    case "puzzle24": puzzle24(answer, facts)
    case "fraction_simplification": fraction(answer, facts)
    case "prime_factorization": factors(answer, reference)
    case "number_sorting": numberList(answer, reference, facts)
    case "word_sorting": wordList(answer, reference, facts)
    case "shortest_path": path(answer, reference, facts)
    default: contained(answer, reference)
    }
  }

  /// 1 for the same text; where the reference stands in the answer, its share of the length.
  static func contained(_ answer: [Unicode.Scalar], _ reference: [Unicode.Scalar]) -> Double {
    guard !answer.isEmpty else { return 0 }
    if answer == reference { return 1 }
    guard !reference.isEmpty, answer.contains(reference) else { return 0 }
    return Double(reference.count) / Double(answer.count)
  }
}
