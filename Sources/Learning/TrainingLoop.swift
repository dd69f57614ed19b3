public import LanguageModel
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

  /// An explorer with the policy as it is now.
  public var explorer: Explorer {
    Explorer(policy: policy, codec: codec, task: task, recipe: recipe, version: state.update)
  }

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
  /// Events are reported in order once the weights have moved, so an update is written down wholly
  /// or not at all: the batch's trajectories, valuations, proposals, then the metrics. Where a
  /// progress report is answered by `.stop` before the weights move, the update is dropped; asked
  /// again it is made in the same way.
  ///
  /// - Parameters:
  ///   - marks: A person's words since the last update, in their order; they hold from this update
  ///     on.
  ///   - report: Called with events to keep and with progress.
  /// - Returns: What the update did; nil where it was stopped.
  /// - Throws: `LearningError`; the weights are then those before the optimizer's last step.
  @discardableResult
  public func update(
    marks: [MarkedTrajectory] = [], report: (LoopReport) -> Disposition
  ) throws -> Metrics? {
    if let problem = recipe.trainingProblem { throw LearningError.nothingToLearn(problem) }
    follow(marks)
    let began = now()
    let progress = { (phase: LoopPhase, done: Int, total: Int) in
      report(
        .progress(
          LoopProgress(update: self.state.update + 1, phase: phase, done: done, total: total)))
    }
    let made =
      recipe.objective.method.isOffline
      ? try updateOffline(progress, record: { _ = report(.event($0)) })
      : try updateOnline(progress)
    guard let made else { return nil }
    var metrics = made.metrics
    metrics.seconds = now() - began
    let tokens = metrics.tokensPerSecond
    metrics.tokensPerSecond = metrics.seconds > 0 ? tokens / metrics.seconds : 0
    for event in made.events + [.updated(metrics)] { _ = report(.event(event)) }
    return metrics
  }

  /// Obeys a person's words: marked and confirmed states enter the buffer, rejected ones leave it.
  ///
  /// `update` does this by itself; following the same word twice changes nothing.
  public func follow(_ marks: [MarkedTrajectory]) {
    for word in marks { state.buffer.follow(word.mark, on: word.trajectory) }
  }

  /// Measures held-out accuracy and reports it as an event.
  ///
  /// - Parameter report: Called with progress, then with the event.
  /// - Returns: The accuracies; nil where the report asked to stop.
  @discardableResult
  public func evaluate(report: (LoopReport) -> Disposition) -> EvaluationResult? {
    let evaluation = Evaluation(recipe, task: task, codec: codec)
    let result = evaluation(of: policy, version: state.update) { done, total in
      report(
        .progress(
          LoopProgress(update: state.update, phase: .evaluating, done: done, total: total)))
    }
    guard let result else { return nil }
    _ = report(.event(.evaluated(result)))
    return result
  }

  /// One online update; `tokensPerSecond` still holds tokens.
  private func updateOnline(
    _ progress: (LoopPhase, Int, Int) -> Disposition
  ) throws -> (metrics: Metrics, events: [RunEvent])? {
    let explorer = explorer
    let sampling = GroupSampling(explorer: explorer, buffer: state.buffer)
    guard let drawn = try sampling.draw({ progress(.sampling, $0, $1) }),
      let replaced = explorer.replaceFailed(in: drawn, report: { progress(.valuing, $0, $1) })
    else { return nil }
    let groups = replaced.groups
    let fed = explorer.feed(from: groups, now: now) { progress(.valuing, $0, $1) }
    guard let fed else { return nil }
    let steps =
      recipe.objective.credit == .steps
      ? explorer.valuesForCredit(of: groups) { progress(.valuing, $0, $1) } : []
    guard let steps else { return nil }
    let batch = Batch(groups: groups, maskPrefix: recipe.resets.maskPrefix)
    let learnt = try learn(batch, steps: steps) { _ = progress(.learning, $0, $1) }
    let estimated = steps.reduce(fed.tokens + replaced.tokens) { $0 + $1.tokens }
    state.update += 1
    let tokens = drawn.reduce(0) { $0 + $1.newTokens }
    state.trainingTokens += tokens
    state.estimationTokens += estimated
    state.buffer.drew(groups.compactMap(\.prefix.fork?.trajectory))
    for found in fed.states { state.buffer.insert(found, update: state.update) }
    adaptPenalty(to: learnt, rollouts: batch.rows.count)
    let processed = tokens + estimated + learnt.scored
    let metrics = metrics(of: drawn, learnt, processed: processed)
    return (metrics, events(of: batch, fed))
  }
}
