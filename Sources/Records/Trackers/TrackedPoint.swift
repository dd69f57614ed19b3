public import Trajectories

/// The numbers of one moment of training, under the names that trackers know.
///
/// Names are TRL's where it has one (`train/…`, `eval/…`) and Crux's own under `gpo/…`.
public struct TrackedPoint: Equatable, Sendable {
  /// Updates the policy had seen.
  public var step: Int
  /// Seconds since 1970.
  public var time: Double
  /// Names and numbers, in the order they are written in.
  public var values: [TrackedValue]

  /// A point with every field given.
  public init(step: Int, time: Double, values: [TrackedValue]) {
    self.step = step
    self.time = time
    self.values = values
  }

  /// What an event of a run says in numbers; nil where it says nothing of the kind.
  public init?(_ event: RunEvent, time: Double) {
    switch event {
    case .updated(let metrics):
      self.init(step: metrics.update, time: time, values: Self.values(of: metrics))
    case .evaluated(let result):
      self.init(step: result.policyVersion, time: time, values: Self.values(of: result))
    default: return nil
    }
  }

  private static func values(of metrics: Metrics) -> [TrackedValue] {
    let values: [(String, Double?)] = [
      ("train/reward", metrics.reward), ("train/kl", metrics.kl),
      ("train/entropy", metrics.entropy), ("train/loss", metrics.loss),
      ("train/grad_norm", metrics.gradientNorm), ("train/learning_rate", metrics.learningRate),
      ("train/completions/mean_length", metrics.responseLength),
      ("train/completions/clipped_ratio", metrics.truncatedShare),
      ("train/clip_ratio/region_mean", metrics.clipRatio),
      ("train/num_tokens", Double(metrics.trainingTokens)),
      ("train/step_time", metrics.seconds),
      ("train/sampling/sampling_logp_difference/mean", metrics.samplerGap),
      ("gpo/chain_accuracy", metrics.chainAccuracy),
      ("gpo/estimation_tokens", Double(metrics.estimationTokens)),
      ("gpo/buffer/size", Double(metrics.bufferSize)),
      ("gpo/buffer/purity", metrics.bufferPurity),
      ("gpo/buffer/marked", Double(metrics.bufferMarked)),
      ("gpo/buffer/age", metrics.bufferAge), ("gpo/buffer/reuse", metrics.bufferReuse),
      ("gpo/reset_share", metrics.resetShare), ("gpo/reset_reward", metrics.resetReward),
      ("gpo/steps_per_answer", metrics.stepsPerAnswer),
      ("gpo/sampler_kl", metrics.samplerKL), ("gpo/moved_kl", metrics.movedKL),
      ("gpo/kl_coefficient", metrics.klCoefficient),
      ("gpo/value_loss", metrics.valueLoss),
      ("gpo/explained_variance", metrics.explainedVariance),
      ("gpo/tokens_per_second", metrics.tokensPerSecond),
    ]
    return known(values)
  }

  private static func values(of result: EvaluationResult) -> [TrackedValue] {
    known([
      ("eval/sampled", result.sampled), ("eval/sampled_error", result.sampledError),
      ("eval/sampled_chain", result.sampledChain),
      ("eval/greedy", result.greedy), ("eval/greedy_error", result.greedyError),
      ("eval/greedy_chain", result.greedyChain),
    ])
  }

  private static func known(_ values: [(String, Double?)]) -> [TrackedValue] {
    values.compactMap { name, value in value.map { TrackedValue(name: name, value: $0) } }
  }

  /// The point as a line of JSON: flat keys, `step` and `time` first; what is no number is null.
  public var line: String {
    let members =
      ["\"step\": \(step)", "\"time\": \(Self.text(of: time))"]
      + values.map { "\"\($0.name)\": \(Self.text(of: $0.value))" }
    return "{\(members.joined(separator: ", "))}\n"
  }

  private static func text(of number: Double) -> String {
    guard number.isFinite else { return "null" }
    return Int(exactly: number).map(String.init) ?? "\(number)"
  }
}

/// A number with the name it is tracked under.
public struct TrackedValue: Equatable, Sendable {
  /// Such as `train/reward`; a path of plain words, so that it needs no escape in JSON.
  public var name: String
  /// The number.
  public var value: Double

  /// A value with its name.
  public init(name: String, value: Double) {
    self.name = name
    self.value = value
  }
}
