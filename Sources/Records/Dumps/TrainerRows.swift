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

  /// Every number or flag of a row but some.
  static func parts(of row: DumpValue, besides known: Set<String>) -> [DumpedReward] {
    (row.members ?? []).compactMap { name, value in
      known.contains(name) ? nil : value.score.map { DumpedReward(name: name, value: $0) }
    }
  }
}
