import Grading
public import LanguageModel
import Tensors
public import Trajectories

/// Draws rollouts of a policy: from a problem's prompt, or from a state of the reasoning.
///
/// Everything random takes its seed from the recipe, a purpose and the place in the run, so a
/// sampler has no state of its own. What it draws becomes a trajectory by the word of its judge.
public struct RolloutSampler {
  /// The policy that answers.
  public let policy: any Policy
  /// Judges and cuts what the policy wrote.
  let judge: ResponseJudge
  /// Problems, sampling and seeds.
  public let recipe: Recipe
  /// Updates the policy has seen.
  public var version: Int
  /// Most new tokens of a rollout, however much was kept; nil where the recipe's limit holds for
  /// kept and new ones together.
  public var newTokens: Int?

  /// A sampler whose judge follows the recipe.
  public init(
    policy: any Policy, codec: any TextCodec, task: any ReasoningTask, recipe: Recipe, version: Int,
    newTokens: Int? = nil
  ) {
    self.policy = policy
    judge = ResponseJudge(
      task: task, codec: codec, truncated: recipe.rewards.truncated, cutting: recipe.steps)
    self.recipe = recipe
    self.version = version
    self.newTokens = newTokens
  }

  /// Text to tokens and back.
  public var codec: any TextCodec { judge.codec }

  /// Draws problems and judges answers.
  public var task: any ReasoningTask { judge.task }

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
  /// the sampler has one of its own for what is new.
  public func limit(after prefix: Prefix) -> Int {
    let room = policy.contextLength - prefix.prompt.count - prefix.kept.count
    return max(1, min(newTokens ?? recipe.sampling.limit - prefix.kept.count, room))
  }

