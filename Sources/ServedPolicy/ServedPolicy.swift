import Foundation
public import LanguageModel
public import Tensors

/// A policy whose weights live elsewhere: servers draw and score, and nothing learns here.
///
/// Rollouts of one state go to one server, so that it computes their prefix once. Each rollout is a
/// request of its own with a seed of its own. When a server is lost, what it had not finished is
/// drawn again by the others, and no rollout is reported twice.
public final class ServedPolicy: Policy {
  /// Number of token ids; `Token.max` where nobody said it.
  public let vocabulary: Int
  /// Most tokens of a sequence; `Token.max` where nobody said it.
  public let contextLength: Int
  /// Empty: nothing learns here.
  public let parameters = Parameters(shapes: [])
  /// What the server can do.
  public let capabilities: ServerCapabilities
  /// The model's name in requests; that of an adapter while one is used.
  public private(set) var model: String
  /// Why the last call ended before its time; nil where it did not, or where it was stopped.
  public private(set) var failure: ServerFailure?
  /// What all calls cost so far.
  public private(set) var cost = ServedCost()
  /// Asked whenever something arrives and ten times a second; an answer of true stops a call that no
  /// rollout has finished of, too, and the servers hear of it.
  public var isStopWanted: () -> Bool {
    get { link.isStopWanted }
    set { link.isStopWanted = newValue }
  }

  private let link: ServerLink
  private let coding: TextCoding?

  init(
    _ link: ServerLink, _ capabilities: ServerCapabilities, coding: TextCoding?,
    vocabulary: Int? = nil, contextLength: Int? = nil
  ) {
    self.link = link
    self.capabilities = capabilities
    self.coding = coding
    self.vocabulary = vocabulary ?? capabilities.vocabulary ?? Int(Token.max)
    let told = capabilities.contextLength ?? Int(Token.max)
    self.contextLength = min(told, contextLength ?? told)
    model = capabilities.model
  }

  /// Finds out what the servers can do and makes a policy of them.
  ///
  /// - Parameters:
  ///   - urls: `http://host:port`, with or without `/v1`; several hold the same weights.
  ///   - model: Its name there; the first that the first server names, if nil.
  ///   - coding: The model's tokenizer, where it is at hand; a server that takes only text needs one,
  ///     and is asked for its own where there is none.
  ///   - vocabulary: Number of token ids, where it is known.
  ///   - contextLength: Most tokens of a sequence by the model's files; a server that says less
  ///     counts.
  ///   - isStopWanted: Asked meanwhile, and of the policy later on; true ends it.
  /// - Returns: The policy, and what was found out.
  /// - Throws: A sentence, where a server does not answer, has not the model, or refuses.
  public static func connect(
    urls: [String], model: String? = nil, coding: TextCoding? = nil, vocabulary: Int? = nil,
    contextLength: Int? = nil, isStopWanted: @escaping () -> Bool = { false }
  ) throws(ServerFailure) -> (policy: ServedPolicy, capabilities: ServerCapabilities) {
    var addresses: [ServerAddress] = []
    for url in urls { addresses.append(try ServerAddress(url)) }
    let link = ServerLink(addresses)
    link.isStopWanted = isStopWanted
    return try connect(
      link, model: model, coding: coding, vocabulary: vocabulary,
      contextLength: contextLength)
  }

  static func connect(
    _ link: ServerLink, model: String? = nil, coding: TextCoding? = nil, vocabulary: Int? = nil,
    contextLength: Int? = nil
  ) throws(ServerFailure) -> (policy: ServedPolicy, capabilities: ServerCapabilities) {
    guard let first = link.addresses.first else {
      throw ServerFailure(.unusable, "No server was named.")
    }
    let probe = ServerProbe(link: link, address: first, coding: coding)
    let found = try probe.capabilities(model: model)
    for other in link.addresses.dropFirst() { try check(other, has: found.model, link) }
    var coding = coding
    if coding == nil, found.tokenizer == .consistent {
      coding = ServedTokenizer(link, model: found.model).coding
    }
    if found.fidelity == .text, coding == nil {
      throw ServerFailure(
        .unusable,
        "\(first.host) takes only text and cuts none for others; give the model's tokenizer.")
    }
    let policy = ServedPolicy(
      link, found, coding: coding, vocabulary: vocabulary, contextLength: contextLength)
    return (policy, found)
  }

