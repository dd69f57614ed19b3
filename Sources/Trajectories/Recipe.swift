/// All that one may choose about a run.
///
/// Every property has a default. `problems()` says in sentences what does not fit.
public struct Recipe: Codable, Equatable, Sendable {
  /// Seed of everything random in the run.
  public var seed: UInt64 = 0
  /// Folder of the starting policy; a relative path is looked up from the recipe's folder.
  public var model = "tiny"
  /// Updates to make.
  public var updates = 60
  /// What is asked and how it is judged.
  public var task = TaskChoice()
  /// What an answer earns beside what the task says of it.
  public var rewards = RewardsChoice()
  /// How a problem is put to the policy.
  public var prompt = PromptChoice()
  /// How responses are drawn.
  public var sampling = SamplingChoice()
  /// How responses are cut.
  public var steps = StepChoice()
  /// How boundaries are valued and the critical step is chosen.
  public var values = ValueChoice()
  /// Where rollouts for learning start.
  public var resets = ResetChoice()
  /// What is learnt from them.
  public var objective = ObjectiveChoice()
  /// What learns in place of the weights.
  public var adapter = AdapterChoice()
  /// How the weights move.
  public var optimiser = OptimiserChoice()
  /// How progress is measured.
  public var evaluation = EvaluationChoice()
  /// What is kept.
  public var record = RecordChoice()
  /// How tokens are credited and the critic learns.
  public var critic = CriticChoice()

  /// The defaults.
  public init() {}
}

/// What is asked and how it is judged.
public struct TaskChoice: Codable, Equatable, Sendable {
  /// The task.
  public var name = TaskName.chains
  /// Operations of a chain; numbers of a countdown.
  public var length = 8
  /// Prime modulus of a chain; the numbers of a countdown stay below it.
  public var modulus = 31
  /// Operations of a chain that are multiplications.
  public var hard = 8
  /// What the last line of a chain gives.
  public var answer = AnswerKind.value
  /// Fewest numbers of a sum.
  public var minTerms = 2
  /// Most numbers of a sum.
  public var maxTerms = 5
  /// Fewest digits of a sum's numbers.
  public var minDigits = 1
  /// Most digits of a sum's numbers.
  public var maxDigits = 2
  /// What earns the reward.
  public var reward = RewardKind.answer
  /// Problems in a file of their own: BBH, GSM8K, MATH, MMLU, MMLU-Pro, AIME, reasoning-gym or
  /// JSON lines; a relative path is looked up from the recipe's folder.
  public var file = ""
  /// Held-out problems in a second file; empty takes them out of the first.
  public var heldOutFile = ""
  /// Share of the file's problems that are held out where there is no second file.
  public var heldOut = 0.2
  /// What the prompt of a file's problem asks for beside the question.
  public var style = PromptStyle.steps
  /// A shell command that judges: it reads a JSON line and writes a number 0…1; empty for none.
  public var rewardCommand = ""
  /// Seconds that command may take for one answer.
  public var rewardSeconds = 10.0
  /// What that command is kept in.
  public var rewardSandbox = RewardSandbox.none

  /// The defaults.
  public init() {}
}

/// The tasks.
public enum TaskName: String, Codable, CaseIterable, Equatable, Sendable {
  /// Arithmetic modulo a prime, one line a step.
  case chains
  /// Reach a target with given numbers.
  case countdown
  /// Written-out sums in plain English, for chat models.
  case sums
  /// Problems that stand in a file, with its answers.
  case file
}

/// What a reward command is kept in.
public enum RewardSandbox: String, Codable, CaseIterable, Equatable, Sendable {
  /// Nothing: it may do what the user may.
  case none
  /// A container of bubblewrap: no network, no file that it can write, no other process in sight.
  case bwrap
}

/// What the last line of a chain gives.
public enum AnswerKind: String, Codable, CaseIterable, Equatable, Sendable {
  /// The value: right by luck once in `modulus`.
  case value
  /// The value modulo 4 as a letter: right by luck once in 4.
  case letter
  /// Whether the value is even: right by luck once in 2.
  case yesNo = "yes-no"
}

/// What earns the reward.
public enum RewardKind: String, Codable, CaseIterable, Equatable, Sendable {
  /// The last line alone.
  case answer
  /// Every line.
  case strict
}

