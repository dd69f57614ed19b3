import Foundation
import Trajectories

/// Rows whose steps somebody valued or rated.
enum StepRows {
  /// A pivotal token or sentence of PTS 1, or an event of PTS 2.0.
  ///
  /// The response is the context without the question, and the token or sentence after it. Events
  /// that were read out of a layer were not said: their response is the context alone.
  static func pivotalEvent(_ row: DumpValue) throws(DumpFault) -> DumpedTrajectory {
    let query = try row.text("query")
    let context = (row["context"] ?? row["pivot_context"] ?? row["prefix_context"])?.text ?? ""
    let isLatent = row["visibility"]?.text == "latent"
    let said = isLatent ? nil : (row["label"] ?? row["pivot_token"] ?? row["sentence"])?.text
    let begin = context.hasPrefix(query) ? String(context.dropFirst(query.count)) : context
    var found = DumpedTrajectory(
      id: row["event_id"]?.text ?? "", prompt: query, response: begin + (said ?? ""),
      fidelity: .text)
    if !begin.isEmpty { found.steps.append(DumpedStep(text: begin)) }
    if let said {
      found.steps.append(
        DumpedStep(
          text: said,
          valueBefore: (row["prob_before"] ?? row["prob_without_sentence"])?.number,
          valueAfter: (row["prob_after"] ?? row["prob_with_sentence"])?.number))
    }
    found.model = row["model_id"]?.text
    found.group = row["dataset_item_id"]?.words
    return found
  }

  /// An answer whose boundaries have rollouts, or counts of them.
  static func values(_ row: DumpValue) throws(DumpFault) -> DumpedTrajectory {
    guard let steps = try row.member("steps").texts else { throw .ofWrongKind("steps") }
    let response = row["trajectory"]?.text ?? steps.joined()
    var found = DumpedTrajectory(
      id: row["id"]?.words ?? "", prompt: try row.text("prompt"), response: response,
      fidelity: .text)
    found.reward = row["reward"]?.score
    found.reference = (row["gold"] ?? row["reference"])?.words
    found.group = row["problem_id"]?.words
    found.truncated = row["finished"]?.flag.map { !$0 }
    found.model = row["model"]?.text
    let counts = try row.list("boundaries").map(count)
    found.steps = steps.indices.map { index in
      let before = counts.indices.contains(index) ? counts[index] : nil
      let after = counts.indices.contains(index + 1) ? counts[index + 1]?.mean : nil
      return DumpedStep(
        text: steps[index], valueBefore: before?.mean,
        valueAfter: index == steps.count - 1 ? after ?? found.reward : after,
        rollouts: before?.rollouts)
    }
    return found
  }

  private static func count(_ boundary: DumpValue) -> (mean: Double, rollouts: Int)? {
    if let mean = boundary["mean"]?.number, let rollouts = boundary["rollouts"]?.integer {
      return (mean, rollouts)
    }
    let rewards = boundary["rollouts"]?.list?.compactMap { $0["reward"]?.score } ?? []
    guard !rewards.isEmpty else { return nil }
    return (rewards.reduce(0, +) / Double(rewards.count), rewards.count)
  }

  /// A rollout of Thought Anchors, drawn without a chunk.
  static func anchorRollout(_ row: DumpValue) throws(DumpFault) -> DumpedTrajectory {
    var found = DumpedTrajectory(
      id: "", prompt: try row.text("prefix_without_chunk"), response: try row.text("rollout"),
      fidelity: .text)
    found.reward = row["is_correct"]?.score
    return found
  }

  /// A solution of Thought Anchors with its prompt before it.
  static func anchorSolution(_ row: DumpValue) throws(DumpFault) -> DumpedTrajectory {
    let text = try row.text("solution")
    let cut = text.range(of: "<think>")?.lowerBound ?? text.startIndex
    var found = DumpedTrajectory(
      id: row["seed"]?.words ?? "", prompt: String(text[..<cut]), response: String(text[cut...]),
      fidelity: .text)
    found.reward = row["is_correct"]?.score
    return found
  }

  /// A solution that a person rated step by step (PRM800K); none where the person gave up.
  static func ratings(_ row: DumpValue) throws(DumpFault) -> [DumpedTrajectory] {
    guard case .json(let json, at: 0) = row else { throw DumpFault("it is no line of PRM800K") }
    let rated: RatedSolution
    do {
      let line = try JSONDecoder().decode(PRM800KLine.self, from: Data(json.text))
      if line.isGivenUp { return [] }
      rated = try line.solution()
    } catch { throw DumpFault("its keys do not fit PRM800K") }
    var found = DumpedTrajectory(
      id: "", prompt: rated.problem, response: rated.steps.joined(separator: "\n"),
      fidelity: .stripped)
    found.reference = rated.answer
    found.steps = zip(rated.steps, rated.ratings).map { DumpedStep(text: $0, rating: $1) }
    return [found]
  }
}
