public import Tensors

/// A token id.
public typealias Token = Int32

/// The questions one may ask of a policy: continue this, score this, differentiate this.
///
/// A policy lives on one thread at a time. Nothing is drawn without a seed passed in.
public protocol Policy: AnyObject {
  /// Number of token ids; ids are 0 ..< vocabulary.
  var vocabulary: Int { get }
  /// Most tokens of a sequence, prompt included.
  var contextLength: Int { get }
  /// What learns: weights, their gradients and the layout of both.
  var parameters: Parameters { get }
  /// Most tokens that `differentiate` has room for without computing anything twice.
  var tokensAtOnce: Int { get }

  /// Rolls out from each prefix, every rollout with a stream of random numbers of its own.
  ///
  /// Prefixes that begin alike share the computation. The answer does not depend on the number of
  /// threads. `progress` hears of each rollout as it finishes, on the calling thread, in no promised
  /// order.
  ///
  /// - Returns: For each request, its rollouts in the order of its seeds.
  /// - Throws: `Stopped` where `progress` did, or where rollouts were left unfinished for another
  ///   reason; those that finished before were reported.
  func continuations(
    of requests: [RolloutRequest], sampling: Sampling, endTokens: Set<Token>,
    progress: WorkProgress<RolloutReport>
  ) throws(Stopped) -> [[Continuation]]

  /// Log-probability and entropy of every predicted token of each row, the logits divided by a
  /// temperature above 0 first.
  func score(_ rows: [TokenRow], temperature: Float) -> [TokenScores]

  /// Scores the rows, asks the objective for the derivatives of its loss, and adds the loss's
  /// gradient by everything that learns to `parameters.gradients`.
  ///
  /// `precision` is that of the products of the backward pass. The scores are those of `score` at
  /// the same temperature, whatever it is.
  func differentiate(
    _ rows: [TokenRow], precision: ProductPrecision, temperature: Float,
    objective: ([TokenScores]) -> [ScoreGradients])

  /// Derives what sampling needs from the weights again; call it after the weights changed.
  func weightsChanged()

  /// The critic; while there is one, scores come with values. Its gradients are its own.
  var valueHead: ValueHead? { get }

  /// Puts a new value head of zeros on the policy; nil where the policy cannot carry one.
  func addValueHead() -> ValueHead?
}

extension Policy {
  /// A policy without such a limit.
  public var tokensAtOnce: Int { .max }

  /// Rolls out with nobody listening.
  public func continuations(
    of requests: [RolloutRequest], sampling: Sampling, endTokens: Set<Token>
  ) throws(Stopped) -> [[Continuation]] {
    try continuations(
      of: requests, sampling: sampling, endTokens: endTokens, progress: .unheard)
  }

  /// Scores by the policy's own distribution, at temperature 1.
  public func score(_ rows: [TokenRow]) -> [TokenScores] { score(rows, temperature: 1) }

  /// Differentiates in 32-bit floats, at temperature 1, unless something else is said.
  public func differentiate(
    _ rows: [TokenRow], precision: ProductPrecision = .float32,
    objective: ([TokenScores]) -> [ScoreGradients]
  ) {
    differentiate(rows, precision: precision, temperature: 1, objective: objective)
  }

  /// A policy without a critic.
  public var valueHead: ValueHead? { nil }

  /// A policy that cannot carry a critic.
  public func addValueHead() -> ValueHead? { nil }
}

/// One prefix and the rollouts wanted from it.
public struct RolloutRequest: Equatable, Sendable {
  /// Prompt and kept response; at least one token.
  public var prefix: [Token]
  /// One rollout for each seed.
  public var seeds: [UInt64]
  /// Most new tokens of each rollout; at least 1.
  public var limit: Int

  /// A request with every field given.
  public init(prefix: [Token], seeds: [UInt64], limit: Int) {
    self.prefix = prefix
    self.seeds = seeds
    self.limit = limit
  }
}