  private static func check(
    _ address: ServerAddress, has model: String, _ link: ServerLink
  ) throws(ServerFailure) {
    let data = try link.ask("/v1/models", nil, of: address)
    let object = (try? JSONSerialization.jsonObject(with: data)) as? [String: Any]
    let names = (object?["data"] as? [[String: Any]] ?? []).compactMap { $0["id"] as? String }
    guard names.contains(model) else {
      throw ServerFailure(.unusable, "\(address.host) does not serve \(model), as the first does.")
    }
  }

  /// The server's tokenizer; nil where it offers none.
  public var tokenizer: ServedTokenizer? {
    guard capabilities.tokenizer != .unavailable else { return nil }
    return ServedTokenizer(link, model: capabilities.model)
  }

  // MARK: Drawing

  /// Rolls out from each prefix, as `Policy` promises.
  ///
  /// A log-probability is that of the distribution the token was drawn from where it can be had
  /// (`logProbabilityNote` says so), else the server's own, and NaN where the server gives none.
  /// - Throws: `Stopped`; where a server failed, `failure` says how.
  public func continuations(
    of requests: [RolloutRequest], sampling: Sampling, endTokens: Set<Token>,
    progress: WorkProgress<RolloutReport>
  ) throws(Stopped) -> [[Continuation]] {
    failure = nil
    var answers = requests.map { $0.seeds.map { _ in Continuation?.none } }
    let total = requests.reduce(0) { $0 + $1.seeds.count }
    var finished = 0
    func report(_ place: Place, _ continuation: Continuation) throws(Stopped) {
      finished += 1
      answers[place.request][place.rollout] = continuation
      try progress(
        RolloutReport(
          request: place.request, rollout: place.rollout, continuation: continuation,
          finished: finished, total: total))
    }
    var places: [Place] = []
    var jobs: [Job<CompletionAnswer>] = []
    for (index, request) in requests.enumerated() {
      let all = request.seeds.indices.map { Place(request: index, rollout: $0) }
      guard room(for: request) > 0 else {
        for place in all { try report(place, Self.nothing(seed: request.seeds[place.rollout])) }
        continue
      }
      places += all
      jobs += try kept { () throws(ServerFailure) in
        try self.jobs(for: request, sampling: sampling, endTokens: endTokens)
      }
    }
    try run(jobs, retries: 6) { index, answer throws(Stopped) in
      let place = places[index]
      let seed = requests[place.request].seeds[place.rollout]
      let drawn = try self.kept { () throws(ServerFailure) in
        try self.continuation(answer, seed: seed, sampling: sampling, endTokens: endTokens)
      }
      try report(place, drawn)
    }
    return answers.map { $0.compactMap(\.self) }
  }

  private struct Place {
    var request: Int
    var rollout: Int
  }

  /// What is written where there is no room.
  private static func nothing(seed: UInt64) -> Continuation {
    Continuation(tokens: [], logProbabilities: [], truncated: true, seed: seed)
  }

  private func room(for request: RolloutRequest) -> Int {
    min(request.limit, contextLength - request.prefix.count)
  }

  private func prompt(_ tokens: [Token]) throws(ServerFailure) -> CompletionRequest.Prompt {
    guard capabilities.fidelity == .text else { return .tokens(tokens) }
    guard let text = coding?.decode(tokens) else {
      throw ServerFailure(.unusable, "The prefix cannot be written as text for the server.")
    }
    return .text(text)
  }

  /// One job for each seed.
  private func jobs(
    for request: RolloutRequest, sampling: Sampling, endTokens: Set<Token>
  ) throws(ServerFailure) -> [Job<CompletionAnswer>] {
    let isNative = capabilities.isNative
    var asked = CompletionRequest(
      model: model, prompt: try prompt(request.prefix), sampling: sampling,
      limit: room(for: request), endTokens: endTokens,
      isStream: capabilities.family != .llamaServer || !isNative, isNative: isNative)
    let key = StateKey.of(request.prefix)
    return request.seeds.map { seed in
      asked.seed = seed
      return job(asked, key: key, prefix: request.prefix)
    }
  }

