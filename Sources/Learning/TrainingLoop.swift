public import LanguageModel
import Tensors
public import Trajectories

/// The journey of the method, one update at a time: sample, value, store, learn.
///
/// Online: groups of rollouts start at a prompt or, with the recipe's share, at a state of
/// the buffer; every answer is judged against its group; some right answers are valued and their
/// critical states stored; the weights move, and a critic's beside them where the method has one.
/// Where nothing is compared within a group, each rollout has a start of its own. Offline (DPO and
/// its kin): pairs are built by the policy that a round starts from, then the weights move batch by
/// batch. Everything random is a function of the recipe's seed
/// and of the number of the update, so a loop given the same weights, moments and `state` goes on
/// bit for bit. Left out: an asynchronous sampler, several processes.
///
/// A loop lives on one thread. It never reads a clock: `now` is passed in.
public final class TrainingLoop {
  /// The policy that learns.
  public let policy: any Policy
  /// Text to tokens and back.
  public let codec: any TextCodec
  /// Draws problems and judges answers.
  public let task: any ReasoningTask
  /// All that was chosen.
  ///
  /// Between two updates may change how many there are to be and how long answers may get.
  public var recipe: Recipe
  /// Moves the weights; its moments belong into a checkpoint.
  public let optimizer: AdamW
  /// Moves the value head; nil where the method has no critic.
  ///
  /// Its moments and weights belong into a checkpoint.
  public let critic: AdamW?
  /// What the loop knows beside weights and moments; belongs into a checkpoint.
  public internal(set) var state: LoopState
  /// Offline: pairs are built until so many tokens were drawn for them, in place of the recipe's
  /// number; nil holds to the recipe.
  public var pairTokens: Int?
  let now: () -> Double
  private let makeReference: (() throws -> any Policy)?
  private var madeReference: (any Policy)?

  /// A loop that begins; `restore` lets it go on from a checkpoint.
  ///
  /// - Parameters:
  ///   - policy: The policy that learns.
  ///   - reference: Makes a second policy with the weights of the start, when it is first asked
  ///     for. It is needed where `objective.klCoefficient` is above 0; without it the KL of online
  ///     runs is reported as 0.
  ///   - codec: Text to tokens and back.
  ///   - task: Draws problems and judges answers.
  ///   - recipe: All that was chosen.
  ///   - now: Seconds from any beginning; used for durations alone.
  /// - Throws: `LearningError.referenceMissing`, `LearningError.criticMissing`.
  public init(
    policy: any Policy, reference: (() throws -> any Policy)?, codec: any TextCodec,
    task: any ReasoningTask, recipe: Recipe, now: @escaping () -> Double
  ) throws {
    if !recipe.objective.method.isOffline, recipe.objective.klCoefficient > 0, reference == nil {
      throw LearningError.referenceMissing
    }
    let head = recipe.objective.hasCritic ? policy.addValueHead() : nil
    if recipe.objective.hasCritic, head == nil { throw LearningError.criticMissing }
    self.policy = policy
    makeReference = reference
    self.codec = codec
    self.task = task
    self.recipe = recipe
    state = LoopState(recipe: recipe)
    optimizer = AdamW(parameters: policy.parameters, settings: recipe.optimizer)
    critic = head.map { AdamW(parameters: $0.parameters, settings: recipe.optimizer) }
    self.now = now
  }

  /// The policy with the weights of the start; nil where there is none.
  func reference() throws -> (any Policy)? {
    if madeReference == nil { madeReference = try makeReference?() }
    return madeReference
  }

  /// Draws rollouts of the policy as it is now.
  public var sampler: RolloutSampler {
    RolloutSampler(policy: policy, codec: codec, task: task, recipe: recipe, version: state.update)
  }

  /// Values steps under the policy as it is now.
  public var valuer: StepValuer { StepValuer(sampler) }

  /// Whether the recipe's last update was made.
  public var isFinished: Bool { state.update >= recipe.updates }

  /// Whether the recipe wants held-out accuracy measured now.
  public var wantsEvaluation: Bool {
    let every = recipe.evaluation.every
    return state.update == 0 || isFinished || (every > 0 && state.update % every == 0)
  }

  /// Whether the recipe wants a checkpoint now.
  public var wantsCheckpoint: Bool {
    let every = recipe.record.checkpointEvery
    return state.update == 0 || isFinished || (every > 0 && state.update % every == 0)
  }

