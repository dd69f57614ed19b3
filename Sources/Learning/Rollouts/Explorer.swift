import Foundation
public import Grading
public import LanguageModel
import Tensors
public import Trajectories

/// A policy, its text, a task that judges and the recipe's choices: all that a rollout needs.
///
/// Everything random takes its seed from the recipe, a purpose and the place in the run, so an
/// explorer has no state of its own.
public struct Explorer {
  /// The policy that answers.
  public let policy: any Policy
  /// Text to tokens and back.
  public let codec: any TextCodec
  /// Draws problems and judges answers.
  public let task: any ReasoningTask
  /// Sampling, cutting, valuing and seeds.
  public let recipe: Recipe
  /// Updates the policy has seen.
  public var version: Int
  /// Most new tokens of a rollout, however much was kept; nil where the recipe's limit holds for
  /// kept and new ones together.
  public var newTokens: Int?

  /// An explorer with every part given.
  public init(
    policy: any Policy, codec: any TextCodec, task: any ReasoningTask, recipe: Recipe, version: Int,
    newTokens: Int? = nil
  ) {
    self.policy = policy
    self.codec = codec
    self.task = task
    self.recipe = recipe
    self.version = version
    self.newTokens = newTokens
  }

  /// Draws the problem of a place in the run; its id names the task, the seed and the place.
  public func problem(_ purpose: SeedPurpose, _ keys: [Int]) -> Problem {
    var random = Random(seed: recipe.seed(for: purpose, keys))
    let place = ([Int(purpose.rawValue)] + keys).map(String.init).joined(separator: ".")
    return task.problem(id: "\(recipe.task.name.rawValue)/\(recipe.seed)/\(place)", random: &random)
  }

  /// The state before the first token of an answer.
  public func start(of problem: Problem) throws -> Prefix {
    let tokens = codec.prompt(of: problem)
    guard tokens.count < policy.contextLength, !tokens.isEmpty else {
      throw LearningError.promptTooLong(
        problem: problem.id, tokens: tokens.count, contextLength: policy.contextLength)
    }
    return Prefix(problem: problem, prompt: tokens, kept: [], logProbabilities: [], fork: nil)
  }

  /// Most new tokens after a prefix: response and prefix together keep the recipe's limit, unless
  /// the explorer has one of its own for what is new.
  public func limit(after prefix: Prefix) -> Int {
    let room = policy.contextLength - prefix.prompt.count - prefix.kept.count
    return max(1, min(newTokens ?? recipe.sampling.limit - prefix.kept.count, room))
  }

  /// The request for one rollout from a prefix for each seed.
  public func request(_ prefix: Prefix, seeds: [UInt64]) -> RolloutRequest {
    RolloutRequest(prefix: prefix.tokens, seeds: seeds, limit: limit(after: prefix))
  }

  /// The judge's word on a prefix and what was written after it.
  public func judge(_ prefix: Prefix, _ continuation: Continuation) -> Judgement {
    judge(
      prefix.kept + continuation.tokens, isTruncated: continuation.truncated, to: prefix.problem)
  }

  /// The judge's word on a whole response, and whether the limit ended it.
  var judge: ResponseJudge {
    ResponseJudge(task: task, codec: codec, truncated: recipe.rewards.truncated)
  }

  /// Whether a rollout is learnt from and counts in a value: all do, unless the recipe masks those
  /// that the limit cut off.
  func counts(_ continuation: Continuation) -> Bool {
    !(continuation.truncated && masksTruncated)
  }

  /// Whether rollouts that the limit cut off are left out.
  public var masksTruncated: Bool { recipe.rewards.truncated == .masked }

  /// Whether a rollout may count at later boundaries of the answer it repeats.
  ///
  /// Not under a limit on new tokens: a rollout from a later boundary may write more after it than
  /// one from an earlier boundary, so one that was cut off there says nothing of what it would have
  /// come to from here, and leaving out those alone would leave the short ones.
  public var reuses: Bool { recipe.values.reuse && newTokens == nil }