/// What an answer earns beside what the task says of it.
public struct RewardsChoice: Codable, Equatable, Sendable {
  /// What a response earns that the length limit cut off.
  public var truncated = TruncatedReward.asWrong

  /// The defaults.
  public init() {}
}

/// What a response earns that the length limit cut off.
public enum TruncatedReward: String, Codable, CaseIterable, Equatable, Sendable {
  /// It is judged only if it holds a complete answer, such as a closed box or an ended answer line,
  /// and else earns 0. It is learnt from like any other: TRL and verl give such a response 0 too,
  /// since their rewards look for a whole answer and find none.
  case asWrong = "as-wrong"
  /// It is judged so, but its tokens carry no loss, as with TRL's `mask_truncated_completions` and
  /// DAPO's overlong filtering; its reward still counts in the mean of its group, as there. Offline
  /// it enters no pair. Values leave it out: their number of rollouts does not count it, and how many
  /// were cut off stands beside.
  case masked
  /// It is judged by what it says so far, a number on the way taken for its answer.
  case asItStands = "as-it-stands"
}

/// How responses are drawn.
public struct SamplingChoice: Codable, Equatable, Sendable {
  /// Divides the logits; 0 always takes the likeliest token, whose probability counts as 1.
  public var temperature = 1.0
  /// Keeps this many of the likeliest tokens; 0 keeps all.
  public var topK = 0
  /// Keeps the likeliest tokens up to this probability; 1 keeps all.
  public var topP = 1.0
  /// Drops tokens below this share of the likeliest; 0 keeps all.
  public var minP = 0.0
  /// How the weights are kept while drawing; what is learnt from is scored with those trained, and
  /// `Metrics.samplerGap` says what a rounded copy costs.
  public var weights = Precision.f32
  /// Most tokens of a response.
  public var limit = 48

  /// The defaults.
  public init() {}
}

/// How the factors of products are kept; sums are 32-bit floats either way.
public enum Precision: String, Codable, CaseIterable, Equatable, Sendable {
  /// 32-bit floats.
  case f32
  /// Rounded to bfloat16: half the memory to read, and faster where the processor multiplies it.
  case bf16
}

/// How responses are cut.
public struct StepChoice: Codable, Equatable, Sendable {
  /// Fewest tokens of a step; shorter pieces are merged with what follows.
  public var minimumTokens = 1
  /// Most steps.
  public var maximum = 30
  /// Where a response may be cut.
  public var splitter = Splitter.newline
  /// low-probability: a token counts as a choice below this probability.
  public var probability = 0.9
  /// low-probability: every n-th such token begins a step.
  public var every = 5

  /// The defaults.
  public init() {}
}

/// How boundaries are valued and the critical step is chosen.
public struct ValueChoice: Codable, Equatable, Sendable {
  /// The rule that proposes the critical step.
  public var rule = Rule.paperAbsolute
  /// Rollouts from each boundary.
  public var rollouts = 4
  /// How rollouts are shared out over the boundaries.
  public var estimator = Estimator.uniform
  /// Posterior probability at which a search stops.
  public var confidence = 0.8
  /// Most rollouts of one search.
  public var budget = 512
  /// V(s_h*) must be at least the chance of guessing plus this; 0 switches the floor off.
  public var floor = 0.2
  /// A stored step must have at least this advantage.
  public var minimumAdvantage = 0.1
  /// What training does with a step that is not clear.
  public var unclear = UnclearUse.train
  /// Whether a rollout that repeats the answer's own step counts at the next boundary too.
  public var reuse = false
  /// entropy: share of the steps, the least certain, whose boundaries get rollouts.
  public var prefilter = 0.5
  /// Critical steps taken of one answer, none beside another.
  public var steps = 1
  /// Whether an answer feeds the learning only where V(s_0) lies in the band.
  public var band = BandUse.auto
  /// Least V(s_0) of the band.
  public var bandLow = 0.2
  /// Largest V(s_0) of the band.
  public var bandHigh = 0.8

  /// The defaults.
  public init() {}
}