  /// Makes exactly one update; the caller decides on pause, stop and marks between two of them.
  ///
  /// Events are recorded in order once the weights have moved, so an update is written down wholly
  /// or not at all: the batch's trajectories, valuations, proposals, then the metrics. Where it is
  /// stopped before the weights move, the update is dropped; asked again it is made in the same way.
  ///
  /// - Parameters:
  ///   - marks: A person's words since the last update, in their order; they hold from this update
  ///     on.
  ///   - progress: Hears how far each phase is.
  ///   - record: Takes what is to be kept: the run is the list of these events.
  /// - Returns: What the update did.
  /// - Throws: `Stopped`; `LearningError`, and the weights are then those before the optimizer's last
  ///   step.
  @discardableResult
  public func update(
    marks: [MarkedTrajectory] = [], progress: WorkProgress<LoopProgress> = .unheard,
    record: (RunEvent) -> Void = { _ in }
  ) throws -> Metrics {
    if let problem = recipe.trainingProblem { throw LearningError.nothingToLearn(problem) }
    follow(marks)
    let began = now()
    let made =
      recipe.objective.method.isOffline
      ? try updateOffline(progress, record: record) : try updateOnline(progress)
    var metrics = made.metrics
    metrics.seconds = now() - began
    let tokens = metrics.tokensPerSecond
    metrics.tokensPerSecond = metrics.seconds > 0 ? tokens / metrics.seconds : 0
    for event in made.events + [.updated(metrics)] { record(event) }
    return metrics
  }

  /// Obeys a person's words: marked and confirmed states enter the buffer, rejected ones leave it.
  ///
  /// `update` does this by itself; following the same word twice changes nothing.
  public func follow(_ marks: [MarkedTrajectory]) {
    for word in marks { state.buffer.follow(word.mark, on: word.trajectory) }
  }

  /// Measures held-out accuracy.
  public func evaluate(
    _ progress: WorkProgress<LoopProgress> = .unheard
  ) throws(Stopped) -> EvaluationResult {
    try Evaluation(recipe, task: task, codec: codec)(
      of: policy, version: state.update,
      progress: progress.parts(of: .evaluating, in: state.update))
  }

  /// One online update; `tokensPerSecond` still holds tokens.
  private func updateOnline(
    _ progress: WorkProgress<LoopProgress>
  ) throws -> (metrics: Metrics, events: [RunEvent]) {
    let (valuer, update) = (valuer, state.update + 1)
    let phase = { (phase: LoopPhase) in progress.parts(of: phase, in: update) }
    let drawn = try GroupSampling(sampler: valuer.sampler, buffer: state.buffer)
      .draw(phase(.sampling))
    let replaced = try FailedAnswerReplacement(by: valuer)(in: drawn, progress: phase(.valuing))
    let groups = replaced.groups
    let fed = try BufferFeeder(valuer)(from: groups, now: now, progress: phase(.valuing))
    let steps =
      recipe.objective.credit == .steps
      ? try StepCredit.values(of: groups, by: valuer, progress: phase(.valuing)) : []
    let batch = Batch(groups: groups, maskPrefix: recipe.resets.maskPrefix)
    let learnt = try learn(batch, steps: steps, progress: phase(.learning))
    let estimated = steps.reduce(fed.tokens + replaced.tokens) { $0 + $1.tokens }
    let tokens = drawn.reduce(0) { $0 + $1.newTokens }
    state.update += 1
    state.trainingTokens += tokens
    state.estimationTokens += estimated
    store(fed.states, besides: groups)
    adaptPenalty(to: learnt, rollouts: batch.rows.count)
    let metrics = metrics(of: drawn, learnt, processed: tokens + estimated + learnt.scored)
    return (metrics, events(of: batch, fed))
  }

  /// Puts what an update found into the buffer, which counts the resets that it drew from there.
  private func store(_ found: [CriticalState], besides groups: [RolloutGroup]) {
    state.buffer.drew(groups.compactMap(\.prefix.fork?.trajectory))
    for state in found { self.state.buffer.insert(state, update: self.state.update) }
  }
}

extension TrainingLoop {
  /// Most tokens that are differentiated at once; a larger batch is done in parts of whole rows.
  ///
  /// More than the policy has room for would make it compute the forward pass twice.
  private var partTokens: Int {
    let wanted = recipe.optimizer.microBatchTokens
    return min(wanted > 0 ? wanted : 16384, policy.tokensAtOnce)
  }

  /// Ranges of rows of at most `partTokens` tokens, at least one unit of `together` rows each.
  ///
  /// What a row shares with the one before it counts once.
  func parts(_ rows: [TokenRow], together: Int = 1) -> [Range<Int>] {
    var found: [Range<Int>] = []
    let partTokens = partTokens
    var start = 0
    var tokens = 0
    for unit in stride(from: 0, to: rows.count, by: together) {
      let more = (unit..<unit + together).reduce(0) {
        $0 + ($1 > start ? rows[$1].tokens(after: rows[$1 - 1]) : rows[$1].tokens.count)
      }
      if tokens + more > partTokens, unit > start {
        found.append(start..<unit)
        start = unit
        tokens = rows[unit..<unit + together].reduce(0) { $0 + $1.tokens.count }
      } else {
        tokens += more
      }
    }
    if start < rows.count { found.append(start..<rows.count) }
    return found
  }