  private func job(
    _ asked: CompletionRequest, key: UInt64, prefix: [Token]
  ) -> Job<CompletionAnswer> {
    var reader = CompletionReader(
      prompt: capabilities.fidelity == .ids ? prefix : nil,
      host: link.addresses.count == 1 ? link.addresses[0].host : "a server")
    reader.endTokens = asked.endTokens
    reader.vocabulary = vocabulary
    reader.isStream = asked.isStream
    reader.isEcho = asked.promptScores.isEcho
    let (family, refused) = (capabilities.family, capabilities.refusedFields)
    return Job(
      key: key, path: asked.path(for: family),
      body: { ServerLink.json(asked.body(for: family, without: refused)) }
    ) { [reader] in reader }
  }

  private func continuation(
    _ answer: CompletionAnswer, seed: UInt64, sampling: Sampling, endTokens: Set<Token>
  ) throws(ServerFailure) -> Continuation {
    guard let choice = answer.choices.first else {
      throw ServerFailure(.unusable, "A server answered with no choice.")
    }
    var tokens = choice.tokens ?? []
    if capabilities.fidelity == .text {
      guard let read = coding?.encode(choice.text) else {
        throw ServerFailure(.unusable, "A server's text could not be cut into tokens.")
      }
      tokens = read
      // The text does not show the end token; where only one can be meant, it was that one.
      if choice.finish == "stop", endTokens.count == 1, let end = endTokens.first,
        tokens.last != end
      {
        tokens.append(end)
      }
    } else if choice.tokens == nil, !(choice.finish == "stop" && choice.text.isEmpty) {
      throw ServerFailure(.unusable, "A server did not tell the ids that it drew.")
    }
    var values = choice.logProbabilities
    if values.count != tokens.count { values = tokens.map { _ in .nan } }
    // The likeliest token is taken for certain, and its probability counts as 1.
    if sampling.temperature == 0 { values = tokens.map { _ in 0 } }
    cost.completionTokens += answer.cost == nil ? tokens.count : 0
    return Continuation(
      tokens: tokens, logProbabilities: values, truncated: choice.finish == "length", seed: seed)
  }

  /// Why log-probabilities of rollouts are not those the tokens were drawn at; nil where they are.
  public func logProbabilityNote(_ sampling: Sampling) -> String? {
    guard sampling.temperature != 0 else { return nil }
    let isWhole = sampling.topK == 0 && sampling.topP == 1 && sampling.minP == 0
    switch capabilities.logProbabilities {
    case .processed: return nil
    case .scaled where isWhole: return nil
    case .scaled: return "The server's log-probabilities are those before top-k, top-p and min-p."
    case .raw where isWhole && sampling.temperature == 1: return nil
    case .raw:
      return "The server's log-probabilities are the model's own, before temperature and filters."
    case .unknown: return "The server tells no log-probabilities that can be used."
    }
  }

  // MARK: Scoring

  /// Scores rows by the log-probabilities of prompts; entropies are NaN, for no server tells them.
  ///
  /// All is NaN where the server failed or cannot; then `failure` says how. `scores(of:)` throws
  /// instead.
  public func score(_ rows: [TokenRow], temperature: Float) -> [TokenScores] {
    if temperature == 1, let scores = try? scores(of: rows) { return scores }
    if temperature != 1 {
      failure = ServerFailure(.unusable, "A server scores at temperature 1 alone.")
    }
    return rows.map { Self.scores([Float](repeating: .nan, count: $0.predicted)) }
  }

