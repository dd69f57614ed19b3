import Foundation
import Trajectories

extension BenchmarkRow {
  /// What a row is, by its fields.
  ///
  /// - Throws: A sentence, without its place, where the row is missing something.
  static func read(_ row: RawRow, stem: String) throws -> (BenchmarkKind, BenchmarkRow) {
    guard !row.fields.isEmpty else {
      throw RecordsError("the row is no JSON object and no row of a table; mend or remove it.")
    }
    if row.fields["input"] != nil, row.fields["target"] != nil { return (.bbh, try bbh(row)) }
    if let metadata = row.fields["metadata"] as? [String: Any],
      let task = metadata["source_dataset"] as? String
    {
      return (.reasoningGym, try reasoningGym(row, task, metadata))
    }
    if row.fields["options"] is [Any] { return (.mmluPro, try mmluPro(row)) }
    if row.fields["choices"] is [Any] || row.fields["A"] != nil { return (.mmlu, try mmlu(row)) }
    if let answer = row.text("answer"), answer.contains("####") {
      return (.gsm8k, try gsm8k(row, answer))
    }
    if row.text("problem", "Problem") != nil, row.text("solution", "Solution") != nil,
      row.fields["level"] != nil || row.fields["type"] != nil || row.fields["subject"] != nil
    {
      return (.math, try math(row))
    }
    if let problem = row.text("problem", "Problem", "Question", "question"), isContest(row) {
      return (.aime, try aime(row, problem))
    }
    return (.own, try own(row))
  }

  private static func needed(_ text: String?, _ name: String) throws -> String {
    guard let text, text.contains(where: { !$0.isWhitespace }) else {
      throw RecordsError("there is no “\(name)”; mend or remove the row.")
    }
    return text
  }

  private static func bbh(_ row: RawRow) throws -> BenchmarkRow {
    let question = try needed(row.text("input"), "input")
    let target = try needed(row.text("target"), "target")
    let isLetter = target.count == 3 && target.hasPrefix("(") && target.hasSuffix(")")
    if isLetter {
      return BenchmarkRow(
        question: question, reference: target,
        grading: AnswerGrading(.choice, options: ChoiceList.options(in: question)), form: .letter)
    }
    let isNumber = Double(target) != nil
    let isText = target.contains { $0.isLetter }
    return BenchmarkRow(
      question: question, reference: target,
      grading: AnswerGrading(isNumber ? .mathematics : isText ? .words : .signs), form: .last)
  }

  private static func gsm8k(_ row: RawRow, _ answer: String) throws -> BenchmarkRow {
    let question = try needed(row.text("question"), "question")
    guard let mark = answer.range(of: "####", options: .backwards) else {
      throw RecordsError("the answer has no “####”; mend or remove the row.")
    }
    let number = answer[mark.upperBound...].trimmingCharacters(in: .whitespacesAndNewlines)
    return BenchmarkRow(
      question: question, reference: try needed(number, "#### number"),
      grading: AnswerGrading(.mathematics), solution: withoutCalculator(answer), form: .number)
  }

  /// Without GSM8K's `<<48/2=24>>`.
  private static func withoutCalculator(_ text: String) -> String {
    text.replacingOccurrences(of: "<<[^>]*>>", with: "", options: .regularExpression)
  }

  private static func math(_ row: RawRow) throws -> BenchmarkRow {
    let question = try needed(row.text("problem", "Problem"), "problem")
    let solution = row.text("solution", "Solution")
    let answer = row.text("answer", "Answer") ?? solution.flatMap(BoxedText.last)
    return BenchmarkRow(
      question: question, reference: try needed(answer, "answer"),
      grading: AnswerGrading(.mathematics), solution: solution, form: .boxed)
  }

  /// Whether a row with a problem and an answer is a contest's: the answer is a whole number 0…999.
  private static func isContest(_ row: RawRow) -> Bool {
    let hasMark = row.fields.keys.contains {
      ["year", "part", "url", "problem_idx", "part_of_exam", "exam"].contains($0.lowercased())
        || $0 == "Problem Number"
    }
    let id = row.text("id", "ID") ?? ""
    return hasMark || id.lowercased().contains("aime")
      || id.range(of: "^20[0-9]{2}-I", options: .regularExpression) != nil
  }

  private static func aime(_ row: RawRow, _ problem: String) throws -> BenchmarkRow {
    let answer = try needed(row.text("answer", "Answer"), "answer")
    let number = Int(answer.trimmingCharacters(in: .whitespaces))
    guard let number, (0...999).contains(number) else {
      throw RecordsError("“\(answer)” is no answer of AIME, a whole number from 0 to 999.")
    }
    return BenchmarkRow(
      question: problem, reference: "\(number)", grading: AnswerGrading(.mathematics),
      solution: row.text("solution", "Solution"), form: .boxed)
  }

  private static func reasoningGym(
    _ row: RawRow, _ task: String, _ metadata: [String: Any]
  ) throws -> BenchmarkRow {
    let facts = try JSONSerialization.data(withJSONObject: metadata, options: [.sortedKeys])
    return BenchmarkRow(
      question: try needed(row.text("question"), "question"),
      reference: try needed(row.text("answer"), "answer"),
      grading: AnswerGrading(.reasoningGym, facts: String(decoding: facts, as: UTF8.self)),
      form: .tagged)
  }

  private static func own(_ row: RawRow) throws -> BenchmarkRow {
    let question = try needed(
      row.text("prompt", "problem", "question", "Problem", "Question"), "prompt")
    let answer = try needed(row.text("reference", "answer", "Answer", "target"), "reference")
    return BenchmarkRow(
      question: question, reference: answer, grading: AnswerGrading(.mathematics),
      solution: row.text("solution"), form: .last)
  }
}
