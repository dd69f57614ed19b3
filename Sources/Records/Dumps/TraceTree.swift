import Trajectories

/// Traces of prime-rl and verifiers 0.4 or newer: trees of nodes, a message and its tokens each.
///
/// Every path from a root to a leaf is a trajectory whose token ids are exact. The response begins
/// with the first token that was sampled (`mask`); `logprobs` speak of sampled tokens only.
enum TraceTree {
  /// Every path of every trace of a row.
  static func trajectories(_ row: DumpValue) throws(DumpFault) -> [DumpedTrajectory] {
    var found: [DumpedTrajectory] = []
    for trace in try row.list("traces") { found += try paths(trace, of: row) }
    return found
  }

  private struct Node {
    let parent: Int?
    let message: DumpValue
    let tokens: [Int32]
    let mask: [Bool]
    /// One a token; nil where none was sampled or none is recorded.
    let logProbabilities: [Float?]

    init(_ value: DumpValue, index: Int) throws(DumpFault) {
      parent = value["parent"]?.integer
      if let parent, !(0..<index).contains(parent) {
        throw DumpFault("node \(index) has a parent that is not before it")
      }
      message = try value.member("message")
      tokens = try value.tokens("token_ids")
      let flags = value["mask"]?.list?.map { $0.flag ?? false } ?? []
      mask = flags.isEmpty ? Array(repeating: false, count: tokens.count) : flags
      let drawn = value["logprobs"]?.numbers ?? []
      guard mask.count == tokens.count, drawn.isEmpty || drawn.count == mask.count(where: { $0 })
      else { throw DumpFault("the mask or the log-probabilities of node \(index) do not fit") }
      var rest = drawn[...]
      logProbabilities = mask.map { $0 ? rest.popFirst().map { Float($0) } : nil }
    }
  }

  private static func paths(
    _ trace: DumpValue, of row: DumpValue
  ) throws(DumpFault) -> [DumpedTrajectory] {
    var nodes: [Node] = []
    for (index, value) in try trace.list("nodes").enumerated() {
      nodes.append(try Node(value, index: index))
    }
    let inner = Set(nodes.compactMap(\.parent))
    let leaves = nodes.indices.filter { !inner.contains($0) }
    var found: [DumpedTrajectory] = []
    for leaf in leaves {
      var path: [Node] = []
      var next: Int? = leaf
      while let index = next {
        path.append(nodes[index])
        next = nodes[index].parent
      }
      var answer = try trajectory(path.reversed())
      let name = trace["id"]?.text ?? ""
      answer.id = leaves.count > 1 ? "\(name)/\(leaf)" : name
      judge(&answer, trace, row)
      found.append(answer)
    }
    return found
  }

  private static func trajectory(_ path: [Node]) throws(DumpFault) -> DumpedTrajectory {
    let first = path.firstIndex { $0.mask.contains(true) } ?? path.count
    let messages = try Conversation.messages(.list(path.map(\.message)), "message")
    let tokens = path.flatMap(\.tokens)
    let mask = path.flatMap(\.mask)
    let start = mask.firstIndex(of: true) ?? tokens.count
    var segments = Conversation.segments(Array(messages[first...]))
    var place = path[..<first].reduce(0) { $0 + $1.tokens.count }
    for (index, node) in path[first...].enumerated() {
      let sampled = node.mask.firstIndex(of: true) ?? 0
      let end = node.mask.lastIndex(of: true).map { $0 + 1 } ?? node.tokens.count
      segments[index].tokens = place + sampled - start..<place + end - start
      place += node.tokens.count
    }
    var found = DumpedTrajectory(
      id: "", prompt: Conversation.text(Array(messages[..<first])), segments: segments,
      fidelity: .ids)
    found.messages = Array(messages[..<first])
    found.promptTokens = Array(tokens[..<start])
    found.responseTokens = Array(tokens[start...])
    found.lossMask = Array(mask[start...])
    let drawn = Array(path.flatMap(\.logProbabilities)[start...])
    if drawn.contains(where: { $0 != nil }) { found.logProbabilities = drawn }
    return found
  }

  private static func judge(_ answer: inout DumpedTrajectory, _ trace: DumpValue, _ row: DumpValue)
  {
    let rewards = trace["rewards"]?.members ?? []
    answer.rewardParts = rewards.compactMap { name, value in
      guard let score = value["score"]?.score ?? value.score else { return nil }
      return DumpedReward(name: name, value: score, weight: value["weight"]?.number ?? 1)
    }
    if !answer.rewardParts.isEmpty {
      answer.reward = answer.rewardParts.reduce(0) { $0 + $1.value * ($1.weight ?? 1) }
    }
    answer.reward = trace["reward"]?.score ?? answer.reward
    answer.rewardParts += trace["metrics"].map { TrainerRows.parts(of: $0, besides: []) } ?? []
    let task = trace["task"] ?? row["task"]
    answer.group = task?["key"]?.words ?? task?["data"]?["idx"]?.words ?? row["id"]?.words
    answer.reference = task?["data"]?["answer"]?.words
    answer.advantage = trace["advantage"]?.number
    answer.model = trace["agent"]?["config"]?["model"]?.text ?? trace["model"]?.text
    answer.truncated =
      trace["is_truncated"]?.flag
      ?? trace["stop_condition"]?.text.map { $0.contains("length") || $0.contains("max_") }
  }
}
