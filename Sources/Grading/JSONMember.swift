import Foundation

extension ExtractedAnswer {
  /// The `answer` (or `final_answer`, `result`) of the last JSON object in a text.
  static func member(of text: String) -> String? {
    guard text.contains("{"), text.contains("\"") else { return nil }
    guard let end = text.lastIndex(of: "}") else { return nil }
    var tries = 0
    var place = end
    while place > text.startIndex, tries < 16 {
      place = text.index(before: place)
      guard text[place] == "{" else { continue }
      tries += 1
      let data = Data(text[place...end].utf8)
      guard let object = try? JSONSerialization.jsonObject(with: data) as? [String: Any] else {
        continue
      }
      return answer(in: object)
    }
    return nil
  }

  private static func answer(in object: [String: Any]) -> String? {
    for key in ["answer", "final_answer", "finalAnswer", "result"] {
      switch object[key] {
      case let text as String: return text
      case let number as NSNumber: return number.description
      default: continue
      }
    }
    return nil
  }
}