  /// What the policy, or another, says of rows at the temperature that is learnt at.
  func score(_ rows: [TokenRow], by other: (any Policy)? = nil) -> [TokenScores] {
    (other ?? policy).score(rows, temperature: Float(recipe.scoreTemperature))
  }

  /// Adds the gradient of an objective on rows, in the recipe's precision and at its temperature.
  func differentiate(_ rows: [TokenRow], objective: ([TokenScores]) -> LossGradient) {
    policy.differentiate(
      rows, precision: ProductPrecision(recipe.optimizer.gradients),
      temperature: Float(recipe.scoreTemperature)
    ) { objective($0).scoreGradients }
  }

  /// Lets the optimizer make its step and checks that there was something finite to step along.
  func move(_ learnt: inout Learnt, passes: Int) throws {
    try task.check()
    let update = state.update + 1
    guard learnt.loss.isFinite else {
      throw LearningError.notFinite(update: update, what: "the loss", parameter: offender)
    }
    let head = critic.map { [$0.parameters] } ?? []
    let norm = optimizer.step(learningRate: learningRate(of: update), beside: head)
    guard norm.isFinite else {
      throw LearningError.notFinite(update: update, what: "the gradient", parameter: offender)
    }
    // Both are clipped by the norm of all gradients together.
    _ = critic?.step(
      learningRate: headRate(of: update), beside: [policy.parameters])
    learnt.gradientNorm += norm / Double(passes)
    state.optimiserSteps = optimizer.steps
    policy.weightsChanged()
  }

  /// The schedule's rate, also of an update that finds nothing to learn.
  func learningRate(of update: Int) -> Double {
    LearningRate(recipe.optimizer, updates: recipe.updates)(update)
  }

  private func headRate(of update: Int) -> Double {
    var choice = recipe.optimizer
    choice.learningRate = recipe.critic.learningRate
    return LearningRate(choice, updates: recipe.updates)(update)
  }

  /// The first parameter whose weights or gradients are not finite.
  var offender: String? {
    let parameters = policy.parameters
    return parameters.slices.first { slice in
      slice.range.contains {
        !parameters.gradients[$0].isFinite || !parameters.weights[$0].isFinite
      }
    }?.name
  }
}

extension ProductPrecision {
  /// The engine's name of a recipe's choice.
  init(_ choice: Precision) {
    switch choice {
    case .f32: self = .float32
    case .bf16: self = .bfloat16
    }
  }
}

/// What the optimizer's steps on one batch did.
struct Learnt {
  var loss = 0.0
  var kl = 0.0
  var entropy = 0.0
  var clipRatio = 0.0
  var samplerGap: SamplerGap?
  var gradientNorm = 0.0
  var valueLoss = 0.0
  var moved = 0.0
  var explainedVariance: Double?
  /// Mean KL to the reference over all rows, before the weights moved.
  var divergence: Double?
  /// Tokens that went through the model forward, as rows.
  var scored = 0
}

extension TrainingLoop {
  /// Metrics of an online update; seconds are not known yet and `tokensPerSecond` holds tokens.
  ///
  /// `drawn` are the policy's own rollouts, before any of them was replaced by a better one.
  func metrics(of drawn: [RolloutGroup], _ learnt: Learnt, processed: Int) -> Metrics {
    var metrics = metrics(of: learnt, processed: processed)
    let all = drawn.flatMap(\.trajectories)
    let fromPrompt = drawn.filter { !$0.isReset }.flatMap(\.trajectories)
    let fromReset = drawn.filter(\.isReset).flatMap(\.trajectories)
    metrics.reward = mean(fromPrompt.map(\.reward)) ?? 0
    metrics.resetReward = mean(fromReset.map(\.reward))
    metrics.chainAccuracy = mean(fromPrompt.compactMap(\.chainCorrect).map { $0 ? 1 : 0 })
    let resets = drawn.count { $0.isReset }
    metrics.resetShare = Double(resets) / Double(max(1, drawn.count))
    metrics.truncatedShare = mean(all.map { $0.truncated ? 1 : 0 }) ?? 0
    metrics.responseLength = mean(all.map { Double($0.responseTokens.count) }) ?? 0
    metrics.stepsPerAnswer = mean(all.map { Double($0.steps.count) })
    return metrics
  }

