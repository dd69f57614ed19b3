public import Trajectories

/// All that one may choose about a warm-up.
public struct WarmUpSettings: Equatable, Sendable {
  /// Seed of the examples and the checks.
  public var seed: UInt64 = 0
  /// Prime modulus of the chains.
  public var modulus = 31
  /// Operations of a chain.
  public var length = 8
  /// Fewest of them that are multiplications; the number is uniform from here to all.
  public var fewestHard = 2
  /// Probability that a hard line's result is replaced by a uniform value.
  public var noise = 0.55
  /// Share of the examples that are countdowns of three numbers, without noise; they make the
  /// chains' targets take longer to meet.
  public var countdownShare = 0.15
  /// Examples of a step.
  public var batch = 128
  /// How the weights move.
  public var optimizer: OptimizerChoice
  /// Steps over which the learning rate falls; it stays low from there on.
  public var decaySteps = 1200
  /// Most steps, whether the targets are met or not.
  public var mostSteps = 3000
  /// First step after which the targets are checked.
  public var checkFrom = 400
  /// Steps between checks.
  public var checkEvery = 50
  /// Held-out problems of a check.
  public var checkProblems = 200
  /// Samples of each.
  public var checkSamples = 8
  /// Share of whole chains right by the likeliest tokens, every operation hard.
  public var greedyTarget = 0.75
  /// Share of sampled chains right with three hard operations.
  public var sampledTarget = 0.05

  /// The settings that made the sample model.
  public init() {
    optimizer = OptimizerChoice()
    optimizer.learningRate = 3e-3
    optimizer.beta2 = 0.98
    optimizer.weightDecay = 0.01
    optimizer.warmUp = 50
    optimizer.schedule = .linear
    optimizer.finalShare = 0.1
  }

  /// What is wrong, in sentences that name the setting and the range; empty when all fits.
  public func problems() -> [String] {
    let numbers: [(name: String, value: Double, range: ClosedRange<Double>)] = [
      ("modulus", Double(modulus), 2...997), ("length", Double(length), 1...64),
      ("fewestHard", Double(fewestHard), 0...Double(max(0, length))), ("noise", noise, 0...1),
      ("countdownShare", countdownShare, 0...1), ("batch", Double(batch), 1...65536),
      ("learningRate", optimizer.learningRate, 0...1),
      ("decaySteps", Double(decaySteps), 1...1_000_000),
      ("mostSteps", Double(mostSteps), 1...1_000_000),
      ("checkFrom", Double(checkFrom), 0...1_000_000),
      ("checkEvery", Double(checkEvery), 1...1_000_000),
      ("checkProblems", Double(checkProblems), 3...100_000),
      ("checkSamples", Double(checkSamples), 1...1024),
      ("greedyTarget", greedyTarget, 0...1), ("sampledTarget", sampledTarget, 0...1),
    ]
    return numbers.compactMap { name, value, range in
      guard !range.contains(value) else { return nil }
      return "\(name) is \(value); it must lie between \(range.lowerBound) and "
        + "\(range.upperBound)."
    }
  }
}

extension WarmUpSettings {
  /// The chains with so many hard operations, one task for each kind of answer.
  func chains(hard: Int) throws(TaskError) -> [ClockChains] {
    var tasks: [ClockChains] = []
    for answer in AnswerKind.allCases {
      var choice = TaskChoice()
      choice.length = length
      choice.modulus = modulus
      choice.hard = hard
      choice.answer = answer
      tasks.append(try ClockChains(choice))
    }
    return tasks
  }

  /// The countdowns among the examples; nil where they have no share.
  func countdown() throws(TaskError) -> Countdown? {
    guard countdownShare > 0 else { return nil }
    var choice = TaskChoice()
    choice.length = 3
    choice.modulus = modulus
    return try Countdown(choice)
  }
}
