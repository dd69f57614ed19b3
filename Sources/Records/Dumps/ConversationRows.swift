import Trajectories

/// Rows that hold a conversation: OpenAI's chat format and batches, and runs of agents.
enum ConversationRows {
  /// A line of OpenAI's chat format, with a reward where there is one.
  static func chat(_ row: DumpValue) throws(DumpFault) -> DumpedTrajectory {
    let messages = try Conversation.messages(try row.member("messages"), "messages")
    var found = conversation(messages)
    found.id = row["id"]?.words ?? ""
    found.reward = row["reward"]?.score ?? row["score"]?.score
    found.reference = row["answer"]?.words ?? row["reference"]?.words
    found.group = row["problem_id"]?.words
    return found
  }

  /// A run of tau-bench, as docent takes it in.
  static func docent(_ row: DumpValue) throws(DumpFault) -> DumpedTrajectory {
    var found = conversation(try Conversation.messages(try row.member("traj"), "traj"))
    let task = row["task_id"]?.words ?? ""
    found.id = [task, row["trial"]?.words].compactMap { $0 }.joined(separator: "/")
    found.group = task
    found.reward = row["reward"]?.score
    return found
  }

  /// An agent run of docent: a trajectory for each of its transcripts.
  static func docentRun(_ row: DumpValue) throws(DumpFault) -> [DumpedTrajectory] {
    let transcripts = try row.member("transcripts")
    let all = transcripts.list ?? transcripts.members?.map(\.value) ?? []
    let metadata = row["metadata"]
    var found: [DumpedTrajectory] = []
    for transcript in all {
      let messages = try transcript.member("messages")
      var answer = conversation(try Conversation.messages(messages, "messages"))
      answer.id = transcript["id"]?.words ?? row["id"]?.words ?? ""
      answer.rewardParts = metadata?["scores"].map { TrainerRows.parts(of: $0, besides: []) } ?? []
      answer.reward = metadata?["reward"]?.score ?? answer.rewardParts.first?.value
      answer.model = metadata?["model"]?.text
      answer.group = metadata?["task_id"]?.words
      found.append(answer)
    }
    return found
  }

  private static func conversation(_ messages: [DumpedMessage]) -> DumpedTrajectory {
    let (prompt, response) = Conversation.split(messages)
    var found = DumpedTrajectory(
      id: "", prompt: Conversation.text(prompt), segments: Conversation.segments(response),
      fidelity: .stripped)
    found.messages = prompt
    return found
  }

  /// A line of the output of an OpenAI batch, joined with its request.
  ///
  /// - Throws: What the server said, where it gave no answer.
  static func batch(
    _ row: DumpValue, _ requests: BatchRequests?
  ) throws(DumpFault) -> [DumpedTrajectory] {
    let name = try row.text("custom_id")
    let body = try row.member("response").member("body")
    guard let choices = body["choices"]?.list else {
      let why = body["error"]?["message"]?.text ?? row["error"]?["message"]?.text
      let status = row["response"]?["status_code"]?.words ?? "no status"
      throw DumpFault(
        "request \(Words.quoted(name)) has no answer (\(status)"
          + (why.map { ": \(Words.inert(String($0.prefix(200))))" } ?? "") + ")")
    }
    let request = try requests?.body(name)
    var found: [DumpedTrajectory] = []
    for (index, choice) in choices.enumerated() {
      var answer = try self.choice(choice, body, request)
      answer.id = choices.count > 1 ? "\(name)/\(choice["index"]?.words ?? "\(index)")" : name
      answer.model = body["model"]?.text ?? request?["model"]?.text
      found.append(answer)
    }
    return found
  }

  private static func choice(
    _ choice: DumpValue, _ body: DumpValue, _ request: DumpValue?
  ) throws(DumpFault) -> DumpedTrajectory {
    let messages =
      try request?["messages"].map { value throws(DumpFault) in
        try Conversation.messages(value, "messages")
      } ?? []
    let response =
      try choice["message"].map { value throws(DumpFault) in
        try Conversation.segments(.list([value]), "message")
      } ?? [DumpedSegment(role: .assistant, text: choice["text"]?.text ?? "")]
    var found = DumpedTrajectory(
      id: "", prompt: request?["prompt"]?.text ?? Conversation.text(messages), segments: response,
      fidelity: request?["prompt"]?.text == nil ? .stripped : .text)
    found.messages = messages
    found.truncated = choice["finish_reason"]?.text.map { $0 == "length" }
    found.promptTokens =
      body["prompt_token_ids"]?.tokens ?? choice["prompt_token_ids"]?.tokens
      ?? request?["prompt"]?.tokens
    found.responseTokens = choice["token_ids"]?.tokens
    if let count = found.responseTokens?.count {
      found.segments[0].tokens = 0..<count
      if found.promptTokens != nil { found.fidelity = .ids }
      let drawn =
        choice["logprobs"]?["content"]?.list?.map { $0["logprob"]?.number }
        ?? choice["logprobs"]?["token_logprobs"]?.list?.map(\.number)
      if let drawn, drawn.count == count {
        found.logProbabilities = drawn.map { $0.map { Float($0) } }
      }
    }
    return found
  }
}
