public import Foundation
public import Trajectories

/// Reads BIG-Bench-Mistake, ProcessBench, MR-GSM8K and MR-Ben, known by their fields.
public enum StepLabelFile {
  /// Reads a file.
  ///
  /// - Parameters:
  ///   - url: JSON lines or a JSON array.
  ///   - style: What the prompts ask for beside the question.
  /// - Returns: The solutions; nil where the file's first row is of no such set.
  /// - Throws: A sentence where the file cannot be read, or none of its rows is whole.
  public static func read(_ url: URL, style: PromptStyle = .steps) throws -> StepLabelSet? {
    let data = try DurableFiles.bytes(of: url, limit: JSONLines.sizeLimit)
    return try read(data, name: url.lastPathComponent, style: style)
  }

  /// Reads the bytes of a file that is called `name`, as `read(_:style:)` does.
  public static func read(
    _ data: Data, name: String, style: PromptStyle = .steps
  ) throws -> StepLabelSet? {
    guard !name.lowercased().hasSuffix(".csv"),
      let rows = try? RawRow.rows(of: data, name: name), let first = rows.first,
      let kind = kind(of: first)
    else { return nil }
    var set = StepLabelSet(name: name, kind: kind, solutions: [], oddRows: [])
    for row in rows {
      do {
        let labelled = try StepLabelRow(row, kind)
        let id = row.text("id", "uuid") ?? "\(row.number)"
        set.solutions.append(try labelled.solution(id: "\(name)/\(id)", style: style))
      } catch {
        set.oddRows.append("\(row.place): \(error)")
      }
    }
    guard !set.solutions.isEmpty else {
      throw RecordsError(set.oddRows.first ?? "\(name) holds no solutions.")
    }
    return set
  }

  private static func kind(of row: RawRow) -> StepLabelKind? {
    let names = Set(row.fields.keys)
    if names.isSuperset(of: ["steps", "mistake_index", "input"]) { return .bigBenchMistake }
    if names.isSuperset(of: ["steps", "label", "problem"]) { return .processBench }
    if names.contains("model_output_solution_first_error_step") { return .mrGSM8K }
    return names.contains("Model_Solution_First_Error_Step") ? .mrBen : nil
  }
}

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

  func solution(id: String, style: PromptStyle) throws -> StepLabelledSolution {
    StepLabelledSolution(
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

/// A solution whose first wrong step somebody named.
public struct StepLabelledSolution: Equatable, Sendable {
  /// The question; its reference is empty where the file does not say the right answer.
  public var problem: Problem
  /// The steps as the file has them.
  public var steps: [String]
  /// The first wrong step, from 0, whatever base the file counts from; nil where all are right.
  public var firstError: Int?
  /// Whether the final answer is right; nil where the file does not say.
  public var isFinalRight: Bool?

  /// What the file says of each step: right up to the error, wrong, then inherited.
  public var verdicts: [StepVerdict] {
    steps.indices.map { step in
      guard let firstError, step >= firstError else { return .right }
      return step == firstError ? .wrong : .inherited
    }
  }
}

/// The public sets of solutions with step labels.
public enum StepLabelKind: String, Codable, Sendable {
  /// Counts steps from 0; null is none.
  case bigBenchMistake = "BIG-Bench-Mistake"
  /// Counts steps from 0; −1 is none.
  case processBench = "ProcessBench"
  /// Counts steps from 1.
  case mrGSM8K = "MR-GSM8K"
  /// Counts steps from 1, as text; `N/A` is none, and a line of code stands for itself.
  case mrBen = "MR-Ben"
}

/// The solutions of a file, and its rows that are none.
public struct StepLabelSet: Equatable, Sendable {
  /// What the file is called.
  public var name: String
  /// Whose it is.
  public var kind: StepLabelKind
  /// The solutions, in the order of the file.
  public var solutions: [StepLabelledSolution]
  /// A sentence for each row that is missing something, with its file and line.
  public var oddRows: [String]
}
