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

/// One row of a benchmark's file, before anything is known of it.
struct RawRow {
  /// Its line, or its place among the rows of a JSON file, from 1.
  var number: Int
  /// Where it stands, for sentences.
  var place: String
  var fields: [String: Any]

  /// A text field; a number as it would be written; nil where there is none of these names.
  func text(_ names: String...) -> String? {
    for name in names {
      switch fields[name] {
      case let text as String: return text
      case let number as NSNumber:
        return truthText(number) ?? number.description
      default: continue
      }
    }
    return nil
  }

  /// A list of texts.
  func texts(_ name: String) -> [String]? { fields[name] as? [String] }

  /// A whole number.
  func whole(_ name: String) -> Int? { (fields[name] as? NSNumber).map(\.intValue) }
}

/// A JSON truth value as text; nil for a number.
private func truthText(_ number: NSNumber) -> String? {
  String(cString: number.objCType) == "c" ? (number.boolValue ? "True" : "False") : nil
}

extension RawRow {
  /// The rows of a file of any known layout.
  static func rows(of data: Data, name: String) throws -> [RawRow] {
    if name.lowercased().hasSuffix(".csv") { return try table(data, name: name) }
    if let whole = try? JSONSerialization.jsonObject(with: data) {
      if let object = whole as? [String: Any] {
        if let examples = object["examples"] as? [[String: Any]] { return list(examples, name) }
        return [RawRow(number: 1, place: name, fields: object)]
      }
      if let rows = whole as? [[String: Any]] { return list(rows, name) }
    }
    return try JSONLines(data, name: name).lines.map { number, text in
      let fields = (try? JSONSerialization.jsonObject(with: text)) as? [String: Any]
      return RawRow(number: number, place: "\(name):\(number)", fields: fields ?? [:])
    }
  }

  private static func list(_ rows: [[String: Any]], _ name: String) -> [RawRow] {
    rows.enumerated().map { place, fields in
      RawRow(number: place + 1, place: "\(name), row \(place + 1)", fields: fields)
    }
  }

  /// A table: with a header where its first row names a question, else MMLU's, which has none.
  private static func table(_ data: Data, name: String) throws -> [RawRow] {
    let rows = CommaTable.rows(of: String(decoding: data, as: UTF8.self))
    guard let first = rows.first else { throw RecordsError("\(name) is empty.") }
    let names = first.cells.map { $0.lowercased() }
    let hasHeader = names.contains("question") || names.contains("problem")
    let plain = ["question", "A", "B", "C", "D", "answer"]
    let keys = hasHeader ? names : plain
    return (hasHeader ? Array(rows.dropFirst()) : rows).map { row in
      let fields = row.cells.count == keys.count ? zip(keys, row.cells).map { ($0, $1 as Any) } : []
      return RawRow(
        number: row.line, place: "\(name):\(row.line)",
        fields: Dictionary(fields, uniquingKeysWith: { first, _ in first }))
    }
  }
}

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

/// The answer that MATH's solutions put in a box.
enum BoxedText {
  /// What the last `\boxed{…}` (or `\fbox{…}`, or `\boxed 3`) of a solution holds.
  static func last(_ solution: String) -> String? {
    let text = Array(solution)
    let marks = ["\\boxed", "\\fbox"].map(Array.init)
    let starts = text.indices.filter { place in
      marks.contains { text[place...].starts(with: $0) }
    }
    guard let start = starts.last,
      let open = text[start...].firstIndex(where: { $0 == "{" || $0 == " " })
    else { return nil }
    if text[open] == " " {
      return String(text[(open + 1)...].prefix { !$0.isWhitespace && $0 != "$" })
    }
    var depth = 0
    for place in text[open...].indices {
      if text[place] == "{" { depth += 1 }
      if text[place] == "}" { depth -= 1 }
      if depth == 0 { return String(text[(open + 1)..<place]) }
    }
    return nil
  }
}

/// Comma-separated values as RFC 4180 has them: quotes hold commas, line ends and doubled quotes.
enum CommaTable {
  /// The rows that are not blank, each with the line it begins on, from 1.
  static func rows(of text: String) -> [(line: Int, cells: [String])] {
    var found: [(line: Int, cells: [String])] = []
    var (cells, cell): ([String], String) = ([], "")
    var (line, start) = (1, 1)
    var isQuoted = false
    var previous: Character?
    func isBlank() -> Bool { cells.isEmpty && !cell.contains { !$0.isWhitespace } }
    for character in text {
      if character.isNewline { line += 1 }
      if character == "\"" {
        // Two quotes within quotes are one.
        if !isQuoted, previous == "\"" { cell.append("\"") }
        isQuoted.toggle()
      } else if isQuoted {
        cell.append(character)
      } else if character == "," {
        cells.append(cell)
        cell = ""
      } else if character.isNewline {
        if !isBlank() { found.append((start, cells + [cell])) }
        (cells, cell, start) = ([], "", line)
      } else {
        cell.append(character)
      }
      previous = character
    }
    if !isBlank() { found.append((start, cells + [cell])) }
    return found
  }
}
