public import LanguageModel
import Tensors
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

/// Makes a starting policy: supervised learning on chains with noisy labels, until it is measured
/// to be good enough.
///
/// A hard line's result is often replaced by a uniform value. So the policy knows the right value
/// (its likeliest one) but errs when it samples, which is what training on rewards then has to mend.
/// Learning stops on measured targets and not after a number of steps, because seeds differ by
/// hundreds of steps in when they understand.
public struct WarmUp: Sendable {
  /// All that was chosen.
  public let settings: WarmUpSettings
  /// The words of the tasks.
  public let vocabulary: TaskVocabulary
  /// By the number of hard operations, then by the kind of answer.
  private let chains: [[ClockChains]]
  private let countdown: Countdown?
  private let threeHard: [ClockChains]
  private let allHard: [ClockChains]

  /// A warm-up; throws when its numbers do not fit together.
  public init(_ settings: WarmUpSettings = WarmUpSettings()) throws(TaskError) {
    if let problem = settings.problems().first { throw TaskError(description: problem) }
    self.settings = settings
    vocabulary = TaskVocabulary(modulus: settings.modulus)
    var chains: [[ClockChains]] = []
    for hard in settings.fewestHard...settings.length {
      chains.append(try settings.chains(hard: hard))
    }
    self.chains = chains
    countdown = try settings.countdown()
    threeHard = try settings.chains(hard: min(3, settings.length))
    allHard = try settings.chains(hard: settings.length)
  }

  /// The shape of the policy this is meant for: two layers of width 64.
  public var architecture: Architecture {
    var shape = Architecture()
    shape.vocabulary = vocabulary.words.count
    return shape
  }

  /// Learns until the targets are met, the steps are used up, or `progress` throws.
  ///
  /// - Parameters:
  ///   - policy: Freshly initialised; its vocabulary is that of `vocabulary`.
  ///   - progress: Hears of every step; where it ends the learning, what was reached counts.
  /// - Returns: How it ended.
  public func callAsFunction(
    _ policy: any Policy, progress: WorkProgress<WarmUpReport> = .unheard
  ) -> WarmUpOutcome {
    let optimizer = AdamW(parameters: policy.parameters, settings: settings.optimizer)
    let rate = LearningRate(settings.optimizer, updates: settings.decaySteps)
    var outcome = WarmUpOutcome(steps: 0, check: nil, reached: false)
    while outcome.steps < settings.mostSteps, !outcome.reached {
      let step = outcome.steps + 1
      let (loss, norm) = learn(step, policy, optimizer, rate: rate(step))
      var said = WarmUpReport(
        step: step, mostSteps: settings.mostSteps, loss: loss, gradientNorm: norm,
        learningRate: rate(step))
      outcome.steps = step
      if step >= settings.checkFrom, (step - settings.checkFrom) % settings.checkEvery == 0 {
        let check = check(policy)
        said.check = check
        outcome.check = check
        outcome.reached = isReached(check)
      }
      do { try progress(said) } catch { break }
    }
    return outcome
  }

  /// Whether a check meets both targets.
  public func isReached(_ check: WarmUpCheck) -> Bool {
    check.greedyChain >= settings.greedyTarget && check.sampledChain >= settings.sampledTarget
  }

  /// Measures both targets on held-out problems, the kinds of answer in equal parts.
  public func check(_ policy: any Policy) -> WarmUpCheck {
    WarmUpCheck(
      greedyChain: chainAccuracy(of: policy, allHard, samples: 0),
      sampledChain: chainAccuracy(of: policy, threeHard, samples: settings.checkSamples))
  }

  /// The rows of a step; only the response is predicted.
  func examples(_ step: Int) -> [TokenRow] {
    (0..<settings.batch).map { row in
      var random = Random(seed: Random.seed(settings.seed, UInt64(step), UInt64(row)))
      let (prompt, response) = example(&random)
      let prefix = vocabulary.encode(prompt)
      return TokenRow(tokens: prefix + vocabulary.encode(response), firstPredicted: prefix.count)
    }
  }

  private func learn(
    _ step: Int, _ policy: any Policy, _ optimizer: AdamW, rate: Double
  ) -> (loss: Double, norm: Double) {
    var loss = 0.0
    policy.parameters.clearGradients()
    policy.differentiate(examples(step)) { scores in
      let found = CrossEntropy()(scores)
      loss = found.loss
      return found.scoreGradients
    }
    let norm = optimizer.step(learningRate: rate)
    policy.weightsChanged()
    return (loss, norm)
  }

  private func example(_ random: inout Random) -> (prompt: String, response: String) {
    if let countdown, Double(random.uniform()) < settings.countdownShare {
      let problem = countdown.problem(id: "", random: &random)
      return (problem.prompt, problem.solution ?? "")
    }
    let kinds = chains[random.below(chains.count)]
    let task = kinds[random.below(kinds.count)]
    let problem = task.problem(id: "", random: &random)
    let noisy = task.noisyResponse(to: problem, noise: settings.noise, random: &random)
    return (problem.prompt, noisy ?? "")
  }

  private func chainAccuracy(
    of policy: any Policy, _ tasks: [ClockChains], samples: Int
  ) -> Double {
    var sum = 0.0
    for (number, task) in tasks.enumerated() {
      // The parts are as equal as whole problems allow.
      var evaluation = Evaluation(
        task: task, codec: vocabulary, problems: (settings.checkProblems + number) / tasks.count,
        samples: samples, limit: 3 * settings.length + 3,
        seed: Random.seed(settings.seed, .max, UInt64(number)))
      evaluation.greedy = samples == 0
      let result = try? evaluation(of: policy)
      let share = samples == 0 ? result?.greedyChain : result?.sampledChain
      sum += (share ?? 0) * Double(evaluation.problems)
    }
    return sum / Double(settings.checkProblems)
  }
}

/// One step of a warm-up.
public struct WarmUpReport: Equatable, Sendable {
  /// Number of the step, from 1.
  public var step: Int
  /// Most steps there can be.
  public var mostSteps: Int
  /// Mean cross-entropy of the response tokens, nats, before the step.
  public var loss: Double
  /// Global L2 norm of the gradient before clipping.
  public var gradientNorm: Double
  /// Learning rate used.
  public var learningRate: Double
  /// What was measured after this step; nil after most.
  public var check: WarmUpCheck?

  /// A report with every field given.
  public init(
    step: Int, mostSteps: Int, loss: Double, gradientNorm: Double, learningRate: Double,
    check: WarmUpCheck? = nil
  ) {
    self.step = step
    self.mostSteps = mostSteps
    self.loss = loss
    self.gradientNorm = gradientNorm
    self.learningRate = learningRate
    self.check = check
  }
}

/// What a check of a warm-up measured.
public struct WarmUpCheck: Codable, Equatable, Sendable {
  /// Share of whole chains right by the likeliest tokens, every operation hard.
  public var greedyChain: Double
  /// Share of sampled chains right with three hard operations.
  public var sampledChain: Double

  /// A check with both shares given.
  public init(greedyChain: Double, sampledChain: Double) {
    self.greedyChain = greedyChain
    self.sampledChain = sampledChain
  }
}

/// How a warm-up ended.
public struct WarmUpOutcome: Equatable, Sendable {
  /// Steps made.
  public var steps: Int
  /// What was measured last; nil where it ended before the first check.
  public var check: WarmUpCheck?
  /// Whether the last check met both targets.
  public var reached: Bool

  /// An outcome with every field given.
  public init(steps: Int, check: WarmUpCheck?, reached: Bool) {
    self.steps = steps
    self.check = check
    self.reached = reached
  }
}