/// Where rollouts for learning start.
public struct ResetChoice: Codable, Equatable, Sendable {
  /// Where a reset group starts.
  public var start = ResetStart.critical
  /// Share of groups that start at a reset, 0…1.
  public var share = 0.5
  /// Critical states kept; the oldest leaves first.
  public var buffer = 64
  /// Right answers valued and stored at each update.
  public var newPerUpdate = 4
  /// Whether the kept tokens carry no loss.
  public var maskPrefix = true
  /// How a state is drawn.
  public var priority = ResetPriority.uniform
  /// Whether a failed answer is replaced by the best rollout from the step the rule chooses.
  public var replaceFailed = false

  /// The defaults.
  public init() {}
}

/// What training does with a step that leads without being clear.
public enum UnclearUse: String, Codable, CaseIterable, Equatable, Sendable {
  /// Resets to it all the same, as the paper does: some of them are noise.
  case train
  /// Leaves it alone: fewer states are stored.
  case skip
}

/// Where a reset group starts.
public enum ResetStart: String, Codable, CaseIterable, Equatable, Sendable {
  /// Nowhere: every group starts at the prompt.
  case none
  /// At the critical step (GPO).
  case critical
  /// At a random step of the same trajectories, without valuing them: the control.
  case random
  /// At a random step above the floor of the trajectories that `critical` would store, valued with
  /// as many rollouts: the control at the same cost and with the same selection.
  case randomValued = "random-valued"
  /// At the prompt of the problems that were solved: the control that only replays them.
  case replay
}

/// What is learnt from the rollouts.
public struct ObjectiveChoice: Codable, Equatable, Sendable {
  /// The family of the loss.
  public var method = Method.grpo
  /// Groups of an update.
  public var groups = 32
  /// Rollouts of a group.
  public var groupSize = 8
  /// How token losses are averaged.
  public var normaliser = Normaliser.drGrpo
  /// What advantages are divided by.
  public var scaleRewards = RewardScale.group
  /// The ratio may fall to 1 − this.
  public var clipLow = 0.2
  /// The ratio may rise to 1 + this.
  public var clipHigh = 0.2
  /// Pull towards the starting policy, nats; 0 removes it.
  public var klCoefficient = 0.0
  /// Reward for entropy, per nat; 0 removes it.
  public var entropyCoefficient = 0.0
  /// Times the rollouts of one update are learnt from.
  public var passes = 1
  /// Offline: strength of the preference; awr: the advantage that multiplies a weight by e.
  public var beta = 0.3
  /// DPO, SimPO, ORPO: weight of the winner's negative log-likelihood a token.
  public var nllWeight = 1.0
  /// Offline: preference pairs to build, all rounds together.
  public var pairs = 400
  /// Offline: most pairs from one problem.
  public var pairsPerProblem = 2
  /// Offline: rollouts drawn to build the pairs of one problem.
  public var rolloutsPerProblem = 16
  /// Offline: pairs of an update.
  public var batch = 64
  /// DPO, KTO, SimPO: what a preference turns into.
  public var form = PreferenceForm.sigmoid
  /// DPO, SimPO: share of the pairs held for labelled the wrong way round.
  public var smoothing = 0.0
  /// SimPO: what the better side must be ahead by.
  public var margin = 0.0
  /// KTO: weight of right continuations.
  public var desirableWeight = 1.0
  /// KTO: weight of wrong continuations.
  public var undesirableWeight = 1.0
  /// AWR: largest weight of a step.
  public var weightLimit = 20.0
  /// SFT, AWR: how token losses are averaged.
  public var average = LossAverage.tokens
  /// SFT: whether each token is weighted by its own probability (DFT).
  public var scaledByProbability = false
  /// Offline: which part of a continuation is compared.
  public var span = ComparedSpan.rest
  /// Offline: what the part that two continuations share counts as.
  public var prefix = SharedPrefix.prompt
  /// Offline: times the pairs are built, each with the policy of then as the new reference.
  public var rounds = 1
  /// Optimiser steps of a pass, each on a part of the rollouts.
  public var minibatches = 1
  /// Added to the deviation that advantages are divided by: 1e-4 in TRL, 1e-6 in verl.
  public var rewardEpsilon = 1e-4
  /// Which probability ratio is clipped.
  public var ratio = RatioChoice.token
  /// Where A < 0 the loss of a token is at most this times |A|; 0 leaves it.
  public var dualClip = 0.0
  /// What REINFORCE compares a reward with.
  public var baseline = BaselineChoice.batch
  /// What a rollout's tokens are credited with.
  public var credit = CreditChoice.answer
  /// Where the pull towards the starting policy acts.
  public var klPlace = PenaltyPlace.loss
  /// The estimate of KL in the reward.
  public var klEstimate = PenaltyEstimate.k1
  /// Whether k3 in the loss is multiplied by the probability ratio, as TRL does.
  public var biasCorrectedKl = false
  /// The temperature of the scores that are learnt from: that of the sampling where it is learnt
  /// online, 1 offline, unless the recipe says otherwise.
  public var scoreTemperature = ScoreTemperature.sampling
  /// KL to keep to, nats a token, by moving the coefficient; 0 leaves the coefficient as it is.
  public var klTarget = 0.0
  /// Rollouts over which the coefficient follows the target.
  public var klHorizon = 10000

