import Foundation
import Trajectories

/// Rows that trainers write: a prompt, a response, and how it was rewarded.
enum TrainerRows {
  /// A row of verl's rollout or validation dump (`trainer.rollout_data_dir`).
  ///
  /// Version 0.9 adds `uid`, `{prompt}_{rollout}_{output}`. Both decode without special tokens.
  /// Whatever else is a number was a reward function's.
  static func verl(_ row: DumpValue) throws(DumpFault) -> DumpedTrajectory {
    let uid = row["uid"]?.text
    var found = DumpedTrajectory(
      id: uid ?? row["request_id"]?.text ?? "", prompt: try row.text("input"),
      response: try row.text("output"), fidelity: .stripped)
    found.reward = row["score"]?.score
    found.rewardParts = parts(of: row, besides: ["input", "output", "gts", "score", "step", "uid"])
    found.reference = row["gts"]?.words
    found.trainingStep = row["step"]?.integer
    found.group = uid.flatMap { uid in
      let parts = uid.split(separator: "_", omittingEmptySubsequences: false)
      return parts.count > 2 ? parts.dropLast(2).joined(separator: "_") : nil
    }
    found.truncated = row["finished"]?.flag.map { !$0 }
    return found
  }

  /// A row of TRL's completions (`log_completions`).
  ///
  /// The reward is the sum of the reward functions' columns where there is no column `reward`: what
  /// each counts for is not written down. A function that does not speak about a row leaves it out.
  static func trl(_ row: DumpValue) throws(DumpFault) -> DumpedTrajectory {
    var found = try conversation(row, id: "")
    found.trainingStep = row["step"]?.integer
    found.advantage = row["advantage"]?.number
    let all = parts(of: row, besides: ["step", "prompt", "completion", "advantage"])
    let total = all.first { $0.name == "reward" }
    found.rewardParts = all.filter { $0.name != "reward" && !$0.value.isNaN }
    found.reward =
      total?.value
      ?? (found.rewardParts.isEmpty ? nil : found.rewardParts.reduce(0) { $0 + $1.value })
    return found
  }

  /// A row of AReaL's dump of rollouts (`rollout/VERSION/TASK.jsonl`): texts with special tokens.
  static func areal(_ row: DumpValue) throws(DumpFault) -> DumpedTrajectory {
    let task = row["task_id"]?.words ?? ""
    var found = DumpedTrajectory(
      id: "\(task)/\(row["sample_idx"]?.words ?? "")", prompt: try row.text("prompt"),
      response: try row.text("completion"), fidelity: .text)
    found.reward = row["reward"]?.score
    found.group = task
    return found
  }

  /// A sample of slime's dump (`--save-debug-rollout-data`).
  ///
  /// `tokens` are prompt and response; the loss mask and the log-probabilities cover the response.
  static func slime(_ row: DumpValue) throws(DumpFault) -> DumpedTrajectory {
    let tokens = try row.tokens("tokens")
    guard let length = row["response_length"]?.integer, (0...tokens.count).contains(length) else {
      throw .ofWrongKind("response_length")
    }
    let messages = try Conversation.messages(try row.member("prompt"), "prompt")
    var found = DumpedTrajectory(
      id: row["index"]?.words ?? "", prompt: Conversation.text(messages),
      response: try row.text("response"), fidelity: .ids)
    if row["prompt"]?.text == nil { found.messages = messages }
    found.promptTokens = Array(tokens.dropLast(length))
    found.responseTokens = Array(tokens.suffix(length))
    found.segments[0].tokens = 0..<length
    if let mask = row["loss_mask"]?.numbers, mask.count == length {
      found.lossMask = mask.map { $0 != 0 }
    }
    if let drawn = row["rollout_log_probs"]?.numbers, drawn.count == length {
      found.logProbabilities = drawn.map { Float($0) }
    }
    found.reward = row["reward"]?.score
    found.rewardParts = row["reward"].map { parts(of: $0, besides: []) } ?? []
    found.reference = row["label"]?.words
    found.group = row["group_index"]?.words
    found.truncated = row["status"]?.text.map { $0 == "truncated" }
    return found
  }

  /// A row with a prompt and a completion, each a text or messages.
  static func conversation(
    _ row: DumpValue, id: String
  ) throws(DumpFault) -> DumpedTrajectory {
    let prompt = try row.member("prompt")
    let completion = try row.member("completion")
    let messages = try Conversation.messages(prompt, "prompt")
    let segments = try Conversation.segments(completion, "completion")
    var found = DumpedTrajectory(
      id: id, prompt: Conversation.text(messages), segments: segments, fidelity: .stripped)
    if prompt.text == nil { found.messages = messages }
    return found
  }

  /// Every number or flag of a row but some.
  static func parts(of row: DumpValue, besides known: Set<String>) -> [DumpedReward] {
    (row.members ?? []).compactMap { name, value in
      known.contains(name) ? nil : value.score.map { DumpedReward(name: name, value: $0) }
    }
  }
}
