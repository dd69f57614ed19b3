public import Trajectories

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

  /// Tasks that the library scores by the rule for texts.
  private static let plain: Set<String> = [
    "acre", "aiw", "arc_1d", "base_conversion", "basic_arithmetic", "bf", "binary_alternation",
    "caesar_cipher", "count_bits", "count_primes", "course_schedule", "gcd", "isomorphic_strings",
    "largest_island", "lcm", "leg_counting", "letter_counting", "list_functions", "mahjong_puzzle",
    "maze", "modulo_grid", "number_filtering", "number_sequence", "ransom_note", "rotate_matrix",
    "rotten_oranges", "simple_equations", "simple_geometry", "string_manipulation",
    "string_splitting", "string_synthesis", "syllogism", "word_sequence_reversal",
  ]

  /// Tasks that have a rule of their own above.
  private static let ruled: Set<String> = [
    "chain_sum", "coin_flip", "countdown", "decimal_chain_sum", "fraction_simplification",
    "gsm_symbolic", "knights_knaves", "number_sorting", "prime_factorization", "products",
    "puzzle24", "shortest_path", "spell_backward", "tower_of_hanoi", "word_sorting",
  ]

  /// The tasks among problems of which Crux does not know that their scores are the library's, by
  /// name: they earn by the rule for texts, and the library may have another.
  public static func unknownTasks(in problems: [Problem]) -> [String] {
    let graded = problems.compactMap(\.grading).filter { $0.rule == .reasoningGym }
    let tasks = Set(graded.map { ReasoningGymFacts($0.facts).task })
    return tasks.subtracting(plain).subtracting(ruled).sorted()
  }

  /// 1 for the same text; where the reference stands in the answer, its share of the length.
  static func contained(_ answer: [Unicode.Scalar], _ reference: [Unicode.Scalar]) -> Double {
    guard !answer.isEmpty else { return 0 }
    if answer == reference { return 1 }
    guard !reference.isEmpty, answer.contains(reference) else { return 0 }
    return Double(reference.count) / Double(answer.count)
  }
}
