import Foundation
import Testing
import Trajectories

@testable import Records

/// What comes along from each format; the files were written by the tools themselves.
struct DumpFormatTests {
  private func read(_ name: String) throws -> [DumpedTrajectory] {
    try Dumps.all(try DumpReader(opening: Dumps.fixture(name).path))
  }

  @Test func `TRL's completions`() throws {
    let texts = try read("trl_text")
    #expect(texts.count == 4 && texts.allSatisfy { $0.reward == 0 && $0.advantage == 0 })
    #expect(texts[0].response == "*2 23\n-1 22\n# 22")
    #expect(Set(texts.map(\.group)).count == 1)
    #expect(texts.allSatisfy { $0.trainingStep == 1 && $0.fidelity == .stripped })
    let talks = try read("trl_conversational")
    #expect(talks.map(\.reward) == [1, 0])
    #expect(talks.map(\.advantage) == [0.7, -0.7])
    #expect(talks[0].messages == [DumpedMessage(role: .user, content: "What is 4 + 3 - 9?")])
    #expect(talks[0].response == "4 + 3 = 7\n\nThe answer is -2.")
    #expect(talks[0].rewardParts == [DumpedReward(name: "exact_answer", value: 1)])
  }

  @Test func `prime-rl's paths have exact ids`() throws {
    let all = try read("prime_rl")
    #expect(all.map(\.reward) == [1, 0])
    #expect(all.allSatisfy { $0.fidelity == .ids && $0.trainingStep == 3 })
    #expect(Set(all.map(\.group)) == ["3/sums-4"])
    // The header of the assistant's turn is no part of what was drawn.
    #expect(all[0].promptTokens?.suffix(4) == [1, 520, 9531, 198])
    #expect(all[0].promptTokens?.count == 20)
    #expect(all[0].responseTokens?.count == 16)
    #expect(all[0].logProbabilities == Array(repeating: -0.1235, count: 16))
    #expect(all[0].segments.map(\.tokens) == [0..<16])
    #expect(all[0].rewardParts.first == DumpedReward(name: "correct", value: 1, weight: 1))
    #expect(all[0].reference == "-2")
  }

  @Test func `a tree of nodes has a trajectory for each leaf, and tools carry no loss`() throws {
    let node = { (parent: String, role: String, ids: String, mask: String, drawn: String) in
      "{\(parent)\"message\": {\"role\": \"\(role)\", \"content\": \"\(role)\(ids)\"}, "
        + "\"token_ids\": [\(ids)], \"mask\": [\(mask)], \"logprobs\": [\(drawn)]}"
    }
    let nodes = [
      node("", "user", "1,2", "false,false", ""),
      node("\"parent\": 0, ", "assistant", "3,4", "false,true", "-0.5"),
      node("\"parent\": 1, ", "tool", "5", "false", ""),
      node("\"parent\": 2, ", "assistant", "6", "true", "-1"),
      node("\"parent\": 2, ", "assistant", "7", "true", "-2"),
    ]
    let row = "{\"traces\": [{\"id\": \"t\", \"nodes\": [\(nodes.joined(separator: ","))]}]}"
    let found = try TraceTree.trajectories(DumpValue(parsing: row.utf8))
    #expect(found.map(\.id) == ["t/3", "t/4"])
    #expect(found.map(\.responseTokens) == [[4, 5, 6], [4, 5, 7]])
    #expect(found[1].logProbabilities == [-0.5, nil, -2])
    #expect(found[1].lossMask == [true, false, true])
    #expect(found[1].segments.map(\.role) == [.assistant, .tool, .assistant])
    #expect(found[1].segments.map(\.tokens) == [0..<1, 1..<2, 2..<3])
    #expect(found[1].segments.map(\.carriesLoss) == [true, false, true])
  }

  @Test func `NeMo-RL's padding is no part of a response`() throws {
    let all = try read("nemo_rl")
    #expect(all.map(\.reward) == [1, 0, 1, 1])
    #expect(all.map { $0.promptTokens?.count } == [41, 41, 38, 38])
    #expect(all.map { $0.responseTokens?.count } == [24, 24, 16, 7])
    #expect(all[0].advantage == 0.5)
    #expect(all[0].logProbabilities == Array(repeating: -0.1, count: 24))
    #expect(all[3].response == "The answer is 8.<|im_end|>" && all[3].fidelity == .ids)
    #expect(all[0].trainingStep == 3 && all[0].group == all[1].group)
    #expect(all[1].group != all[2].group)
  }

