import Foundation
import Trajectories

/// A labelled solution as its set writes it.
struct StepLabelRow {
  private let question: BenchmarkRow
  private let steps: [String]
  private let firstError: Int?
  private let isFinalRight: Bool?

  /// Reads a row of a set.
  ///
  /// - Throws: A sentence, without its place, where the row is missing something.
  init(_ row: RawRow, _ kind: StepLabelKind) throws {
    steps = try Self.steps(row)
    firstError = try Self.firstError(row, kind, steps)
    question = try Self.question(row, kind)
    switch kind {
    case .bigBenchMistake: isFinalRight = row.text("answer") == row.text("target")
    case .processBench: isFinalRight = row.text("final_answer_correct").map { $0 == "True" }
    case .mrGSM8K:
      isFinalRight = row.text("model_output_answer_correctness").map { $0 == "correct" }
    case .mrBen: isFinalRight = nil
    }
  }

  func solution(id: String, style: PromptStyle) throws -> LabelledSolution {
    LabelledSolution(
      problem: question.problem(id: id, style: style), steps: steps, firstError: firstError,
      isFinalRight: isFinalRight)
  }

  private static func steps(_ row: RawRow) throws -> [String] {
    for name in ["steps", "model_output_steps", "Model_Solution_Steps"] {
      if let list = row.texts(name), !list.isEmpty { return list }
      if let text = row.text(name), !text.isEmpty {
        return text.split(whereSeparator: \.isNewline).map(String.init)
      }
    }
    throw RecordsError("there are no steps; mend or remove the row.")
  }

  private static func firstError(
    _ row: RawRow, _ kind: StepLabelKind, _ steps: [String]
  ) throws -> Int? {
    let found: Int?
    switch kind {
    case .bigBenchMistake:
      guard let value = row.fields["mistake_index"], !(value is NSNull) else { return nil }
      found = row.whole("mistake_index")
    case .processBench:
      found = row.whole("label")
      if found == -1 { return nil }
    case .mrGSM8K:
      if row.text("model_output_solution_correctness") == "correct" { return nil }
      found = row.text("model_output_solution_first_error_step").flatMap(Int.init).map { $0 - 1 }
    case .mrBen:
      let said = row.text("Model_Solution_First_Error_Step") ?? ""
      if said == "N/A" { return nil }
      found = Int(said).map { $0 - 1 } ?? line(said, in: steps)
    }
    guard let found, steps.indices.contains(found) else {
      throw RecordsError(
        "its first error is none of the \(steps.count) steps; mend or remove the row.")
    }
    return found
  }

  /// The place of a line of code that stands for itself.
  private static func line(_ said: String, in steps: [String]) -> Int? {
    func bare(_ text: String) -> String { text.trimmingCharacters(in: .whitespaces) }
    return steps.firstIndex { bare($0) == bare(said) }
  }

  private static func question(_ row: RawRow, _ kind: StepLabelKind) throws -> BenchmarkRow {
    switch kind {
    case .bigBenchMistake: return try BenchmarkRow.read(row, stem: "").1
    case .processBench:
      return try number(row.text("problem"), row.text("answer", "reference") ?? "")
    case .mrGSM8K: return try number(row.text("question"), row.text("ground_truth_answer") ?? "")
    case .mrBen: return try choice(row)
    }
  }

  private static func number(_ question: String?, _ reference: String) throws -> BenchmarkRow {
    guard let question, !question.isEmpty else {
      throw RecordsError("there is no question; mend or remove the row.")
    }
    return BenchmarkRow(
      question: question, reference: reference, grading: AnswerGrading(.mathematics), form: .boxed)
  }

  private static func choice(_ row: RawRow) throws -> BenchmarkRow {
    let question = row.text("Question") ?? ""
    guard !question.isEmpty else {
      throw RecordsError("there is no “Question”; mend or remove the row.")
    }
    let options = row.text("Options") ?? ""
    let answer = row.text("Ground_Truth_Answer_Modified", "Ground_Truth_Answer") ?? ""
    let isLetter = answer.count == 1
    return BenchmarkRow(
      question: options.isEmpty ? question : question + "\n" + options,
      reference: isLetter ? "(\(answer))" : answer,
      grading: AnswerGrading(isLetter ? .choice : .mathematics), form: isLetter ? .letter : .last)
  }
}
