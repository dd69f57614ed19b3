import Grading
public import LanguageModel
import Tensors
public import Trajectories

/// Accuracy on the problems of a benchmark: greedy and sampled, at several token budgets.
///
/// Answers are drawn once, with the largest budget. What a smaller one would have given is the
/// beginning of it, since a token's numbers do not depend on how many follow.
public struct BenchmarkMeasurement: Sendable {
  /// The problems.
  public var problems: [Problem]
  /// Judges what the problems' own gradings do not.
  public var task: any ReasoningTask
  /// Text to tokens and back.
  public var codec: any TextCodec
  /// Answers drawn to each problem; 0 for none.
  public var samples: Int
  /// Whether the likeliest tokens are asked for too.
  public var greedy: Bool
  /// How answers are drawn.
  public var sampling: Sampling
  /// Token budgets.
  public var limits: [Int]
  /// The k of pass@k.
  public var attempts: [Int]
  /// Seed of the samples.
  public var seed: UInt64
  /// What an answer earns that a budget cut off; a masked one is wrong here.
  public var truncated = TruncatedReward.asWrong

  /// A measurement with every field given.
  public init(
    problems: [Problem], task: any ReasoningTask, codec: any TextCodec, samples: Int,
    greedy: Bool, sampling: Sampling, limits: [Int], attempts: [Int], seed: UInt64
  ) {
    self.problems = problems
    self.task = task
    self.codec = codec
    self.samples = samples
    self.greedy = greedy
    self.sampling = sampling
    self.limits = limits.sorted()
    self.attempts = attempts
    self.seed = seed
  }

  /// Measures a policy.
  ///
  /// - Parameters:
  ///   - policy: Who answers.
  ///   - report: Called as answers finish, with how many of how many.
  /// - Returns: A result for each budget; nil where the report asked to stop.
  public func callAsFunction(
    of policy: any Policy, report: (_ finished: Int, _ total: Int) -> Disposition
  ) -> BenchmarkReport? {
    let (likeliest, drawn) = (greedy ? problems.count : 0, problems.count * samples)
    var answers: [BenchmarkAnswer] = []
    if greedy {
      var choice = Sampling.greedy
      choice.precision = sampling.precision
      let found = draw(1, choice, policy, isGreedy: true) { report($0, likeliest + drawn) }
      guard let found else { return nil }
      answers += found
    }
    if samples > 0 {
      let found = draw(samples, sampling, policy, isGreedy: false) {
        report(likeliest + $0, likeliest + drawn)
      }
      guard let found else { return nil }
      answers += found
    }
    return BenchmarkReport(
      answers: answers, results: limits.map { result(answers, limit: $0) })
  }

  private func draw(
    _ count: Int, _ sampling: Sampling, _ policy: any Policy, isGreedy: Bool,
    report: (Int) -> Disposition
  ) -> [BenchmarkAnswer]? {
    let prompts = problems.map { codec.prompt(of: $0) }
    // A prompt that does not fit is a question not answered.
    let fitting = problems.indices.filter {
      !prompts[$0].isEmpty && prompts[$0].count < policy.contextLength
    }
    let requests = fitting.map { place in
      RolloutRequest(
        prefix: prompts[place],
        seeds: (0..<count).map { Random.seed(seed, UInt64(place), UInt64($0)) },
        limit: min(limits.last ?? 1, policy.contextLength - prompts[place].count))
    }
    var stopped = false
    let drawn = policy.continuations(
      of: requests, sampling: sampling, endTokens: codec.endTokens
    ) {
      if case .stop = report($0.finished) { stopped = true }
      return stopped ? .stop : .goOn
    }
    guard !stopped else { return nil }
    var byProblem: [Int: [Continuation]] = [:]
    for (place, continuations) in zip(fitting, drawn) { byProblem[place] = continuations }
    return problems.indices.flatMap { place in
      judged(byProblem[place] ?? [], count, place, isGreedy: isGreedy)
    }
  }

  private func judged(
    _ drawn: [Continuation], _ count: Int, _ place: Int, isGreedy: Bool
  ) -> [BenchmarkAnswer] {
    (0..<count).map { number in
      guard number < drawn.count else {
        return BenchmarkAnswer(
          problem: place, isGreedy: isGreedy, text: "", tokens: [],
          judgements: limits.map { BenchmarkAnswer.AtLimit(limit: $0) })
      }
      let tokens = drawn[number].tokens
      return BenchmarkAnswer(
        problem: place, isGreedy: isGreedy, text: codec.decode(tokens), tokens: tokens,
        judgements: limits.map { judge(tokens, of: problems[place], limit: $0) })
    }
  }

  private func judge(_ tokens: [Token], of problem: Problem, limit: Int) -> BenchmarkAnswer.AtLimit
  {
    let kept = Array(tokens.prefix(limit))
    let ended = codec.hasEnded(kept)
    let judge = ResponseJudge(task: task, codec: codec, truncated: truncated)
    return BenchmarkAnswer.AtLimit(
      limit: limit, reward: judge(kept, isTruncated: !ended, to: problem).reward,
      isTruncated: !ended, tokens: kept.count)
  }

  private func result(_ answers: [BenchmarkAnswer], limit: Int) -> BenchmarkResult {
    let place = limits.firstIndex(of: limit) ?? 0
    return BenchmarkResult(
      limit: limit, problems: problems.count,
      greedy: greedy ? BenchmarkScore(answers.filter(\.isGreedy), place, [1]) : nil,
      sampled: samples > 0 ? BenchmarkScore(answers.filter { !$0.isGreedy }, place, attempts) : nil)
  }
}
