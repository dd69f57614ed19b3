public import LanguageModel
public import Trajectories

/// How far the weights that draw are from those that learn, in the log-probabilities they give.
///
/// Both are known for every drawn token: the sampler's since it drew it, the learner's since it
/// scores it. With d = learner − sampler: the distance is the mean of |d|, and the mean of
/// eᵈ − d − 1 estimates KL(sampler ‖ learner) a token (k3, Schulman 2020).
public struct SamplerGap: Equatable, Sendable {
  /// Mean |d|, nats.
  public var distance = 0.0
  /// Mean k3, nats a token.
  public var divergence = 0.0

  /// The gap over the new tokens of some rollouts; nil where there are none.
  public init?(_ trajectories: [Trajectory], _ scores: [TokenScores]) {
    var count = 0.0
    for (trajectory, score) in zip(trajectories, scores) {
      let drawn = trajectory.logProbabilities.suffix(score.logProbabilities.count)
      // What was read from a file before a branch has no numbers of a sampler.
      let scored = score.logProbabilities.suffix(drawn.count)
      for (sampler, learner) in zip(drawn, scored) {
        distance += Double(abs(learner - sampler))
        divergence += KullbackLeibler.k3(Double(sampler), reference: Double(learner))
        count += 1
      }
    }
    guard count > 0 else { return nil }
    distance /= count
    divergence /= count
  }
}

extension Recipe {
  /// Whether tokens are drawn from the distribution that is scored, but with other weights.
  var samplesRoundedOnly: Bool {
    let it = sampling
    return it.weights != .f32 && it.temperature == scoreTemperature && it.topK == 0
      && it.topP >= 1 && it.minP == 0
  }
}
