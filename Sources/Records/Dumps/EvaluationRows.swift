import Foundation
import Trajectories

/// Rows that evaluations write.
enum EvaluationRows {
  /// A row of verifiers' `results.jsonl` (0.3 and older).
  static func verifiers(_ row: DumpValue) throws(DumpFault) -> DumpedTrajectory {
    let example = row["example_id"]?.words ?? row["id"]?.words
    var found = try TrainerRows.conversation(row, id: "")
    found.reward = row["reward"]?.score
    found.rewardParts =
      row["metrics"].map { TrainerRows.parts(of: $0, besides: []) }
      ?? TrainerRows.parts(
        of: row, besides: ["id", "example_id", "reward", "is_completed", "is_truncated"])
    found.reference = row["answer"]?.words
    found.group = example
    found.truncated = row["is_truncated"]?.flag
    return found
  }

  /// A sample of a log of inspect.
  ///
  /// The response begins with the first message of the policy that was no part of the input.
  static func inspect(_ sample: DumpValue) throws(DumpFault) -> DumpedTrajectory {
    let values = try sample.list("messages")
    let all = try Conversation.messages(.list(values), "messages").map {
      DumpedMessage(role: $0.role, content: resolved($0.content, sample["attachments"]))
    }
    let cut =
      zip(all, values).enumerated().first {
        $1.0.role == .assistant && $1.1["source"]?.text != "input"
      }?.offset ?? all.count
    var segments = Conversation.segments(Array(all[cut...]))
    if segments.isEmpty, let text = sample["output"]?["completion"]?.text {
      segments = [DumpedSegment(role: .assistant, text: text)]
    }
    let name = sample["id"]?.words ?? ""
    var found = DumpedTrajectory(
      id: "\(name)/\(sample["epoch"]?.words ?? "1")",
      prompt: Conversation.text(Array(all[..<cut])), segments: segments, fidelity: .stripped)
    found.messages = Array(all[..<cut])
    found.group = name
    found.model = sample["output"]?["model"]?.text
    found.reference =
      sample["target"]?.words ?? sample["target"]?.texts?.joined(separator: " or ")
    let stop = sample["output"]?["choices"]?.list?.first?["stop_reason"]?.text
    found.truncated = stop.map { ["length", "max_tokens", "model_length"].contains($0) }
    found.rewardParts =
      (sample["scores"] ?? sample["score"].map { .object([("score", $0)]) })
      .map(scores) ?? []
    found.reward = found.rewardParts.first?.value
    return found
  }

  /// The scores of a sample; one of several values is several.
  private static func scores(_ scores: DumpValue) -> [DumpedReward] {
    (scores.members ?? []).flatMap { name, score in
      guard let value = score["value"] else { return [DumpedReward]() }
      if let number = grade(value) { return [DumpedReward(name: name, value: number)] }
      return (value.members ?? []).compactMap { part, value in
        grade(value).map { DumpedReward(name: "\(name)/\(part)", value: $0) }
      }
    }
  }

  /// A number, or one of inspect's letters: correct, incorrect, partly correct, no answer.
  private static func grade(_ value: DumpValue) -> Double? {
    if let number = value.score { return number }
    let letters = ["C": 1, "I": 0, "P": 0.5, "N": 0]
    return value.text.flatMap { letters[$0] ?? Double($0) }
  }

  /// A text with what inspect keeps aside put back.
  private static func resolved(_ text: String, _ attachments: DumpValue?) -> String {
    guard let attachments, text.contains("attachment://") else { return text }
    let parts = text.components(separatedBy: "attachment://")
    return parts[0]
      + parts.dropFirst().map { part in
        let name = String(part.prefix { $0.isHexDigit })
        guard let kept = attachments[name]?.text else { return "attachment://" + part }
        return kept + part.dropFirst(name.count)
      }.joined()
  }

  /// A row of lm-eval's `samples_*.jsonl`: a document as one filter reads it.
  ///
  /// A document that was asked several times has several trajectories in a row. The metric is the
  /// document's; it stands with each of them.
  static func lmEval(_ row: DumpValue) throws(DumpFault) -> [DumpedTrajectory] {
    let arguments = try row.member("arguments")
    let first = arguments["gen_args_0"] ?? arguments.list?.first
    let answers = try row.list("resps").flatMap { $0.list ?? [$0] }
    guard let prompt = (first?["arg_0"] ?? first?.list?.first ?? first)?.text,
      answers.allSatisfy({ $0.text != nil })
    else { throw DumpFault("it holds likelihoods of given answers, no answers of a policy") }
    let document = row["doc_id"]?.words ?? ""
    let filter = row["filter"]?.text
    let metrics = row["metrics"]?.texts ?? []
    let parts = metrics.compactMap { name in
      row[name]?.score.map { DumpedReward(name: name, value: $0) }
    }
    return answers.enumerated().map { index, answer in
      let name = [document, filter, answers.count > 1 ? "\(index)" : nil].compactMap { $0 }
      var found = DumpedTrajectory(
        id: name.joined(separator: "/"), prompt: prompt, response: answer.text ?? "",
        fidelity: .text)
      found.reference = row["target"]?.words
      found.rewardParts = parts
      found.reward = parts.first?.value
      found.group = document
      found.filter = filter
      return found
    }
  }
}