  /// The whole trajectory of a prefix and what was written after it: judged, cut, examined.
  public func trajectory(
    id: String, from prefix: Prefix, _ continuation: Continuation
  ) -> Trajectory {
    let response = prefix.kept + continuation.tokens
    let judgement = judge(prefix, continuation)
    return Trajectory(
      id: id, problem: prefix.problem, promptTokens: prefix.prompt, responseTokens: response,
      logProbabilities: prefix.logProbabilities + continuation.logProbabilities,
      steps: steps(
        of: response, problem: prefix.problem,
        logProbabilities: prefix.logProbabilities + continuation.logProbabilities),
      reward: judgement.reward,
      chainCorrect: judgement.chainCorrect, seed: continuation.seed, policyVersion: version,
      truncated: continuation.truncated, forkedFrom: prefix.fork)
  }

  /// A response cut as the recipe says, each step with the task's word on it.
  public func steps(
    of response: [Token], problem: Problem, logProbabilities: [Float] = []
  ) -> [Step] {
    let pieces = codec.pieces(response)
    let steps = stepRanges(of: pieces, logProbabilities).map { range in
      Step(start: range.lowerBound, end: range.upperBound, text: pieces[range].joined())
    }
    return problem.isOwn ? steps : task.examine(steps, of: problem)
  }

  /// Into how many steps the recipe cuts an answer from the prompt.
  func stepCount(of answer: Continuation) -> Int {
    stepRanges(of: codec.pieces(answer.tokens), answer.logProbabilities).count
  }

  private func stepRanges(of pieces: [String], _ logProbabilities: [Float]) -> [Range<Int>] {
    let isByProbability = recipe.steps.splitter == .lowProbability
    return Step.cut(
      pieces: pieces,
      probabilities: isByProbability ? logProbabilities.map { exp(Double($0)) } : [],
      as: recipe.steps)
  }

  /// Draws rollouts from every request.
  ///
  /// - Returns: The continuations of each request.
  public func continuations(
    of requests: [RolloutRequest], progress: WorkProgress<RolloutReport> = .unheard
  ) throws(Stopped) -> [[Continuation]] {
    try policy.continuations(
      of: requests, sampling: Sampling(recipe.sampling), endTokens: codec.endTokens,
      progress: progress)
  }

  /// Samples answers to a problem.
  ///
  /// - Parameters:
  ///   - problem: The question.
  ///   - seeds: One answer for each.
  ///   - name: The id of each answer by its number.
  ///   - progress: Hears of each finished answer.
  /// - Returns: The answers in the order of the seeds.
  /// - Throws: `LearningError.promptTooLong`, `Stopped`.
  public func sample(
    _ problem: Problem, seeds: [UInt64], name: (Int) -> String,
    progress: WorkProgress<AnswerReport> = .unheard
  ) throws -> [Trajectory] {
    try rollOut(from: try start(of: problem), seeds: seeds, name: name, progress: progress)
  }

  /// Rolls out from a prefix.
  func rollOut(
    from prefix: Prefix, seeds: [UInt64], name: (Int) -> String,
    progress: WorkProgress<AnswerReport>
  ) throws(Stopped) -> [Trajectory] {
    let names = seeds.indices.map(name)
    var drawn: [Trajectory?] = Array(repeating: nil, count: seeds.count)
    let requests = [request(prefix, seeds: seeds)]
    _ = try continuations(
      of: requests,
      progress: progress.reporting { done in
        let answer = trajectory(id: names[done.rollout], from: prefix, done.continuation)
        drawn[done.rollout] = answer
        return AnswerReport(answer: answer, finished: done.finished, total: done.total)
      })
    return drawn.compactMap { $0 }
  }
}

/// A finished answer and how far the whole call is.
public struct AnswerReport: Sendable {
  /// The answer.
  public var answer: Trajectory
  /// Answers finished so far.
  public var finished: Int
  /// Answers wanted.
  public var total: Int

  /// A report with every field given.
  public init(answer: Trajectory, finished: Int, total: Int) {
    self.answer = answer
    self.finished = finished
    self.total = total
  }
}

extension Sampling {
  /// The recipe's way to draw tokens.
  public init(_ choice: SamplingChoice) {
    self.init()
    temperature = Float(choice.temperature)
    topK = choice.topK
    topP = Float(choice.topP)
    minP = Float(choice.minP)
    precision = ProductPrecision(choice.weights)
  }
}
