import Trajectories

/// NeMo-RL's training data (`train_data_stepN.jsonl`): every value is a list with one element for
/// each answer of the row, which is one.
///
/// Token ids are padded to the longest of the batch; `input_lengths` says where they end. Masks,
/// advantages and log-probabilities stand beside the ids, prompt included.
enum NeMoRows {
  static func trajectories(_ row: DumpValue) throws(DumpFault) -> [DumpedTrajectory] {
    var found: [DumpedTrajectory] = []
    for index in try row.list("token_ids").indices { found.append(try answer(row, index)) }
    return found
  }

  private static func answer(
    _ row: DumpValue, _ index: Int
  ) throws(DumpFault) -> DumpedTrajectory {
    let one = { (name: String) -> DumpValue? in
      guard let list = row[name]?.list, list.indices.contains(index) else { return nil }
      return list[index]
    }
    guard let padded = one("token_ids")?.tokens, let mask = one("token_loss_mask")?.numbers,
      mask.count == padded.count
    else { throw .ofWrongKind("token_ids") }
    let length = min(max(one("input_lengths")?.integer ?? padded.count, 0), padded.count)
    let start = mask[..<length].firstIndex { $0 != 0 } ?? length
    let loss = mask[start..<length].map { $0 != 0 }
    let texts = one("content")?.texts ?? one("content")?.text.map { [$0] } ?? []
    var found = DumpedTrajectory(
      id: row["idx"]?.words ?? "", prompt: texts.first ?? "",
      segments: segments(Array(texts.dropFirst()), loss), fidelity: .ids)
    found.promptTokens = Array(padded[..<start])
    found.responseTokens = Array(padded[start..<length])
    found.lossMask = loss
    found.reward = one("rewards")?.score
    found.advantage = mean(one("advantages"), start..<length, loss)
    if let drawn = one("generation_logprobs")?.numbers, drawn.count == padded.count {
      found.logProbabilities = zip(drawn[start..<length], loss).map { $1 ? Float($0) : nil }
    }
    return found
  }

  /// The advantage of the answer: that of its tokens, which is the same for all, or their mean.
  private static func mean(
    _ values: DumpValue?, _ response: Range<Int>, _ loss: [Bool]
  ) -> Double? {
    if let number = values?.number { return number }
    guard let all = values?.numbers, all.count >= response.upperBound else { return nil }
    let counted = zip(all[response], loss).filter(\.1).map(\.0)
    guard let first = counted.first else { return nil }
    if counted.allSatisfy({ $0 == first }) { return first }
    return counted.reduce(0, +) / Double(counted.count)
  }

  /// The texts after the prompt with their tokens, where there are as many as runs of the mask.
  private static func segments(_ texts: [String], _ loss: [Bool]) -> [DumpedSegment] {
    var runs: [Range<Int>] = []
    for index in loss.indices {
      if let last = runs.last, loss[last.lowerBound] == loss[index] {
        runs[runs.count - 1] = last.lowerBound..<index + 1
      } else {
        runs.append(index..<index + 1)
      }
    }
    guard runs.count == texts.count else {
      return [DumpedSegment(role: .assistant, text: texts.joined(), tokens: loss.indices)]
    }
    return zip(texts, runs).map { text, run in
      DumpedSegment(role: loss[run.lowerBound] ? .assistant : .user, text: text, tokens: run)
    }
  }
}
