import Foundation
import Testing
import Trajectories

@testable import Records

@Suite struct BenchmarkFileTests {
  private func read(
    _ text: String, _ name: String = "f.jsonl", style: PromptStyle = .bare
  ) throws -> BenchmarkSet {
    try BenchmarkFile.read(Data(text.utf8), name: name, style: style)
  }

  @Test func `GSM8K is known by its hashes`() throws {
    let set = try read(
      #"{"question": "Two and two?", "answer": "2+2 = <<2+2=4>>4 apples.\n#### 1,004"}"#)
    #expect(set.kind == .gsm8k)
    let problem = try #require(set.problems.first)
    #expect(problem.reference == "1,004")
    #expect(problem.solution == "2+2 = 4 apples.\n#### 1,004")
    #expect(problem.grading == AnswerGrading(.mathematics))
    #expect(problem.task == Problem.fileTask)
    #expect(problem.id == "f.jsonl/1")
  }

  @Test func `BBH is an object with examples, each judged by its target`() throws {
    let set = try read(
      #"""
      {"canary": "c", "examples": [
        {"input": "Which?\nOptions:\n(A) red\n(B) blue", "target": "(B)"},
        {"input": "not True is", "target": "False"}, {"input": "How many?", "target": "12"},
        {"input": "( [", "target": "] )"}, {"input": "", "target": "x"}]}
      """#, "snarks.json")
    #expect(set.kind == .bbh)
    #expect(
      set.problems.compactMap(\.grading) == [
        AnswerGrading(.choice, options: ["red", "blue"]), AnswerGrading(.words),
        AnswerGrading(.mathematics),
        AnswerGrading(.signs),
      ])
    #expect(set.problems[0].guessChance == 0.5)
    #expect(set.oddRows == ["snarks.json, row 5: there is no “input”; mend or remove the row."])
  }

  @Test func `MATH's answer is taken from its field or from the last box`() throws {
    let set = try read(
      #"""
      {"problem": "a?", "solution": "So \\boxed{1} or \\boxed{\\frac{1}{2}}.", "level": "Level 1"}
      {"problem": "b?", "solution": "x", "answer": "3", "subject": "Algebra", "level": 2}
      """#)
    #expect(set.kind == .math)
    #expect(set.problems.map(\.reference) == ["\\frac{1}{2}", "3"])
    let one = try read(
      "{\n \"problem\": \"a?\",\n \"level\": \"5\", \"solution\": \"\\\\boxed 7$\"\n}", "1.json")
    #expect(one.problems.map(\.reference) == ["7"])
  }

  @Test func `MMLU is a table without a header or lines with choices`() throws {
    let table = try read(
      "\"What, \"\"here\"\"?\",1,2,3,4,C\nOther?,a,b,c,d,A\nShort,1,2\n", "x_test.csv")
    #expect(table.kind == .mmlu)
    #expect(table.problems.map(\.reference) == ["(C)", "(A)"])
    #expect(table.problems[0].prompt == "What, \"here\"?\n(A) 1\n(B) 2\n(C) 3\n(D) 4")
    #expect(table.oddRows.count == 1 && table.oddRows[0].hasPrefix("x_test.csv:3: "))
    let lines = try read(
      #"""
      {"question": "q?", "choices": ["u", "v"], "answer": 1}
      {"question": "q?", "choices": ["u", "v"], "answer": "A"}
      {"question": "q?", "choices": ["u", "v"], "answer": 7}
      """#)
    #expect(lines.problems.map(\.reference) == ["(B)", "(A)"])
    #expect(lines.oddRows.first?.hasPrefix("f.jsonl:3: “answer” is “7”") == true)
  }

  @Test func `MMLU-Pro has up to ten options`() throws {
    let options = (1...10).map { "\"o\($0)\"" }.joined(separator: ",")
    let set = try read(
      "{\"question\": \"q?\", \"options\": [\(options)], \"answer\": \"J\", \"answer_index\": 9}",
      style: .steps)
    #expect(set.kind == .mmluPro)
    #expect(set.problems[0].reference == "(J)")
    #expect(set.problems[0].prompt.contains("\n(J) o10\nThink step by step."))
  }

  @Test func `AIME's answers are whole numbers up to 999`() throws {
    let set = try read(
      #"""
      {"id": "2024-I-1", "problem": "p?", "answer": "073", "year": 2024}
      {"id": "2024-I-2", "problem": "p?", "answer": 1000, "year": 2024}
      """#)
    #expect(set.kind == .aime)
    #expect(set.problems.map(\.reference) == ["73"])
    #expect(set.oddRows.first?.contains("f.jsonl:2") == true)
  }

  @Test func `reasoning-gym keeps what its rule must know`() throws {
    let set = try read(
      #"{"question": "q", "answer": "a", "metadata": {"source_dataset": "countdown", "target": 7}}"#
    )
    #expect(set.kind == .reasoningGym)
    #expect(
      set.problems[0].grading
        == AnswerGrading(.reasoningGym, facts: #"{"source_dataset":"countdown","target":7}"#))
  }

  @Test func `problems of one's own are read too, and nothing at all is an error`() throws {
    let set = try read(#"{"prompt": "2+2=", "reference": 4}"#)
    #expect(set.kind == .own)
    #expect(set.problems[0].reference == "4")
    #expect(throws: RecordsError.self) { try read("{}") }
    #expect(throws: RecordsError.self) { try read("nothing") }
    #expect(throws: RecordsError.self) { try read("", "a.csv") }
  }

  @Test func `public files are read without an odd row where they lie beside the package`() throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("../shared/data/third-party/benchmarks").standardizedFileURL
    let expected: [(String, BenchmarkKind, Int)] = [
      ("gsm8k/test.jsonl", .gsm8k, 300), ("bbh/bbh", .bbh, 1080),
      ("mmlu_pro/mmlu_pro_with_cot.jsonl", .mmluPro, 210), ("mmlu_stem/test.jsonl", .mmlu, 150),
    ]
    for (name, kind, count) in expected {
      let file = folder.appendingPathComponent(name)
      guard FileManager.default.fileExists(atPath: file.path) else {
        print("\(file.path) is missing, so it is not read.")
        continue
      }
      let set = try BenchmarkFile.read(file)
      #expect(set.kind == kind)
      #expect(set.problems.count == count)
      #expect(set.oddRows.isEmpty, "\(set.oddRows.prefix(3))")
      #expect(Set(set.problems.map(\.id)).count == count)
    }
  }
}
