import Foundation
import Records
import Testing
import Trajectories
import Workbench

@testable import TerminalTesting

/// A person against the labels of a public set, in the workbench and from the command line.
extension CruxProcessTests {
  /// Two wrong solutions, one of them right in the end, and a right one.
  private static let set = #"""
    {"id": "a", "input": "3 *8 +2 ?v :", "target": "26", "answer": "27", "mistake_index": 1, "steps": ["*8 24", "+2 27", "# 27"]}
    {"id": "b", "input": "4 *2 +1 ?v :", "target": "9", "answer": "9", "mistake_index": 0, "steps": ["*2 7", "+1 9", "# 9"]}
    {"id": "c", "input": "5 *2 +1 ?v :", "target": "11", "answer": "11", "mistake_index": null, "steps": ["*2 10", "+1 11", "# 11"]}

    """#

  @Test func `a set of labelled solutions is judged blind and held against its labels`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let file = try place.file("set.jsonl", Self.set).path
    let (terminal, _) = try place.open([
      "open", file, "--blind", "--person", "Ada", "--style", "bare",
    ])
    defer { terminal.close() }
    try terminal.expect("BLIND 0 of 3")
    try terminal.expect("labelled solutions")
    #expect(
      !terminal.screen.text.contains("first error by") && !terminal.screen.text.contains("slip"))
    // From the last one there is a way to those before it.
    terminal.type("G\r")
    try terminal.expect("which step is the first wrong one?")
    terminal.type("M")
    try terminal.expect("You chose none, and so does BIG-Bench-Mistake")
    terminal.type("L")
    try terminal.expect("Step 1 of 3: *8 24")
    terminal.type("jm")
    try terminal.expect("You chose step 2, and so does BIG-Bench-Mistake")
    try terminal.expect("2✗ +2 27")
    terminal.type("L")
    try terminal.expect("Step 1 of 3: *2 7")
    terminal.type("jjm")
    try terminal.expect("All 3 are judged")
    try terminal.expect("BIG-Bench-Mistake and Ada: the same: 2 of 3")
    terminal.type(":quit\r")
    #expect(terminal.waitForExit() == 0)
    try score(place, against: file)
  }

  /// The person's choices leave the run and are scored as ProcessBench does.
  private func score(_ place: Workplace, against file: String) throws {
    let run = place.runs.appendingPathComponent("set").path
    let labels = place.runs.appendingPathComponent("ada.jsonl").path
    #expect(try place.run(["labels", "export", run, labels]).code == 0)
    let scored = try place.run(["eval", "--step-labels", file, "--labels", labels])
    #expect(scored.output.contains("Ada: 3 solutions scored"), "\(scored.output)\(scored.errors)")
    #expect(scored.output.contains("first error named 0.500"))
    #expect(scored.output.contains("F1 0.667"))
    let history = RunHistory(try place.events(of: "set"))
    // The label decides: a right answer does not make a wrong solution sound.
    #expect(history.trajectories.map(\.reward) == [0, 1, 1])
    #expect(history.trajectories.map(\.chainCorrect) == [false, false, true])
  }

  @Test func `rollouts that nobody can judge are refused`() throws {
    let place = try Workplace()
    defer { place.remove() }
    let row = #"""
      {"id": "a", "problem": "3 *8 +2 ?v :", "steps": ["*8 24", "+2 27", "# 27"], "final_answer_correct": false, "label": 1}

      """#
    let file = try place.file("set.jsonl", row).path
    let (terminal, _) = try place.open(["open", file, "--style", "bare"])
    defer { terminal.close() }
    try terminal.expect("slip")
    terminal.type("\re")
    try terminal.expect("Nobody says the right answer to this problem")
    terminal.type(":quit\r")
    #expect(terminal.waitForExit() == 0)
    let gold = try place.file(
      "gold.jsonl", "{\"prompt\": \"3 *8 +2 ?v :\", \"reference\": \"26\"}\n")
    let (second, _) = try place.open(["open", file, "--style", "bare", "--gold", gold.path])
    defer { second.close() }
    try second.expect("slip")
    second.type("\re")
    try second.expect("rollouts a step")
    second.type(":quit\r")
    #expect(second.waitForExit() == 0)
    #expect(try place.run(["open", file, "--style", "long"]).code == 64)
  }
}
