/// How the critical step is picked from the values.
public enum Rule: String, Codable, CaseIterable, Equatable, Sendable {
  /// The step with the largest |A|; the paper's motivation.
  case paperAbsolute = "paper-absolute"
  /// The step with the largest A; the paper's method section.
  case paperSigned = "paper-signed"
  /// The step with the smallest A: where an answer went wrong.
  case largestDrop = "largest-drop"
  /// A uniformly drawn step: the control at the same number of rollouts.
  case random
  /// Always the first step: the control that starts over.
  case restart
  /// The step with the most valuable state before it, on failed answers alone; the earliest wins
  /// ties. The rule of the first author's code.
  case prefixArgmax = "prefix-argmax"
  /// The step that halving the trajectory and following the larger change ends at.
  case binarySearch = "binary-search"
  /// The step whose tokens were drawn from the most uncertain distributions on average.
  case entropy
  /// The step that the policy itself names when it is asked.
  case selfLocalised = "self-localised"
}

extension Rule {
  /// Whether the rule speaks of failed answers.
  public var isForFailures: Bool { self == .prefixArgmax || self == .largestDrop }

  /// Whether training resets failed answers under this rule, and right ones under the others.
  public var resetsFailures: Bool { self == .prefixArgmax }
}

/// The one answer to “which step”: the ranked candidates of a trajectory, and which of them training
/// resets to.
///
/// It is made once for each valuation. The screens, `crux inspect --json`, the buffer of training
/// and the exports all read it.
public struct CriticalStep: Codable, Equatable, Sendable {
  /// The trajectory it speaks of.
  public var trajectory: String
  /// Updates the policy had seen when the values were estimated.
  public var policyVersion: Int
  /// The rule that ranked.
  public var rule: Rule
  /// The leading step where it is clear; nil when none is.
  public var step: Int?
  /// The step that ranks first even if it is not clear.
  public var leader: Int
  /// Estimated advantage of `leader`, −1…1.
  public var advantage: Double
  /// Lower end of the interval of `advantage`: 95 % after the choice among the candidates.
  public var low: Double
  /// Upper end of the same interval.
  public var high: Double
  /// Posterior probability that `leader` is the step the rule looks for, 0…1.
  public var confidence: Double
  /// Rollouts spent on all boundaries.
  public var rollouts: Int
  /// The effect measured on rollouts that did not take part in the choice; nil before that.
  public var fresh: FreshEffect?
  /// How the values were found out; nil in records of an older Crux.
  public var estimator: Estimator?
  /// The steps the rule ranked, best first; nil in records of an older Crux.
  public var candidates: [StepCandidate]?
  /// The update at which training stored the states before `resets`; nil where training did not
  /// value this answer or found nothing in it to reset to.
  public var storedAt: Int?

  /// A critical step with every field given.
  public init(
    trajectory: String, policyVersion: Int, rule: Rule, step: Int?, leader: Int, advantage: Double,
    low: Double, high: Double, confidence: Double, rollouts: Int, fresh: FreshEffect? = nil,
    estimator: Estimator? = nil, candidates: [StepCandidate]? = nil, storedAt: Int? = nil
  ) {
    self.trajectory = trajectory
    self.policyVersion = policyVersion
    self.rule = rule
    self.step = step
    self.leader = leader
    self.advantage = advantage
    self.low = low
    self.high = high
    self.confidence = confidence
    self.rollouts = rollouts
    self.fresh = fresh
    self.estimator = estimator
    self.candidates = candidates
    self.storedAt = storedAt
  }

  /// The steps that training resets to by this choice, best first; empty where there are none.
  public var resets: [Int] {
    (candidates ?? []).filter { $0.verdict == .reset }.map(\.step)
  }

  /// The step to look at first: the best that training resets to, else the clear leader; nil where
  /// there is neither.
  public var proposed: Int? { resets.first ?? step }

  /// What the choice says of a step; nil for one that was not ranked.
  public func candidate(_ step: Int) -> StepCandidate? { candidates?.first { $0.step == step } }

  /// The same choice after a person's word: a marked step is reset to in place of the rule's, a
  /// rejected answer is not reset at all.
  public func obeying(_ mark: Mark?) -> CriticalStep {
    guard let mark, mark.kind != .cleared else { return self }
    var choice = self
    let isChosen = mark.kind != .rejected
    choice.candidates = candidates?.map { candidate in
      var candidate = candidate
      let isTheirs = isChosen && candidate.step == mark.step
      if isTheirs {
        candidate.verdict = .reset
      } else if candidate.verdict == .reset {
        candidate.verdict = .person
      }
      return candidate
    }
    return choice
  }
}

/// One step as a candidate for the critical one.
public struct StepCandidate: Codable, Equatable, Sendable {
  /// The step.
  public var step: Int
  /// What candidates are ranked by.
  ///
  /// The rule's number where every boundary has as many rollouts, else the probability; entropy in
  /// nats or votes under the rules that look at those, 1 and 0 under those that draw or start over.
  public var score: Double
  /// Posterior probability that it is the step the rule looks for, 0…1; nil where the rule does not
  /// look at values.
  public var probability: Double?
  /// Whether the probability reaches the recipe's confidence and the interval of its advantage,
  /// 95 % after the choice among the candidates, leaves 0 out.
  public var isClear: Bool
  /// Whether training resets to it, or why not.
  public var verdict: ResetVerdict

  /// A candidate with every field given.
  public init(
    step: Int, score: Double, probability: Double?, isClear: Bool, verdict: ResetVerdict
  ) {
    self.step = step
    self.score = score
    self.probability = probability
    self.isClear = isClear
    self.verdict = verdict
  }
}

/// Whether training resets to a candidate, or the first reason why not.
public enum ResetVerdict: String, Codable, CaseIterable, Equatable, Sendable {
  /// Training resets to it.
  case reset
  /// `resets.start` does not go by values.
  case notByValues = "not-by-values"
  /// Training resets right answers alone; failed ones alone under prefix-argmax.
  case otherOutcome = "other-outcome"
  /// V(s_0) lies outside the recipe's band.
  case outsideBand = "outside-band"
  /// The value before it is below the chance of guessing plus the recipe's floor.
  case belowFloor = "below-floor"
  /// Its advantage (the negative of it for the largest drop) is below the recipe's minimum.
  case smallAdvantage = "small-advantage"
  /// It is not clear, and `values.unclear` is "skip".
  case unclear
  /// A step beside it ranks higher.
  case besideAnother = "beside-another"
  /// As many steps as the recipe takes of one answer rank higher.
  case lowerRanked = "lower-ranked"
  /// `resets.start` is "random-valued", and its draw fell elsewhere.
  case drawnElsewhere = "drawn-elsewhere"
  /// A person spoke of this answer: their word counts in place of the rule's.
  case person
}

/// An effect measured on fresh rollouts, free of the winner's curse, with its controls.
public struct FreshEffect: Codable, Equatable, Sendable {
  /// The step that was measured.
  public var step: Int
  /// Value before the step.
  public var before: StepValue
  /// Value after the step.
  public var after: StepValue
  /// after − before.
  public var advantage: Double
  /// Lower end of its 95 % interval.
  public var low: Double
  /// Upper end of its 95 % interval.
  public var high: Double

  /// An effect with every field given.
  public init(
    step: Int, before: StepValue, after: StepValue, advantage: Double, low: Double, high: Double
  ) {
    self.step = step
    self.before = before
    self.after = after
    self.advantage = advantage
    self.low = low
    self.high = high
  }
}
