import Foundation

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
    contained(answer, reference)
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

/// What an instance holds beside its question and answer.
struct ReasoningGymFacts {
  private let fields: [String: Any]

  /// Reads the metadata of an instance; nothing where it is no JSON object.
  init(_ json: String) {
    let object = try? JSONSerialization.jsonObject(with: Data(json.utf8))
    fields = object as? [String: Any] ?? [:]
  }

  /// The task that made the instance.
  var task: String { text("source_dataset") ?? "" }

  func text(_ name: String) -> String? { fields[name] as? String }
  func number(_ name: String) -> Double? { (fields[name] as? NSNumber)?.doubleValue }
  func numbers(_ name: String) -> [Double]? { (fields[name] as? [NSNumber])?.map(\.doubleValue) }
  func texts(_ name: String) -> [String]? { fields[name] as? [String] }
}
