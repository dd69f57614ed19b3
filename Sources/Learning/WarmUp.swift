public import LanguageModel
import Tensors
import Trajectories

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

  /// Learns until the targets are met, the steps are used up, or the report asks to stop.
  ///
  /// - Parameters:
  ///   - policy: Freshly initialised; its vocabulary is that of `vocabulary`.
  ///   - report: Called after every step.
  /// - Returns: How it ended.
  public func callAsFunction(
    _ policy: any Policy, report: (WarmUpReport) -> Disposition
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
      if case .stop = report(said) { break }
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
      let result = evaluation(of: policy)
      let share = samples == 0 ? result?.greedyChain : result?.sampledChain
      sum += (share ?? 0) * Double(evaluation.problems)
    }
    return sum / Double(settings.checkProblems)
  }
}
