import Foundation
import Trajectories

/// Multiple choices: how they are written into a prompt, and read out of one.
enum ChoiceList {
  /// The letter of a place, such as B of 1.
  static func letter(_ place: Int) -> String {
    guard (0..<26).contains(place) else { return "?" }
    return String(UnicodeScalar(UInt8(65 + place)))
  }

  /// A question with its choices beneath it, one a line.
  static func prompt(_ question: String, _ options: [String]) -> String {
    let lines = options.enumerated().map { "(\(letter($0))) \($1)" }
    return ([question] + lines).joined(separator: "\n")
  }

  /// The choices that stand in a prompt as `(A) …`, one a line; empty where there are none.
  static func options(in prompt: String) -> [String] {
    var found: [String] = []
    for line in prompt.split(whereSeparator: \.isNewline) {
      let text = line.drop(while: \.isWhitespace)
      let mark = "(\(letter(found.count)))"
      guard text.hasPrefix(mark) else { continue }
      found.append(text.dropFirst(mark.count).trimmingCharacters(in: .whitespaces))
    }
    return found
  }
}

extension BenchmarkRow {
  static func mmlu(_ row: RawRow) throws -> BenchmarkRow {
    let letters = ["A", "B", "C", "D", "E"].compactMap { row.text($0) }
    return try choice(row, options: row.texts("choices") ?? letters)
  }

  static func mmluPro(_ row: RawRow) throws -> BenchmarkRow {
    guard let options = row.texts("options") else {
      throw RecordsError("“options” is no list of texts; mend or remove the row.")
    }
    return try choice(row, options: options)
  }

  /// The answer is a letter, or the number of a choice from 0.
  private static func choice(_ row: RawRow, options: [String]) throws -> BenchmarkRow {
    guard let question = row.text("question"), !question.isEmpty else {
      throw RecordsError("there is no “question”; mend or remove the row.")
    }
    guard options.count > 1 else {
      throw RecordsError("there are \(options.count) choices; mend or remove the row.")
    }
    let said = row.text("answer")?.trimmingCharacters(in: .whitespaces)
    let place =
      row.whole("answer_index") ?? said.flatMap(Int.init)
      ?? options.indices.first { ChoiceList.letter($0) == said?.uppercased() }
    guard let place, options.indices.contains(place) else {
      throw RecordsError(
        "“answer” is \(said.map { "“\($0)”" } ?? "missing"), which is none of the \(options.count) "
          + "choices; mend or remove the row.")
    }
    return BenchmarkRow(
      question: ChoiceList.prompt(question, options), reference: "(\(ChoiceList.letter(place)))",
      grading: AnswerGrading(.choice, options: options), form: .letter)
  }
}
