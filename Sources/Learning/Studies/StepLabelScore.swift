public import Trajectories

/// How well somebody finds the first wrong step of solutions.
///
/// The score is ProcessBench's (Zheng et al. 2024, arXiv 2412.06559): the share of wrong solutions
/// whose first error was named exactly, the share of right ones that were held for right, and F1,
/// the harmonic mean of both.
public struct StepLabelScore: Codable, Equatable, Sendable {
  /// Solutions with an error whose first wrong step was named exactly.
  public private(set) var wrong = Proportion(0, of: 0)
  /// Solutions without an error that were held for right.
  public private(set) var right = Proportion(0, of: 0)
  /// Solutions with an error where the step named lies at most one step off.
  public private(set) var near = Proportion(0, of: 0)
  /// Solutions with an error in which none was found.
  public private(set) var overlooked = Proportion(0, of: 0)
  /// The share of errors that a uniformly drawn step would name.
  public private(set) var chance = 0.0
  /// The share of errors from which a uniformly drawn step would be at most one step off.
  public private(set) var nearChance = 0.0

  /// No solution yet.
  public init() {}

  /// Harmonic mean of both shares; nil where one of the two kinds is missing.
  public var f1: Double? {
    guard wrong.trials > 0, right.trials > 0 else { return nil }
    return Self.harmonicMean(wrong.mean, right.mean)
  }

  /// Harmonic mean of two shares; 0 where both are.
  public static func harmonicMean(_ one: Double, _ other: Double) -> Double {
    one + other > 0 ? 2 * one * other / (one + other) : 0
  }

  /// Adds a solution.
  ///
  /// - Parameters:
  ///   - named: The step named as the first error, from 0; nil for none.
  ///   - label: The true one; nil for none.
  ///   - steps: Number of steps.
  public mutating func add(_ named: Int?, label: Int?, steps: Int) {
    guard let label else {
      right = right.adding(named == nil)
      return
    }
    let before = Double(wrong.trials)
    chance = (chance * before + 1 / Double(max(1, steps))) / (before + 1)
    let close = (0..<steps).count { abs($0 - label) <= 1 }
    nearChance = (nearChance * before + Double(close) / Double(max(1, steps))) / (before + 1)
    wrong = wrong.adding(named == label)
    near = near.adding(named.map { abs($0 - label) <= 1 } ?? false)
    overlooked = overlooked.adding(named == nil)
  }
}

extension Proportion {
  /// With one more trial.
  fileprivate func adding(_ isSuccess: Bool) -> Proportion {
    Proportion(successes + (isSuccess ? 1 : 0), of: trials + 1)
  }
}

/// What a rule said of one labelled solution.
public struct NamedStep: Codable, Equatable, Sendable {
  /// The step that scores highest, from 0, whether or not the rule is sure of it.
  public var step: Int
  /// V after it less V before it, as estimated.
  public var advantage: Double

  /// A named step with both fields given.
  public init(step: Int, advantage: Double) {
    self.step = step
    self.advantage = advantage
  }
}

/// How well a rule finds the first wrong step of solutions, read in three ways.
///
/// A rule names a step of every solution. On those with an error that is compared with the label
/// (`always`). To tell right solutions from wrong ones as well, which ProcessBench asks, the step
/// counts as an error where the value falls there by some amount (`byFall`), or where the final
/// answer is not the right one (`byAnswer`), which nobody knows without being told the right one.
public struct RuleStepScore: Equatable, Sendable {
  /// The rule.
  public let rule: Rule
  /// A value must fall by at least that much for a step to be an error.
  public let fall: Double
  /// The rule's step on solutions with an error, each named one.
  public private(set) var always = StepLabelScore()
  /// An error is where the value falls by at least `fall` at the rule's step.
  public private(set) var byFall = StepLabelScore()
  /// An error is where the final answer is wrong.
  public private(set) var byAnswer = StepLabelScore()
  private var cases: [Case] = []

  private struct Case: Equatable, Sendable {
    var named: NamedStep
    var label: Int?
    var steps: Int
  }

  /// No solution yet.
  public init(rule: Rule, fall: Double) {
    self.rule = rule
    self.fall = fall
  }

  /// Adds a solution.
  ///
  /// - Parameters:
  ///   - named: What the rule said of it.
  ///   - label: Its first wrong step, from 0; nil for none.
  ///   - steps: Number of its steps.
  ///   - isRight: Whether its final answer is right.
  public mutating func add(_ named: NamedStep, label: Int?, steps: Int, isRight: Bool) {
    cases.append(Case(named: named, label: label, steps: steps))
    if label != nil { always.add(named.step, label: label, steps: steps) }
    byFall.add(Self.step(named, fall), label: label, steps: steps)
    byAnswer.add(isRight ? nil : named.step, label: label, steps: steps)
  }

  /// The fall that gives the best F1 on these very solutions, and that F1: an upper bound, which
  /// ProcessBench allows value models on its GSM8K part; nil where one kind of solution is missing.
  public var best: (fall: Double, f1: Double)? {
    let falls = Set(cases.map { -$0.named.advantage }).filter { $0 > 0 }.sorted()
    let scored = falls.compactMap { fall in
      score(fall).f1.map { (fall: fall, f1: $0) }
    }
    return scored.max { $0.f1 < $1.f1 }
  }

  private func score(_ fall: Double) -> StepLabelScore {
    cases.reduce(into: StepLabelScore()) {
      $0.add(Self.step($1.named, fall), label: $1.label, steps: $1.steps)
    }
  }

  private static func step(_ named: NamedStep, _ fall: Double) -> Int? {
    // Sums of rewards leave dust behind the last digit.
    named.advantage < 0 && named.advantage <= -fall + 1e-12 ? named.step : nil
  }
}

/// What a uniform guess among the steps would score where it is made only if the final answer is wrong.
///
/// Its shares are ProcessBench's, as in `StepLabelScore`, in expectation over the guess.
public struct GuessedStepScore: Codable, Equatable, Sendable {
  /// The share of solutions with an error whose first wrong step it names; nil without such.
  public let wrong: Double?
  /// The share of solutions without an error that it holds for right; nil without such.
  public let right: Double?
  /// Harmonic mean of both; nil where one of the two kinds is missing.
  public let f1: Double?

  /// - Parameter solutions: Of each its first wrong step, from 0, or nil; how many steps it has; and
  ///   whether its final answer is right.
  public init(_ solutions: [(label: Int?, steps: Int, isRight: Bool)]) {
    let errors = solutions.filter { $0.label != nil }
    let sound = solutions.filter { $0.label == nil }
    let named = errors.reduce(0) { $0 + ($1.isRight ? 0 : 1 / Double($1.steps)) }
    let held = sound.count { $0.isRight }
    wrong = errors.isEmpty ? nil : named / Double(errors.count)
    right = sound.isEmpty ? nil : Double(held) / Double(sound.count)
    if let wrong, let right {
      f1 = StepLabelScore.harmonicMean(wrong, right)
    } else {
      f1 = nil
    }
  }
}