  /// Scores rows at temperature 1, and reports each as it arrives.
  ///
  /// - Throws: `Stopped`; where a server failed or cannot score, `failure` says how.
  public func scores(
    of rows: [TokenRow], progress: WorkProgress<PartsDone> = .unheard
  ) throws(Stopped) -> [TokenScores] {
    failure = nil
    guard capabilities.scoresPrompts else {
      failure = ServerFailure(.unusable, "The server tells no log-probabilities of a prompt.")
      throw Stopped()
    }
    let scored = rows.indices.filter { rows[$0].predicted > 0 }
    var answers = rows.map { _ in Self.scores([]) }
    var jobs: [Job<CompletionAnswer>] = []
    for row in scored {
      let tokens = rows[row].tokens
      let asked = CompletionRequest(
        model: model, prompt: .tokens(tokens), isNative: capabilities.usesGenerate,
        promptScores: capabilities.promptScores)
      let key = StateKey.of(tokens.prefix(rows[row].firstPredicted))
      jobs.append(job(asked, key: key, prefix: tokens))
    }
    var done = rows.count - scored.count
    try run(jobs, retries: 6) { index, answer throws(Stopped) in
      let row = rows[scored[index]]
      let way = self.capabilities.promptScores
      let values = answer.choices.first?.promptScores(way, count: row.tokens.count)
      guard let values else {
        self.failure = ServerFailure(.unusable, "A server left log-probabilities of a prompt out.")
        throw Stopped()
      }
      answers[scored[index]] = Self.scores(Array(values.suffix(row.predicted)))
      done += 1
      try progress(done, of: rows.count)
    }
    return answers
  }

  private static func scores(_ values: [Float]) -> TokenScores {
    TokenScores(logProbabilities: values, entropies: values.map { _ in .nan })
  }

  // MARK: Asking

  private func run(
    _ jobs: [Job<CompletionAnswer>], retries: Int,
    heard: (Int, CompletionAnswer) throws(Stopped) -> Void
  ) throws(Stopped) {
    let dispatch = Dispatch(link, jobs: jobs, rule: RetryRule(retries: retries))
    defer { cost.requests += dispatch.sent }
    do {
      try dispatch.run(isStopWanted: isStopWanted) { index, answer throws(Stopped) in
        cost.promptTokens += answer.cost?.prompt ?? 0
        cost.cachedTokens += answer.cost?.cached ?? 0
        cost.completionTokens += answer.cost?.completion ?? 0
        try heard(index, answer)
      }
    } catch {
      failure = failure ?? dispatch.failure
      throw error
    }
  }

  /// Does something that may fail by the server, and keeps why.
  private func kept<Answer>(
    _ work: () throws(ServerFailure) -> Answer
  ) throws(Stopped) -> Answer {
    do { return try work() } catch {
      failure = error
      throw Stopped()
    }
  }

  // MARK: What lives elsewhere

  /// Nothing learns here, so this must not be called: `parameters` is empty.
  public func differentiate(
    _ rows: [TokenRow], precision: ProductPrecision, temperature: Float,
    objective: ([TokenScores]) -> [ScoreGradients]
  ) {
    preconditionFailure("A served policy has no weights to differentiate by.")
  }

  /// Does nothing: there are no weights here that could have changed.
  public func weightsChanged() {}

  /// Has every server load a LoRA adapter that lies on its own disk, and uses it from now on.
  ///
  /// An adapter of that name that was loaded before is replaced. vLLM does this when it was started
  /// with `--enable-lora` and `VLLM_ALLOW_RUNTIME_LORA_UPDATING=1`.
  public func useAdapter(_ name: String, at path: String) throws(ServerFailure) {
    for address in link.addresses {
      let body: [String: Any] = ["lora_name": name, "lora_path": path]
      do {
        _ = try link.ask("/v1/load_lora_adapter", body, of: address)
      } catch {
        guard error.description.contains("load_inplace") else { throw error }
        let again = body.merging(["load_inplace": true]) { _, new in new }
        _ = try link.ask("/v1/load_lora_adapter", again, of: address)
      }
    }
    model = name
  }

  /// Goes back to the model itself and has every server forget the adapter.
  public func dropAdapter(_ name: String) throws(ServerFailure) {
    model = capabilities.model
    for address in link.addresses {
      _ = try link.ask("/v1/unload_lora_adapter", ["lora_name": name], of: address)
    }
  }
}

/// What a served policy asked for, by the servers' own counts where they have them.
public struct ServedCost: Equatable, Sendable {
  /// Requests sent, attempts that failed among them.
  public var requests = 0
  /// Tokens of prompts.
  public var promptTokens = 0
  /// Those of them that the servers had at hand.
  public var cachedTokens = 0
  /// Tokens drawn.
  public var completionTokens = 0
}
