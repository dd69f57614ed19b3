public import Foundation
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

  /// A set with every field given.
  public init(name: String, kind: BenchmarkKind, problems: [Problem], oddRows: [String]) {
    self.name = name
    self.kind = kind
    self.problems = problems
    self.oddRows = oddRows
  }
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

/// Reads the public files of BBH, GSM8K, MATH, MMLU, MMLU-Pro, AIME and reasoning-gym, and problems
/// of one's own.
///
/// A file is known by its fields, not by its name: JSON lines, a JSON array, BBH's JSON object with
/// `examples`, MMLU's CSV without a header, or a folder of such files (MATH has one problem in
/// each).
public enum BenchmarkFile {
  /// Reads a file, or every `.json`, `.jsonl` and `.csv` beneath a folder.
  ///
  /// - Parameters:
  ///   - url: The file or folder.
  ///   - style: What the prompts ask for beside the question.
  /// - Returns: The problems and the rows that are none.
  /// - Throws: A sentence where there is no problem at all in it, with the first row's fault.
  public static func read(_ url: URL, style: PromptStyle = .steps) throws -> BenchmarkSet {
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder), isFolder.boolValue
    {
      return try folder(url, style: style)
    }
    let data = try DurableFiles.bytes(of: url, limit: JSONLines.sizeLimit)
    return try read(data, name: url.lastPathComponent, style: style)
  }

  /// Reads the bytes of a file.
  ///
  /// - Parameters:
  ///   - data: The file.
  ///   - name: What it is called; `.csv` at its end makes it a table.
  ///   - style: What the prompts ask for beside the question.
  /// - Returns: The problems and the rows that are none.
  /// - Throws: As `read(_:style:)`.
  public static func read(
    _ data: Data, name: String, style: PromptStyle = .steps
  ) throws -> BenchmarkSet {
    let rows = try RawRow.rows(of: data, name: name)
    let stem = name.split(separator: ".").dropLast().joined(separator: ".")
    var found: [(BenchmarkKind, Problem)] = []
    var odd: [String] = []
    for row in rows {
      do {
        let (kind, problem) = try BenchmarkRow.read(row, stem: stem)
        found.append((kind, problem.problem(id: "\(name)/\(row.number)", style: style)))
      } catch {
        odd.append("\(row.place): \(error)")
      }
    }
    guard let kind = found.first?.0 else {
      throw RecordsError(odd.first ?? "\(name) holds no problems.")
    }
    return BenchmarkSet(name: name, kind: kind, problems: found.map(\.1), oddRows: odd)
  }

  private static func folder(_ url: URL, style: PromptStyle) throws -> BenchmarkSet {
    let files = try FileManager.default.subpathsOfDirectory(atPath: url.path).sorted()
      .filter { ["json", "jsonl", "csv"].contains(($0 as NSString).pathExtension) }
    var whole: BenchmarkSet?
    var odd: [String] = []
    for file in files {
      do {
        let set = try read(url.appendingPathComponent(file), style: style)
        let problems = set.problems.map { problem in
          var problem = problem
          problem.id = (file as NSString).deletingLastPathComponent + "/" + problem.id
          return problem
        }
        whole =
          whole
          ?? BenchmarkSet(
            name: url.lastPathComponent, kind: set.kind, problems: [], oddRows: [])
        whole?.problems += problems
        odd += set.oddRows
      } catch {
        odd.append("\(error)")
      }
    }
    guard var whole else {
      throw RecordsError(odd.first ?? "\(url.path) holds no .json, .jsonl or .csv file.")
    }
    whole.oddRows = odd
    return whole
  }
}