  /// The request for one rollout from a prefix for each seed.
  public func request(_ prefix: Prefix, seeds: [UInt64]) -> RolloutRequest {
    RolloutRequest(prefix: prefix.tokens, seeds: seeds, limit: limit(after: prefix))
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

  /// The whole trajectory of a prefix and what was written after it: judged, cut, examined.
  public func trajectory(
    id: String, from prefix: Prefix, _ continuation: Continuation
  ) -> Trajectory {
    let response = prefix.kept + continuation.tokens
    let judgement = judge(prefix, continuation)
    let told = prefix.logProbabilities + continuation.logProbabilities
    // A server may tell none; some without the others would be of no use.
    let known = told.contains(where: \.isNaN) ? [] : told
    return Trajectory(
      id: id, problem: prefix.problem, promptTokens: prefix.prompt, responseTokens: response,
      logProbabilities: known,
      steps: judge.steps(of: response, problem: prefix.problem, logProbabilities: known),
      reward: judgement.reward,
      chainCorrect: judgement.chainCorrect, seed: continuation.seed, policyVersion: version,
      truncated: continuation.truncated, forkedFrom: prefix.fork)
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

  /// A prefix with the log-probabilities of what was kept: those it was drawn at, or this policy's
  /// where somebody else wrote it and nobody has scored it yet.
  func scored(_ prefix: Prefix) -> Prefix {
    guard prefix.logProbabilities.count != prefix.kept.count else { return prefix }
    var prefix = prefix
    let row = TokenRow(tokens: prefix.tokens, firstPredicted: prefix.prompt.count)
    prefix.logProbabilities = policy.score([row])[0].logProbabilities
    return prefix
  }

  /// Rolls out from a prefix.
  func rollOut(
    from prefix: Prefix, seeds: [UInt64], name: (Int) -> String,
    progress: WorkProgress<AnswerReport>
  ) throws(Stopped) -> [Trajectory] {
    let prefix = scored(prefix)
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

  /// Answers questions in one call of the policy.
  ///
  /// - Parameters:
  ///   - questions: What is asked; an answer does not depend on what else is.
  ///   - progress: Hears of each finished answer.
  /// - Returns: The answers in the order of the questions.
  /// - Throws: `LearningError.promptTooLong`, and then nothing was drawn; `Stopped`.
  public func sample(
    _ questions: [Question], progress: WorkProgress<AnswerReport> = .unheard
  ) throws -> [Trajectory] {
    let prefixes = try questions.map { try start(of: $0.problem) }
    let requests = zip(prefixes, questions).map { request($0, seeds: [$1.seed]) }
    var answers: [Trajectory?] = questions.map { _ in nil }
    _ = try continuations(
      of: requests,
      progress: progress.reporting { done in
        let place = done.request
        let answer = trajectory(
          id: questions[place].id, from: prefixes[place], done.continuation)
        answers[place] = answer
        return AnswerReport(answer: answer, finished: done.finished, total: done.total)
      })
    return answers.compactMap { $0 }
  }

  /// A problem that a person typed, answered: with no reference the answer itself becomes it.
  ///
  /// - Parameters:
  ///   - prompt: The problem as typed; with no reference, one that the task can read is judged by
  ///     the task.
  ///   - reference: The right answer; empty where nobody knows it.
  ///   - id: Of the problem and of the answer.
  ///   - seed: Draws the answer.
  ///   - progress: Hears of the finished answer.
  /// - Returns: The answer; nil where the policy gave none.
  /// - Throws: `LearningError.promptTooLong`, `Stopped`.
  public func answer(
    _ prompt: String, reference: String, id: String, seed: UInt64,
    progress: WorkProgress<AnswerReport> = .unheard
  ) throws -> Trajectory? {
    let known = reference.isEmpty ? task.problem(id: id, prompt: prompt) : nil
    let origin = reference.isEmpty ? Problem.agreementTask : Problem.askedTask
    let problem =
      known ?? Problem(id: id, task: origin, prompt: prompt, reference: reference, guessChance: 0)
    let drawn = try sample(problem, seeds: [seed], name: { _ in id }, progress: progress)
    guard var answer = drawn.first, problem.isAgreement else { return drawn.first }
    let written = answer.responseTokens.filter { !codec.endTokens.contains($0) }
    answer.problem.reference = ExtractedAnswer(of: codec.decode(written)).shown
    answer.reward =
      judge(
        answer.responseTokens, isTruncated: answer.truncated, to: answer.problem
      ).reward
    return answer
  }

  /// Seeds of the branches a person asks for from one step; ask with the next numbers for more.
  public func branchSeeds(of trajectory: Trajectory, at step: Int, _ numbers: Range<Int>)
    -> [UInt64]
  {
    numbers.map { recipe.seed(for: .branch, [version, step, $0], of: trajectory) }
  }

  /// Resets the policy just before a step and rolls out anew.
  ///
  /// Each branch is a trajectory of its own with `forkedFrom` set; nothing is overwritten.
  ///
  /// - Parameters:
  ///   - trajectory: The answer that is reset.
  ///   - step: The first step that is drawn anew.
  ///   - seeds: One branch for each.
  ///   - name: The id of each branch by its number.
  ///   - progress: Hears of each finished branch.
  /// - Returns: The branches in the order of the seeds.
  /// - Throws: `Stopped`.
  public func branches(
    of trajectory: Trajectory, at step: Int, seeds: [UInt64], name: (Int) -> String,
    progress: WorkProgress<AnswerReport> = .unheard
  ) throws(Stopped) -> [Trajectory] {
    try rollOut(
      from: trajectory.state(before: step), seeds: seeds, name: name, progress: progress)
  }
}

/// A problem to be answered once.
public struct Question: Equatable, Sendable {
  /// The problem.
  public var problem: Problem
  /// Draws the answer.
  public var seed: UInt64
  /// The answer's name; no other question of a call has it.
  public var id: String

  /// A question with every field given.
  public init(problem: Problem, seed: UInt64, id: String) {
    self.problem = problem
    self.seed = seed
    self.id = id
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
