import Grading
public import LanguageModel
import Tensors
public import Trajectories

/// Accuracy on held-out problems, sampled and greedy.
///
/// The problems depend on the seed alone, so every policy and every temperature meets the same
/// ones: a sweep over temperatures is one evaluation each.
public struct Evaluation: Sendable {
  /// Draws problems and judges answers.
  public var task: any ReasoningTask
  /// Text to tokens and back.
  public var codec: any TextCodec
  /// Held-out problems.
  public var problems: Int
  /// The problems themselves where they are given; else the task draws `problems` of them.
  public var given: [Problem]?
  /// Samples of each problem; 0 takes only the likeliest tokens.
  public var samples: Int
  /// How samples are drawn.
  public var sampling: Sampling
  /// Whether the likeliest tokens are asked for too.
  public var greedy = true
  /// Most tokens of a response.
  public var limit: Int
  /// Seed of the problems and the samples.
  public var seed: UInt64
  /// What a response earns that the limit cut off; a masked one is wrong here.
  public var truncated = TruncatedReward.asWrong

  /// An evaluation with every field given.
  public init(
    task: any ReasoningTask, codec: any TextCodec, problems: Int, samples: Int,
    sampling: Sampling = Sampling(), limit: Int, seed: UInt64
  ) {
    self.task = task
    self.codec = codec
    self.problems = problems
    self.samples = samples
    self.sampling = sampling
    self.limit = limit
    self.seed = seed
  }

  /// The evaluation of a recipe.
  public init(_ recipe: Recipe, task: any ReasoningTask, codec: any TextCodec) {
    self.init(
      task: task, codec: codec, problems: recipe.evaluation.problems,
      samples: recipe.evaluation.samples, sampling: Sampling(recipe.sampling),
      limit: recipe.sampling.limit,
      seed: recipe.evaluation.seed)
    truncated = recipe.rewards.truncated
  }

  /// Measures a policy.
  ///
  /// - Parameters:
  ///   - policy: Who answers.
  ///   - version: Updates it has seen.
  ///   - progress: Counts the rollouts.
  /// - Returns: The accuracies with standard errors over problems. What was not asked for (no
  ///   samples, not greedy) is 0.
  /// - Throws: `Stopped`.
  public func callAsFunction(
    of policy: any Policy, version: Int = 0,
    progress: WorkProgress<PartsDone> = .unheard
  ) throws(Stopped) -> EvaluationResult {
    let asked = heldOut()
    let (drawn, likeliest) = (asked.count * samples, greedy ? asked.count : 0)
    let total = drawn + likeliest
    var result = EvaluationResult()
    result.policyVersion = version
    result.problems = asked.count
    result.samples = samples
    result.temperature = Double(sampling.temperature)
    if samples > 0 {
      let tally = try tally(
        asked, of: policy, sampling, samples,
        progress.reporting { PartsDone($0.finished, of: total) })
      (result.sampled, result.sampledError) = tally.reward
      result.sampledChain = tally.chain
    }
    if greedy {
      var choice = Sampling.greedy
      choice.precision = sampling.precision
      let tally = try tally(
        asked, of: policy, choice, 1,
        progress.reporting { PartsDone(drawn + $0.finished, of: total) })
      (result.greedy, result.greedyError) = tally.reward
      result.greedyChain = tally.chain
    }
    return result
  }

  /// The held-out problems, in order.
  public func heldOut() -> [Problem] {
    if let given { return given }
    if let kept = task.heldOut(problems, seed: seed) { return kept }
    return (0..<problems).map { number in
      var random = Random(seed: Random.seed(seed, UInt64(number)))
      return task.problem(id: "held-out/\(seed)/\(number)", random: &random)
    }
  }

  private func tally(
    _ asked: [Problem], of policy: any Policy, _ sampling: Sampling, _ samples: Int,
    _ progress: WorkProgress<RolloutReport>
  ) throws(Stopped) -> Tally {
    var tally = Tally()
    var fitting: [Problem] = []
    var requests: [RolloutRequest] = []
    for (number, problem) in asked.enumerated() {
      let prefix = codec.prompt(of: problem)
      let room = min(limit, policy.contextLength - prefix.count)
      guard room > 0, !prefix.isEmpty else {
        // A prompt that does not fit is a question not answered.
        tally.add([Judgement(reward: 0, chainCorrect: nil)])
        continue
      }
      let seeds = (0..<samples).map { Random.seed(seed, UInt64(number), UInt64($0)) }
      fitting.append(problem)
      requests.append(RolloutRequest(prefix: prefix, seeds: seeds, limit: room))
    }
    let answers = try policy.continuations(
      of: requests, sampling: sampling, endTokens: codec.endTokens, progress: progress)
    let judge = ResponseJudge(task: task, codec: codec, truncated: truncated)
    for (problem, answers) in zip(fitting, answers) {
      tally.add(answers.map { judge($0.tokens, isTruncated: $0.truncated, to: problem) })
    }
    return tally
  }
}

/// Judgements counted problem by problem.
private struct Tally {
  private var means: [Double] = []
  private var chains: [Double] = []

  mutating func add(_ judgements: [Judgement]) {
    means.append(Self.mean(judgements.map(\.reward)))
    let known = judgements.compactMap(\.chainCorrect)
    if !known.isEmpty { chains.append(Self.mean(known.map { $0 ? 1 : 0 })) }
  }

  /// Mean over problems and its standard error.
  var reward: (mean: Double, error: Double) {
    let mean = Self.mean(means)
    guard means.count > 1 else { return (mean, 0) }
    let squares = means.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let count = Double(means.count)
    return (mean, (squares / (count - 1) / count).squareRoot())
  }

  var chain: Double? { chains.isEmpty ? nil : Self.mean(chains) }

  private static func mean(_ values: [Double]) -> Double {
    values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
  }
}
