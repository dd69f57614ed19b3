public import Trajectories

/// The public benchmarks whose files are known by their fields.
public enum BenchmarkKind: String, Codable, CaseIterable, Sendable {
  case bbh = "BBH"
  case gsm8k = "GSM8K"
  case math = "MATH"
  case mmlu = "MMLU"
  case mmluPro = "MMLU-Pro"
  case aime = "AIME"
  case reasoningGym = "reasoning-gym"
  /// JSON lines of one's own: prompt and reference.
  case own = "own"
}

/// The problems of a file, and the rows of it that are none.
public struct BenchmarkSet: Equatable, Sendable {
  /// What the file is called.
  public var name: String
  /// Whose it is.
  public var kind: BenchmarkKind
  /// The problems with their gold answers and gradings, in the order of the file; the task of each
  /// is `Problem.fileTask`, and the id names the file and the row.
  public var problems: [Problem]
  /// A sentence for each row that is missing something, with its file and line.
  public var oddRows: [String]
}

/// A row of a benchmark as a problem.
struct BenchmarkRow {
  /// The question without what the prompt asks for beside it.
  var question: String
  var reference: String
  var grading: AnswerGrading
  /// A whole right answer, where the file has one.
  var solution: String?
  /// What the prompt asks for beside the question.
  var form: AnswerForm

  /// The form in which an answer is asked for.
  enum AnswerForm {
    case number
    case boxed
    case letter
    case last
    case tagged
    case asked
  }
}

extension BenchmarkRow {
  /// The problem in a style.
  func problem(id: String, style: PromptStyle) -> Problem {
    let request = request(style)
    return Problem(
      id: id, task: Problem.fileTask, prompt: question + (request.isEmpty ? "" : "\n" + request),
      reference: reference, solution: solution, guessChance: guessChance, grading: grading)
  }

  private var guessChance: Double {
    grading.options.isEmpty ? 0 : 1 / Double(grading.options.count)
  }

  private func request(_ style: PromptStyle) -> String {
    switch (style, form) {
    case (.bare, _), (_, .asked): ""
    case (.steps, .number):
      "Think step by step. End with a line that holds #### and the number alone."
    case (.steps, .boxed): "Think step by step. Put the final answer in \\boxed{}."
    case (.steps, .letter):
      "Think step by step. End with “The answer is (X)”, where X is the letter of your choice."
    case (.steps, .last): "Think step by step. End with “So the answer is” and the answer."
    case (.steps, .tagged): "Think step by step. Put the final answer in <answer></answer>."
    case (.direct, .letter): "Answer with the letter alone."
    case (.direct, .number): "Answer with the number alone."
    case (.direct, _): "Give the answer alone."
    }
  }
}
