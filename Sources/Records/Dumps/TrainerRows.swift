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
