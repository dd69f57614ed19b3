public import LanguageModel
public import Trajectories

/// How a critic's critical steps compare with those that many rollouts name.
public struct CriticStudy: Codable, Equatable, Sendable {
  /// One way to name the critical step, against the reference.
  public struct Agreement: Codable, Equatable, Sendable {
    /// What named the step.
    public var name = ""
    /// Share of answers on which it names the reference's step, 0…1.
    public var all = 0.0
    /// The same where the last step, whose end everybody knows, is left out.
    public var withoutLast = 0.0
    /// Share of answers on which it names the last step.
    public var last = 0.0
    /// Mean |A| the named step lacks to the reference's, in the reference's values.
    public var regret = 0.0
  }

  /// Answers that were valued.
  public var answers = 0
  /// Rollouts of the reference at each boundary.
  public var rollouts = 0
  /// How much of the rewards the critic explained in the last updates of its training, their mean;
  /// nil where that was not recorded.
  public var trainingExplained: Double?
  /// How much of the answers' rewards the critic's values explain, over tokens; nil where all agree.
  public var rewardsExplained: Double?
  /// How much of the reference's values of boundaries it explains; nil where all agree.
  public var valuesExplained: Double?
  /// The critic, a cheaper estimate by rollouts, and chance.
  public var agreements: [Agreement] = []

  /// How much of the rewards a critic explained in the last ten updates of its training that tell it,
  /// their mean; nil where none does.
  public static func trainingExplained(_ metrics: [Metrics]) -> Double? {
    let last = metrics.compactMap(\.explainedVariance).suffix(10)
    return last.isEmpty ? nil : last.reduce(0, +) / Double(last.count)
  }

  /// Compares a critic with rollouts.
  ///
  /// - Parameters:
  ///   - reference: Answers with many rollouts at every boundary.
  ///   - cheap: The same answers with few.
  ///   - scores: What the policy and its critic say of each whole response.
  public init(reference: [StepValues], cheap: [StepValues], scores: [TokenScores]) {
    answers = reference.count
    rollouts = reference.first?.rollouts.first?.count ?? 0
    let critic = zip(reference, scores).map { Self.boundaries($0.trajectory, $1) }
    let tokens = zip(reference, scores).flatMap { known, row in
      row.values.map { (reward: known.trajectory.reward, value: Double($0)) }
    }
    rewardsExplained = ExplainedVariance.of(tokens.map(\.reward), by: tokens.map(\.value))
    let inner = zip(reference, critic).flatMap { known, values in
      (0..<known.steps).map { (known.mean($0), values[$0]) }
    }
    valuesExplained = ExplainedVariance.of(inner.map(\.0), by: inner.map(\.1))
    let few = cheap.first?.rollouts.first?.count ?? 0
    agreements = [
      agreement("critic", reference) { critic[$0] },
      agreement("rollouts, K = \(few)", reference) { number in
        (0...cheap[number].steps).map { cheap[number].mean($0) }
      },
      Self.chance(reference),
    ]
  }

  /// Lets a critic name the critical steps of answers that rollouts have valued.
  ///
  /// - Parameters:
  ///   - valuer: Values by rollouts of the policy that has the critic.
  ///   - answers: Answers of at least two steps.
  ///   - rollouts: Rollouts of the reference at each boundary.
  ///   - cheap: Rollouts of the estimate it is compared with; drawn apart.
  ///   - progress: Counts the rollouts of one estimate, then of the other.
  /// - Throws: `Stopped`.
  public init(
    _ valuer: StepValuer, on answers: [Trajectory], rollouts: Int, cheap: Int,
    progress: WorkProgress<PartsDone>
  ) throws(Stopped) {
    func values(_ count: Int, _ purpose: SeedPurpose) throws(Stopped) -> [StepValues] {
      var all = answers.map { valuer.nothingKnown(of: $0, reusing: false) }
      try valuer.value(&all, .everywhere(count, for: purpose), progress: progress.ofValues)
      return all
    }
    let reference = try values(rollouts, .value)
    let few = try values(cheap, .fresh)
    let scores = valuer.sampler.policy.score(
      answers.map {
        TokenRow(
          tokens: $0.promptTokens + $0.responseTokens, firstPredicted: $0.promptTokens.count)
      })
    self.init(reference: reference, cheap: few, scores: scores)
  }

  /// The critic's value at every boundary, the reward at the end.
  static func boundaries(_ trajectory: Trajectory, _ scores: TokenScores) -> [Double] {
    trajectory.steps.map { Double(scores.values[$0.start]) } + [trajectory.reward]
  }

  private func agreement(
    _ name: String, _ reference: [StepValues], values: (Int) -> [Double]
  ) -> Agreement {
    var found = Agreement()
    found.name = name
    for (number, known) in reference.enumerated() {
      let truth = (0..<known.steps).map { abs(known.advantage($0)) }
      let said = values(number)
      let credit = zip(said.dropFirst(), said).map { abs($0 - $1) }
      let (best, named) = (Self.largest(truth), Self.largest(credit))
      found.all += best == named ? 1 : 0
      found.withoutLast +=
        Self.largest(truth.dropLast()) == Self.largest(credit.dropLast()) ? 1 : 0
      found.last += named == known.steps - 1 ? 1 : 0
      found.regret += truth[best] - truth[named]
    }
    return found.divided(by: reference.count)
  }

  /// What naming any step with the same chance comes to.
  private static func chance(_ reference: [StepValues]) -> Agreement {
    var found = Agreement()
    found.name = "chance"
    for known in reference {
      let truth = (0..<known.steps).map { abs(known.advantage($0)) }
      found.all += 1 / Double(known.steps)
      found.withoutLast += 1 / Double(max(1, known.steps - 1))
      found.last += 1 / Double(known.steps)
      found.regret += truth[largest(truth)] - truth.reduce(0, +) / Double(known.steps)
    }
    return found.divided(by: reference.count)
  }

  /// The place of the largest number, the first of equals.
  private static func largest<Numbers: Collection<Double>>(_ numbers: Numbers) -> Int {
    var best = (place: 0, value: -Double.infinity)
    for (place, number) in numbers.enumerated() where number > best.value {
      best = (place, number)
    }
    return best.place
  }
}

extension CriticStudy.Agreement {
  fileprivate func divided(by count: Int) -> Self {
    var mean = self
    mean.all /= Double(max(1, count))
    mean.withoutLast /= Double(max(1, count))
    mean.last /= Double(max(1, count))
    mean.regret /= Double(max(1, count))
    return mean
  }
}
