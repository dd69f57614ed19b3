import Foundation
import Testing
import Trajectories

@testable import Records

@Suite struct StepLabelFileTests {
  private func read(_ text: String) throws -> StepLabelSet? {
    try StepLabelFile.read(Data(text.utf8), name: "s.jsonl", style: .bare)
  }

  @Test func `BIG-Bench-Mistake counts from 0 and null is none`() throws {
    let set = try #require(
      try read(
        #"""
        {"input": "1+1 =", "steps": ["a", "b"], "answer": "3", "target": "2", "mistake_index": 1}
        {"input": "1+1 =", "steps": ["a", "b"], "answer": "2", "target": "2", "mistake_index": null}
        {"input": "1+1 =", "steps": ["a", "b"], "answer": "3", "target": "2", "mistake_index": 2}
        """#))
    #expect(set.kind == .bigBenchMistake)
    #expect(set.solutions.map(\.firstError) == [1, nil])
    #expect(set.solutions.map(\.isFinalRight) == [false, true])
    #expect(set.solutions[0].verdicts == [.right, .wrong])
    #expect(set.solutions[0].problem.reference == "2")
    #expect(set.oddRows.count == 1 && set.oddRows[0].hasPrefix("s.jsonl:3: "))
  }

  @Test func `ProcessBench counts from 0 and −1 is none`() throws {
    let set = try #require(
      try read(
        #"""
        {"id": "g-1", "problem": "p?", "steps": ["a", "b", "c"], "final_answer_correct": false, "label": 0}
        {"id": "g-2", "problem": "p?", "steps": ["a"], "final_answer_correct": true, "label": -1}
        """#))
    #expect(set.kind == .processBench)
    #expect(set.solutions.map(\.firstError) == [0, nil])
    #expect(set.solutions[0].verdicts == [.wrong, .inherited, .inherited])
    #expect(set.solutions.map(\.problem.id) == ["s.jsonl/g-1", "s.jsonl/g-2"])
  }

  @Test func `MR-GSM8K and MR-Ben count from 1`() throws {
    let gsm = try #require(
      try read(
        #"{"uuid": "u", "question": "q?", "ground_truth_answer": "7", "model_output_steps": ["a", "b"], "model_output_solution_first_error_step": 2}"#
      ))
    #expect(gsm.kind == .mrGSM8K)
    #expect(gsm.solutions[0].firstError == 1)
    #expect(gsm.solutions[0].problem.reference == "7")
    let ben = try #require(
      try read(
        #"""
        {"Question": "q?", "Options": "A: x \nB: y", "Ground_Truth_Answer": "B", "Model_Solution_Steps": ["a", "b"], "Model_Solution_First_Error_Step": "1"}
        {"Question": "q?", "Ground_Truth_Answer": "B", "Model_Solution_Steps": "x = 1\n  y = 2\n", "Model_Solution_First_Error_Step": "y = 2"}
        {"Question": "q?", "Ground_Truth_Answer": "B", "Model_Solution_Steps": ["a"], "Model_Solution_First_Error_Step": "N/A"}
        """#))
    #expect(ben.kind == .mrBen)
    #expect(ben.solutions.map(\.firstError) == [0, 1, nil])
    #expect(ben.solutions[0].problem.reference == "(B)")
    #expect(ben.solutions[0].problem.prompt == "q?\nA: x \nB: y")
  }

  @Test func `other files are left to other readers`() throws {
    #expect(try read(#"{"prompt": "2+2=", "reference": "4"}"#) == nil)
    #expect(try read("nothing") == nil)
  }

  @Test func `the public sets are read where they lie beside the package`() throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("../shared/data/third-party/step-labels").standardizedFileURL
    let expected = [
      "bigbench_mistake/dyck_languages.jsonl": 250, "bigbench_mistake/logical_deduction.jsonl": 156,
      "bigbench_mistake/multistep_arithmetic.jsonl": 147,
      "bigbench_mistake/word_sorting.jsonl": 141,
      "bigbench_mistake/tracking_shuffled_objects.jsonl": 152, "processbench/gsm8k.jsonl": 192,
      "mr_gsm8k/mr_gsm8k_wrong_solutions.jsonl": 299,
    ]
    for (name, count) in expected {
      let file = folder.appendingPathComponent(name)
      guard FileManager.default.fileExists(atPath: file.path) else {
        print("\(file.path) is missing, so it is not read.")
        continue
      }
      let set = try #require(try StepLabelFile.read(file))
      #expect(set.solutions.count == count)
      #expect(set.oddRows.isEmpty, "\(set.oddRows.prefix(2))")
    }
  }
}
