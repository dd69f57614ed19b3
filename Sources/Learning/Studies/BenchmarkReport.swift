public import LanguageModel

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