/// How a token is drawn from the logits; the order and the ties are those of transformers.
public struct Sampling: Equatable, Sendable {
  /// Divides the logits; 0 takes the likeliest token, whose probability then counts as 1.
  public var temperature: Float = 1
  /// Keeps every token whose logit is at least the k-th largest; 0 keeps all.
  public var topK = 0
  /// Keeps the likeliest tokens up to this probability, the crossing one included; 1 keeps all.
  public var topP: Float = 1
  /// Drops tokens below this share of the likeliest; 0 keeps all.
  public var minP: Float = 0
  /// How the weights are kept that the policy draws with; scores and training keep 32-bit floats.
  public var precision = ProductPrecision.float32

  /// The distribution of the policy itself.
  public init() {}

  /// Always the likeliest token.
  public static var greedy: Sampling {
    var sampling = Sampling()
    sampling.temperature = 0
    return sampling
  }
}

/// What a policy wrote after a prefix.
public struct Continuation: Equatable, Sendable {
  /// The new tokens, the end token included where one was drawn.
  public var tokens: [Token]
  /// Natural logarithm of the probability each token was drawn at, (tokens).
  public var logProbabilities: [Float]
  /// Whether the limit ended it, not an end token.
  public var truncated: Bool
  /// The seed it was drawn with.
  public var seed: UInt64

  /// A continuation with every field given.
  public init(tokens: [Token], logProbabilities: [Float], truncated: Bool, seed: UInt64) {
    self.tokens = tokens
    self.logProbabilities = logProbabilities
    self.truncated = truncated
    self.seed = seed
  }
}

/// One finished rollout and how far the whole call is.
public struct RolloutReport: Sendable {
  /// Index of the request.
  public var request: Int
  /// Index of the rollout within the request.
  public var rollout: Int
  /// What was written.
  public var continuation: Continuation
  /// Rollouts finished so far.
  public var finished: Int
  /// Rollouts asked for.
  public var total: Int

  /// A report with every field given.
  public init(request: Int, rollout: Int, continuation: Continuation, finished: Int, total: Int) {
    self.request = request
    self.rollout = rollout
    self.continuation = continuation
    self.finished = finished
    self.total = total
  }
}

/// A sequence of which the tail is predicted.
public struct TokenRow: Equatable, Sendable {
  /// The whole sequence, at least two tokens where anything is predicted.
  public var tokens: [Token]
  /// Index of the first token that is predicted, from 1; those before it are context.
  public var firstPredicted: Int

  /// A row with every field given.
  public init(tokens: [Token], firstPredicted: Int) {
    self.tokens = tokens
    self.firstPredicted = firstPredicted
  }

  /// Number of predicted tokens.
  public var predicted: Int { max(0, tokens.count - firstPredicted) }

  /// Tokens that are computed where the row comes after another that may begin alike.
  public func tokens(after other: TokenRow) -> Int {
    let context = tokens.prefix(max(0, firstPredicted - 1))
    return tokens.count - RowPlan.shared(context, with: other.tokens[...])
  }
}

/// Scores of the predicted tokens of one row.
public struct TokenScores: Equatable, Sendable {
  /// log p(token | all before it), nats, (predicted).
  public var logProbabilities: [Float]
  /// Entropy of the distribution the token was predicted from, nats, (predicted).
  public var entropies: [Float]
  /// The critic's value before each token, (predicted); empty without a critic.
  public var values: [Float]

  /// Scores with every field given.
  public init(logProbabilities: [Float], entropies: [Float], values: [Float] = []) {
    self.logProbabilities = logProbabilities
    self.entropies = entropies
    self.values = values
  }
}

/// Derivatives of a loss by the scores of one row.
public struct ScoreGradients: Equatable, Sendable {
  /// ∂loss / ∂logProbability, (predicted).
  public var logProbabilities: [Float]
  /// ∂loss / ∂entropy, (predicted); empty stands for zeros.
  public var entropies: [Float]
  /// ∂loss / ∂value, (predicted); empty stands for zeros.
  public var values: [Float]

  /// Derivatives with every field given.
  public init(logProbabilities: [Float], entropies: [Float] = [], values: [Float] = []) {
    self.logProbabilities = logProbabilities
    self.entropies = entropies
    self.values = values
  }
}