  @Test func `slime's samples`() throws {
    let all = try read("slime")
    #expect(all.map(\.reward) == [1, 0, 1, 1])
    #expect(all.map(\.group) == ["7/0", "7/0", "7/1", "7/1"])
    #expect(all.map { $0.responseTokens?.count } == [24, 24, 16, 7])
    #expect(all[3].logProbabilities == Array(repeating: -0.1, count: 7))
    #expect(all[0].reference == "-2" && all[0].truncated == false && all[0].fidelity == .ids)
  }

  @Test func `AReaL's versions are steps`() throws {
    let all = try read("areal")
    #expect(all.map(\.reward) == [1, 0, 1, 1])
    #expect(all.map(\.group) == ["6/40", "6/40", "6/41", "6/41"])
    #expect(all.allSatisfy { $0.trainingStep == 6 && $0.fidelity == .text })
  }

  @Test func `lm-eval's documents stand once for each filter`() throws {
    let all = try read("lm_eval")
    #expect(all.count == 8)
    #expect(Set(all.compactMap(\.filter)) == ["last-number", "all"])
    #expect(Set(all.compactMap(\.group)) == ["0", "1"])
    #expect(all.allSatisfy { $0.reward == 0 && $0.model == "smol" && $0.fidelity == .text })
  }

  @Test func `an OpenAI batch is joined with its requests`() throws {
    let reader = try DumpReader(opening: Dumps.fixture("openai_batch").path)
    #expect(reader.passedOver.isEmpty)
    let cursor = reader.cursor()
    let first = try #require(try cursor.next())
    #expect(first.messages.count == 2 && first.messages[0].content == "What is 4 + 3 - 9?")
    #expect(first.responseTokens == [36, 1232, 216, 35, 446, 216, 39, 2])
    #expect(first.promptTokens?.count == 55 && first.fidelity == .ids)
    #expect(
      throws: RecordsError("output.jsonl:2: request “sums-4/1” has no answer (400: too long).")
    ) { try cursor.next() }
    #expect(try cursor.next() == nil)
    #expect(throws: RecordsError.self) {
      try DumpReader(opening: Dumps.fixture("openai_batch/input.jsonl").path)
    }
  }

  @Test func `pivotal tokens and events of PTS`() throws {
    let old =
      #"{"model_id": "m", "query": "2+2=", "pivot_context": "2+2= is", "pivot_token": " 4", "#
      + #""pivot_token_id": 5, "prob_before": 0.25, "prob_after": 1.0, "task_type": "math"}"#
    let new =
      #"{"schema_version": "2.0", "event_id": "e", "event_type": "thought_anchor", "#
      + #""granularity": "sentence", "visibility": "emitted", "model_id": "m", "query": "q", "#
      + #""context": "Let me.", "label": " So.", "prob_before": 0.5, "prob_after": 0.75}"#
    let folder = try TemporaryFolder()
    try Data("\(old)\n".utf8).write(to: folder.url.appendingPathComponent("a.jsonl"))
    try Data("\(new)\n".utf8).write(to: folder.url.appendingPathComponent("b.jsonl"))
    let reader = try DumpReader(opening: folder.url.path)
    #expect(reader.formats == [.pts, .ptsEvents])
    let all = try Dumps.all(reader)
    #expect(all.map(\.response) == [" is 4", "Let me. So."])
    #expect(
      all.map { $0.steps.last } == [
        DumpedStep(text: " 4", valueBefore: 0.25, valueAfter: 1),
        DumpedStep(text: " So.", valueBefore: 0.5, valueAfter: 0.75),
      ])
  }

  @Test func `ratings of PRM800K are labels of steps`() throws {
    let step = { (text: String, rating: String) in
      "{\"completions\": [{\"text\": \"\(text)\", \"rating\": \(rating)}], "
        + "\"chosen_completion\": 0}"
    }
    let line =
      "{\"question\": {\"problem\": \"p\", \"ground_truth_answer\": \"4\"}, \"label\": {\"steps\": "
      + "[\(step("a", "1")), \(step("b", "-1"))], \"finish_reason\": \"found_error\"}}\n"
    let folder = try TemporaryFolder()
    let file = folder.url.appendingPathComponent("p.jsonl")
    try Data(line.utf8).write(to: file)
    let all = try Dumps.all(try DumpReader(opening: file.path))
    #expect(
      all.map(\.steps) == [[DumpedStep(text: "a", rating: 1), DumpedStep(text: "b", rating: -1)]])
    #expect(all[0].reference == "4" && all[0].response == "a\nb")
  }
}