  /// The part of the metrics that online and offline updates share.
  func metrics(of learnt: Learnt, processed: Int) -> Metrics {
    var metrics = Metrics()
    metrics.update = state.update
    metrics.loss = learnt.loss
    metrics.kl = learnt.kl
    metrics.entropy = learnt.entropy
    metrics.clipRatio = learnt.clipRatio
    metrics.samplerGap = learnt.samplerGap?.distance
    metrics.samplerKL = learnt.samplerGap?.divergence
    metrics.gradientNorm = learnt.gradientNorm
    metrics.explainedVariance = learnt.explainedVariance
    metrics.movedKL = learnt.moved
    metrics.valueLoss = critic == nil ? nil : learnt.valueLoss
    metrics.klCoefficient = klCoefficient > 0 ? klCoefficient : nil
    metrics.bufferAge = state.buffer.age(at: state.update)
    metrics.bufferReuse = state.buffer.reuse
    metrics.learningRate = learningRate(of: state.update)
    metrics.bufferSize = state.buffer.states.count
    metrics.bufferPurity = state.buffer.purity
    metrics.bufferMarked = state.buffer.marked
    metrics.trainingTokens = state.trainingTokens
    metrics.estimationTokens = state.estimationTokens
    metrics.tokensPerSecond = Double(processed)
    return metrics
  }

  /// What is written down of an online update, before its metrics.
  ///
  /// Answers that fed the buffer come first, so that every valuation and every fork in the record
  /// has its trajectory; then one answer of each group, a second of each, up to the recipe's number.
  func events(of batch: Batch, _ fed: BufferFeeding) -> [RunEvent] {
    let all = batch.trajectories
    let most = recipe.record.trajectories
    var order = fed.bases.map(\.id)
    var place = 0
    var ranked: [(rank: Int, id: String)] = []
    for group in batch.groups {
      for rank in group.trajectories.indices { ranked.append((rank, all[place + rank].id)) }
      place += group.trajectories.count
    }
    let ranks = (ranked.map(\.rank).max() ?? -1) + 1
    for rank in 0..<ranks { order += ranked.filter { $0.rank == rank }.map(\.id) }
    var kept: Set<String> = []
    for id in order where kept.count < most { kept.insert(id) }
    return all.filter { kept.contains($0.id) }.map(RunEvent.sampled)
      + events(of: fed.values, fed.choices, seconds: fed.seconds, kept: kept)
  }

  /// Valuations and choices of the trajectories that are written down.
  func events(
    of values: [StepValues], _ choices: [CriticalStep], seconds: [Double], kept: Set<String>
  ) -> [RunEvent] {
    zip(zip(values, choices), seconds).flatMap { found, seconds -> [RunEvent] in
      let (known, choice) = found
      guard kept.contains(known.trajectory.id) else { return [] }
      var valuation = known.valuation(seconds: seconds)
      valuation.cost = Cost(rollouts: known.spent, tokens: known.tokens, seconds: seconds)
      valuation.evidence = known.unrecorded(recipe.record.rollouts)
      return [.valued(valuation), .proposed(choice)]
    }
  }

  private func mean(_ numbers: [Double]) -> Double? {
    numbers.isEmpty ? nil : numbers.reduce(0, +) / Double(numbers.count)
  }
}

extension TrainingLoop {
  /// Goes back or on to what was written down of the same recipe; the next update is the one after.
  ///
  /// State, weights and moments are all that a run needs to go on bit for bit. The weights are put
  /// into `policy.parameters` by the caller, before or after.
  ///
  /// - Parameters:
  ///   - state: What the loop knew.
  ///   - moments: Fills the moments of an optimizer: the policy's, then the critic's where there is
  ///     one, told apart by their parameters' names. Not called where no step was made, since the
  ///     moments are zero then. The critic's weights are the caller's business, like the policy's.
  /// - Throws: `LearningError.stateMismatch`, and nothing has changed; or what `moments` throws,
  ///   and the loop is of no further use.
  public func restore(_ state: LoopState, moments: (AdamW) throws -> Void) throws {
    guard (state.pairs != nil) == recipe.objective.method.isOffline else {
      throw LearningError.stateMismatch(
        "the recipe's method is \(recipe.objective.method.rawValue), the checkpoint's is not")
    }
    if let problem = state.problem(for: policy) { throw LearningError.stateMismatch(problem) }
    for optimizer in [optimizer, critic].compactMap({ $0 }) {
      optimizer.forget()
      if state.optimiserSteps > 0 { try moments(optimizer) }
      optimizer.steps = state.optimiserSteps
    }
    self.state = state
    policy.weightsChanged()
  }
}
