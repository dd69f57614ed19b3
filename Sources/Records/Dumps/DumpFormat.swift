import Trajectories

/// The formats that dumps come in, told apart by what a row holds.
public enum DumpFormat: String, CaseIterable, Sendable {
  case verl, verlLegacy, trl, primeRL, areal, verifiers, nemoRL, inspect, lmEval, openAIBatch
  case slime, pts, ptsSentences, ptsEvents, thoughtAnchors, anchorRollouts, anchorSolutions
  case prm800K, stepValues, docent, docentRun, chat

  /// What it is called in sentences.
  public var title: String {
    switch self {
    case .verl: "verl's rollouts"
    case .verlLegacy: "verl's rollouts without uid"
    case .trl: "TRL's completions"
    case .primeRL: "prime-rl's traces"
    case .areal: "AReaL's rollouts"
    case .verifiers: "verifiers' results"
    case .nemoRL: "NeMo-RL's training data"
    case .inspect: "an inspect log"
    case .lmEval: "lm-eval's samples"
    case .openAIBatch: "an OpenAI batch output"
    case .slime: "slime's rollouts"
    case .pts: "pivotal tokens (PTS)"
    case .ptsSentences: "thought anchors (PTS)"
    case .ptsEvents: "events (PTS)"
    case .thoughtAnchors: "a Thought Anchors folder"
    case .anchorRollouts: "Thought Anchors rollouts"
    case .anchorSolutions: "Thought Anchors solutions"
    case .prm800K: "PRM800K's ratings"
    case .stepValues: "step values"
    case .docent: "a tau-bench run (docent)"
    case .docentRun: "an agent run (docent)"
    case .chat: "OpenAI chat messages"
    }
  }

  /// The keys that a row has to have.
  var keys: [String] {
    switch self {
    case .verl: ["input", "output", "score", "uid"]
    case .verlLegacy: ["input", "output", "score"]
    case .trl: ["prompt", "completion", "step"]
    case .primeRL: ["traces"]
    case .areal: ["prompt", "completion", "reward", "task_id", "sample_idx"]
    case .verifiers: ["prompt", "completion", "reward"]
    case .nemoRL: ["content", "rewards", "token_ids", "token_loss_mask"]
    case .inspect: ["id", "epoch", "input", "messages"]
    case .lmEval: ["doc_id", "arguments", "resps", "filtered_resps"]
    case .openAIBatch: ["custom_id", "response"]
    case .slime: ["tokens", "response", "response_length"]
    case .pts: ["query", "pivot_context", "pivot_token"]
    case .ptsSentences: ["query", "sentence", "sentence_id"]
    case .ptsEvents: ["query", "event_type", "granularity", "context", "label"]
    case .thoughtAnchors: ["chunks", "solution_text"]
    case .anchorRollouts: ["chunk_removed", "prefix_without_chunk", "rollout"]
    case .anchorSolutions: ["seed", "solution"]
    case .prm800K: ["question", "label"]
    case .stepValues: ["prompt", "trajectory", "steps", "boundaries"]
    case .docent: ["task_id", "reward", "traj"]
    case .docentRun: ["transcripts"]
    case .chat: ["messages"]
    }
  }

  /// The format of a row.
  ///
  /// - Throws: Which known format it came nearest to, and what it lacks of it.
  static func of(_ row: DumpValue) throws(DumpFault) -> DumpFormat {
    guard row.isObject else { throw DumpFault("its rows are no objects") }
    var nearest: (format: DumpFormat, missing: [String], share: Double)?
    for format in allCases {
      let missing = format.keys.filter { !row.has($0) }
      if missing.isEmpty { return format }
      let share = 1 - Double(missing.count) / Double(format.keys.count)
      if share > nearest?.share ?? 0 { nearest = (format, missing, share) }
    }
    if row.has("custom_id"), row.has("body") {
      throw DumpFault(
        "it is the input of an OpenAI batch and holds no answers; open the folder it lies in "
          + "together with the output")
    }
    guard let nearest else {
      throw DumpFault("its rows have no key of a dump that is known")
    }
    let keys = nearest.missing.map { Words.quoted($0) }.joined(separator: ", ")
    throw DumpFault("it is nearest to \(nearest.format.title), but its rows lack \(keys)")
  }

  /// The trajectories of a row.
  func trajectories(
    of row: DumpValue, _ context: DumpContext
  ) throws(DumpFault) -> [DumpedTrajectory] {
    switch self {
    case .verl, .verlLegacy: [try TrainerRows.verl(row)]
    case .trl: [try TrainerRows.trl(row)]
    case .areal: [try TrainerRows.areal(row)]
    case .slime: [try TrainerRows.slime(row)]
    case .nemoRL: try NeMoRows.trajectories(row)
    case .primeRL: try TraceTree.trajectories(row)
    case .verifiers: [try EvaluationRows.verifiers(row)]
    case .inspect: [try EvaluationRows.inspect(row)]
    case .lmEval: try EvaluationRows.lmEval(row)
    case .chat: [try ConversationRows.chat(row)]
    case .openAIBatch: try ConversationRows.batch(row, context.requests)
    case .docent: [try ConversationRows.docent(row)]
    case .docentRun: try ConversationRows.docentRun(row)
    case .pts, .ptsSentences, .ptsEvents: [try StepRows.pivotalEvent(row)]
    case .stepValues, .thoughtAnchors: [try StepRows.values(row)]
    case .anchorRollouts: [try StepRows.anchorRollout(row)]
    case .anchorSolutions: [try StepRows.anchorSolution(row)]
    case .prm800K: try StepRows.ratings(row)
    }
  }
}

/// What is known of a row besides itself.
struct DumpContext: Sendable {
  /// The policy, where a file beside the rows names it.
  var model: String?
  /// The prompts of a batch by `custom_id`.
  var requests: BatchRequests?
}