  /// The defaults.
  public init() {}
}

/// The family of the loss.
public enum Method: String, Codable, CaseIterable, Equatable, Sendable {
  /// Group-relative policy optimisation, online.
  case grpo
  /// Direct preference optimisation, offline.
  case dpo
  /// Right and wrong continuations one by one (Kahneman and Tversky's utility), offline.
  case kto
  /// Preference by mean log-probability, without a reference, offline.
  case simpo
  /// Likelihood and odds ratio in one, without a reference, offline.
  case orpo
  /// Supervised learning of the right continuations, offline.
  case sft
  /// Advantage-weighted regression on valued answers, offline.
  case awr
  /// Proximal policy optimisation with a critic, online; every rollout from a start of its own.
  case ppo
  /// REINFORCE with the mean of the others of the group as its baseline, online.
  ///
  /// The ratio that is clipped is each token's, as verl has it, unless the recipe chooses that of
  /// the whole answer (`RatioChoice.product`), as TRL has it.
  case rloo
  /// REINFORCE with a baseline, online.
  case reinforce
  /// REINFORCE with returns whitened over the batch, online.
  case reinforcePlusPlus = "reinforce-plus-plus"
}

/// How token losses are averaged; the names are TRL's.
public enum Normaliser: String, Codable, CaseIterable, Equatable, Sendable {
  /// Mean over sequences of each sequence's token mean.
  case grpo
  /// Mean over the tokens of the batch that a device differentiates, in TRL its micro-batch.
  ///
  /// Here that is the whole batch of an optimiser step: the parts it may be differentiated in are a
  /// matter of memory and change no number. So it is what `dapo` is.
  case bnpo
  /// Mean over the tokens of the whole batch of an optimiser step.
  case dapo
  /// Sum over tokens, divided by sequences times the length limit.
  case drGrpo = "dr-grpo"
  /// Mean over sequences of each sequence's token sum; verl's name.
  case sequenceSum = "seq-mean-token-sum"
}

/// How the weights move: AdamW.
public struct OptimiserChoice: Codable, Equatable, Sendable {
  /// Largest learning rate.
  public var learningRate = 2e-4
  /// Decay of the first moment.
  public var beta1 = 0.9
  /// Decay of the second moment.
  public var beta2 = 0.95
  /// Keeps the division finite.
  public var epsilon = 1e-8
  /// Decoupled decay of matrices a step, times the learning rate.
  public var weightDecay = 0.0
  /// Largest global gradient norm; 0 does not clip.
  public var clipNorm = 1.0
  /// Updates of linear warm-up.
  public var warmUp = 10
  /// What follows the warm-up.
  public var schedule = Schedule.constant
  /// Learning rate at the end, as a share of the largest; cosine and linear.
  public var finalShare = 0.1
  /// Most tokens that are differentiated at once; 0 takes as many as fit in memory.
  public var microBatchTokens = 0
  /// How the factors of the backward pass are kept; scores and weights are 32-bit floats always.
  public var gradients = Precision.f32

  /// The defaults.
  public init() {}
}

/// What follows the warm-up.
public enum Schedule: String, Codable, CaseIterable, Equatable, Sendable {
  /// Stays.
  case constant
  /// Falls along a straight line.
  case linear
  /// Falls along half a cosine.
  case cosine
}
