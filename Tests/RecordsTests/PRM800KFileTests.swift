import Foundation
import Testing
import Trajectories

@testable import Records

struct PRM800KFileTests {
  private func read(_ text: String) throws -> [RatedSolution] {
    try PRM800KFile.solutions(from: Data(text.utf8), name: "l.jsonl")
  }

  private func line(steps: String, more: String = "") -> String {
    "{\"labeler\": \"one\", \"timestamp\": \"2022-07-17T16:56:51\", \"generation\": null, "
      + "\"question\": {\"problem\": \"2+2=\", \"ground_truth_answer\": \"4\"}, "
      + "\"label\": {\"steps\": [\(steps)], \"total_time\": 2500, "
      + "\"finish_reason\": \"found_error\"\(more)}}\n"
  }

  private let chosen =
    "{\"completions\": [{\"text\": \"no\", \"rating\": -1, \"flagged\": false}, "
    + "{\"text\": \"yes\", \"rating\": 1, \"flagged\": null}], \"human_completion\": null, "
    + "\"chosen_completion\": 1}"
  private let written =
    "{\"completions\": [{\"text\": \"no\", \"rating\": -1}], \"human_completion\": {\"text\": "
    + "\"mine\", \"rating\": null, \"source\": \"human\"}, \"chosen_completion\": null}"
  private let plain =
    "{\"completions\": [], \"human_completion\": \"mine too\", \"chosen_completion\": null}"
  private let stopped =
    "{\"completions\": [{\"text\": \"so so\", \"rating\": 0}, {\"text\": \"bad\", \"rating\": -1}], "
    + "\"human_completion\": null, \"chosen_completion\": null}"

