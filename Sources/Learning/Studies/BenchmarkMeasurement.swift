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
  ///   - progress: Counts the answers.
  /// - Returns: A result for each budget.
  /// - Throws: `Stopped`.
  public func callAsFunction(
    of policy: any Policy, progress: WorkProgress<PartsDone> = .unheard
  ) throws(Stopped) -> BenchmarkReport {
    let (likeliest, drawn) = (greedy ? problems.count : 0, problems.count * samples)
    var answers: [BenchmarkAnswer] = []
    if greedy {
      var choice = Sampling.greedy
      choice.precision = sampling.precision
      answers += try draw(
        1, choice, policy, isGreedy: true,
        progress.reporting { PartsDone($0.finished, of: likeliest + drawn) })
    }
    if samples > 0 {
      answers += try draw(
        samples, sampling, policy, isGreedy: false,
        progress.reporting { PartsDone(likeliest + $0.finished, of: likeliest + drawn) })
    }
    return BenchmarkReport(
      answers: answers, results: limits.map { result(answers, limit: $0) })
  }

  private func draw(
    _ count: Int, _ sampling: Sampling, _ policy: any Policy, isGreedy: Bool,
    _ progress: WorkProgress<RolloutReport>
  ) throws(Stopped) -> [BenchmarkAnswer] {
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
    let drawn = try policy.continuations(
      of: requests, sampling: sampling, endTokens: codec.endTokens, progress: progress)
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

/// What a measurement drew and what it came to.
public struct BenchmarkReport: Sendable {
  /// Every answer, greedy ones first, in the order of the problems.
  public var answers: [BenchmarkAnswer]
  /// A result for each budget, the smallest first.
  public var results: [BenchmarkResult]
}

/// One answer, judged at every budget.
public struct BenchmarkAnswer: Equatable, Sendable {
  /// Place of its problem.
  public var problem: Int
  /// Whether it is made of the likeliest tokens.
  public var isGreedy: Bool
  /// What was written, the end token's text included.
  public var text: String
  /// The tokens of it.
  public var tokens: [Token]
  /// The judge's word at each budget.
  public var judgements: [AtLimit]

  /// The judge's word on the beginning of an answer.
  public struct AtLimit: Codable, Equatable, Sendable {
    /// The budget.
    public var limit: Int
    /// 0…1.
    public var reward = 0.0
    /// Whether the budget ended it.
    public var isTruncated = true
    /// Tokens within the budget.
    public var tokens = 0
  }
}

/// What a benchmark came to at one budget.
public struct BenchmarkResult: Codable, Equatable, Sendable {
  /// Most tokens of an answer.
  public var limit: Int
  /// Problems.
  public var problems: Int
  /// The likeliest answers; nil where none were asked for.
  public var greedy: BenchmarkScore?
  /// The drawn answers; nil where none were asked for.
  public var sampled: BenchmarkScore?
}

/// Accuracy of several answers to each problem.
public struct BenchmarkScore: Codable, Equatable, Sendable {
  /// Answers that are wholly right, over all, with Wilson's interval.
  ///
  /// Answers to one problem are not independent: beside several of them look at `error`.
  public var right: Proportion
  /// Mean reward; differs from `right` where the judge knows parts.
  public var mean: Double
  /// Standard error of the share of right answers, over problems.
  public var error: Double
  /// Chance that at least one of k answers is right, by k; means over problems.
  public var pass: [Int: Double]
  /// Standard errors of these, over problems.
  public var passError: [Int: Double]
  /// Share of answers that the budget ended.
  public var truncated: Double
  /// Mean number of tokens of an answer.
  public var tokens: Double

  /// The score of answers at one of the budgets.
  init(_ answers: [BenchmarkAnswer], _ place: Int, _ attempts: [Int]) {
    let said = answers.map { $0.judgements[place] }
    right = Proportion(said.count { Self.isRight($0.reward) }, of: said.count)
    mean = Self.mean(said.map(\.reward))
    truncated = Self.mean(said.map { $0.isTruncated ? 1 : 0 })
    tokens = Self.mean(said.map { Double($0.tokens) })
    let problems = Dictionary(grouping: answers, by: \.problem).sorted { $0.key < $1.key }
    let counts = problems.map { group in
      (
        right: group.value.count { Self.isRight($0.judgements[place].reward) },
        of: group.value.count
      )
    }
    error = Self.error(counts.map { Double($0.right) / Double(max(1, $0.of)) })
    (pass, passError) = ([:], [:])
    for k in attempts {
      let estimates = counts.map { PassAtK.estimate(k, right: $0.right, of: $0.of) }
      guard !estimates.isEmpty, !estimates.contains(nil) else { continue }
      pass[k] = Self.mean(estimates.compactMap { $0 })
      passError[k] = Self.error(estimates.compactMap { $0 })
    }
  }

  private static func isRight(_ reward: Double) -> Bool { reward > 1 - 1e-9 }

  private static func mean(_ values: [Double]) -> Double {
    values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
  }

  /// Standard error of the mean.
  private static func error(_ values: [Double]) -> Double {
    guard values.count > 1 else { return 0 }
    let mean = mean(values)
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let count = Double(values.count)
    return (squares / (count - 1) / count).squareRoot()
  }
}