  @Test func `of each step the one that was gone on with is read`() throws {
    let found = try #require(
      try read(line(steps: [chosen, written, plain, stopped].joined(separator: ", "))).first)
    #expect(found.steps == ["yes", "mine", "mine too", "bad"])
    #expect(found.ratings == [1, nil, nil, -1])
    #expect(found.critical == 3)
    #expect(found.finish == .foundError && found.seconds == 2.5)
    #expect(found.labeler == "one" && found.problem == "2+2=" && found.answer == "4")
  }

  @Test func `the first step rated bad is the critical one, and there may be none`() throws {
    #expect(try read(line(steps: "\(stopped), \(chosen), \(stopped)")).first?.critical == 0)
    #expect(try #require(try read(line(steps: chosen)).first).critical == nil)
  }

  /// Every key of a published line of the second phase, in its order, with values of our own.
  private let published = #"""
    {"labeler": "7f3c0a52-1b5e-4c7e-9d53-0a4c2f0e8a11", "timestamp": "2023-01-22T04:34:27.052924", \#
    "generation": 9, "is_quality_control_question": false, "is_initial_screening_question": false, \#
    "question": {"problem": "What is $2 + 3 \\cdot 4$?", "ground_truth_solution": "It is \\boxed{14}.", \#
    "ground_truth_answer": "14", "pre_generated_steps": ["Multiply first.", "$3 \\cdot 4 = 13$.", \#
    "So it is 15.\n\n# Answer\n\n15"], "pre_generated_answer": "15", \#
    "pre_generated_verifier_score": 0.010779580529581414}, \#
    "label": {"steps": [{"completions": [{"text": "Multiply first.", "rating": 0, "flagged": null}], \#
    "human_completion": null, "chosen_completion": 0}, \#
    {"completions": [{"text": "It is 20.", "rating": -1, "flagged": false}, \#
    {"text": "$3 \\cdot 4 = 13$.", "rating": -1, "flagged": null}, \#
    {"text": "$3 \\cdot 4 = 12$.", "rating": 1, "flagged": false}], \#
    "human_completion": null, "chosen_completion": null}], \#
    "total_time": 278270, "finish_reason": "found_error"}}

    """#

  /// The same of the first phase: no generation, alternatives, a step that a person wrote.
  private let first = #"""
    {"labeler": "b", "timestamp": "2022-07-17T16:56:51.323252", "generation": null, \#
    "is_quality_control_question": false, "is_initial_screening_question": false, \#
    "question": {"problem": "p", "ground_truth_solution": null, "ground_truth_answer": "4", \#
    "pre_generated_steps": null, "pre_generated_answer": null, "pre_generated_verifier_score": null}, \#
    "label": {"steps": [{"completions": [{"text": "x", "rating": -1, "flagged": false}, \#
    {"text": "y", "rating": null, "flagged": true}], "human_completion": {"text": "z", \#
    "rating": null, "source": "human", "flagged": false}, "chosen_completion": null}, \#
    {"completions": [{"text": "v", "rating": 0, "flagged": null}, \#
    {"text": "w", "rating": 1, "flagged": null}], "human_completion": null, \#
    "chosen_completion": 1}], "total_time": 39480, "finish_reason": "give_up"}}

    """#

  private let empty = #"""
    {"labeler": "c", "timestamp": "2022-08-01T00:00:00", "generation": null, \#
    "question": {"problem": "p", "ground_truth_answer": "4"}, \#
    "label": {"steps": [], "total_time": 100, "finish_reason": "bad_problem"}}

    """#

  @Test func `published lines are read, null keys, alternatives and all`() throws {
    let found = try read(published + first + empty)
    #expect(found.map(\.labeler.count) == [36, 1])
    #expect(found[0].steps == ["Multiply first.", #"$3 \cdot 4 = 13$."#])
    #expect(found[0].ratings == [0, -1] && found[0].critical == 1)
    #expect(found[0].finish == .foundError && found[0].seconds == 278.27)
    #expect(found[0].answer == "14" && found[0].problem == #"What is $2 + 3 \cdot 4$?"#)
    #expect(found[1].steps == ["z", "w"] && found[1].ratings == [nil, 1])
    #expect(found[1].critical == nil && found[1].finish == .giveUp)
  }

  @Test func `what is written is read again, the choice with it`() throws {
    let folder = try TemporaryFolder()
    let file = folder.url.appendingPathComponent("l.jsonl")
    let solutions = [
      RatedSolution(
        labeler: "Ada \u{1B}[31m", timestamp: "2026-11-23T16:00:00Z", problem: "p\n2", answer: "4",
        steps: ["a\tb", "首先"], ratings: [nil, 1], finish: .solution, seconds: 1.25, chosen: 1,
        blind: true),
      RatedSolution(
        labeler: "Bo", problem: "q", answer: nil, steps: ["x"], ratings: [-1], finish: nil),
    ]
    try PRM800KFile.write(solutions, to: file)
    #expect(try PRM800KFile.read(file) == solutions)
    #expect(solutions[0].critical == 1)
    let text = try String(contentsOf: file, encoding: .utf8)
    #expect(!text.unicodeScalars.contains { $0.value == 0x1B })
  }

  @Test func `every key of the published files is written, null where nothing is known`() throws {
    let folder = try TemporaryFolder()
    let file = folder.url.appendingPathComponent("l.jsonl")
    let solution = RatedSolution(
      labeler: "Bo", problem: "q", answer: nil, steps: ["x"], ratings: [nil], finish: nil)
    try PRM800KFile.write([solution], to: file)
    let text = try String(contentsOf: file, encoding: .utf8)
    #expect(
      text == """
        {"generation":null,"is_initial_screening_question":false,\
        "is_quality_control_question":false,"label":{"finish_reason":null,"steps":[\
        {"chosen_completion":0,"completions":[{"flagged":false,"rating":null,"text":"x"}],\
        "human_completion":null}],"total_time":null},"labeler":"Bo","question":\
        {"ground_truth_answer":null,"ground_truth_solution":null,"pre_generated_answer":null,\
        "pre_generated_steps":["x"],"pre_generated_verifier_score":null,"problem":"q"},\
        "timestamp":null}

        """)
  }

  @Test(arguments: [
    ("{\"label\": {}}", "“question” is missing"),
    (
      "{\"question\": {\"problem\": \"\"}, \"label\": {\"steps\": []}}",
      "“question.problem” is empty"
    ),
    ("{\"question\": {\"problem\": \"p\"}, \"label\": {\"steps\": []}}", "“label.steps” is empty"),
    (
      "{\"question\": {\"problem\": \"p\"}, \"label\": {\"steps\": [{\"completions\": [{\"text\": "
        + "\"x\", \"rating\": 7}], \"chosen_completion\": 0}]}}", "the rating of step 1 is 7"
    ),
    (
      "{\"question\": {\"problem\": \"p\"}, \"label\": {\"steps\": [{\"completions\": [], "
        + "\"chosen_completion\": 2}]}}", "“chosen_completion” of step 1 is 2 of 0"
    ),
  ])
  func `a fault is told with its line`(text: String, sentence: String) {
    let error = #expect(throws: RecordsError.self) { try read("\n" + text) }
    let words = error?.description ?? ""
    #expect(words.hasPrefix("l.jsonl:2: "), "\(words)")
    #expect(words.contains(sentence) || sentence.contains("missing"), "\(words)")
  }
}
