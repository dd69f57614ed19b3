import LanguageModel
import Tensors
import Trajectories

extension TrainingLoop {
  /// Most tokens that are differentiated at once; a larger batch is done in parts of whole rows.
  ///
  /// More than the policy has room for would make it compute the forward pass twice.
  private var partTokens: Int {
    let wanted = recipe.optimizer.microBatchTokens
    return min(wanted > 0 ? wanted : 16384, policy.tokensAtOnce)
  }

  /// Ranges of rows of at most `partTokens` tokens, at least one unit of `together` rows each.
  ///
  /// What a row shares with the one before it counts once.
  func parts(_ rows: [TokenRow], together: Int = 1) -> [Range<Int>] {
    var found: [Range<Int>] = []
    let partTokens = partTokens
    var start = 0
    var tokens = 0
    for unit in stride(from: 0, to: rows.count, by: together) {
      let more = (unit..<unit + together).reduce(0) {
        $0 + ($1 > start ? rows[$1].tokens(after: rows[$1 - 1]) : rows[$1].tokens.count)
      }
      if tokens + more > partTokens, unit > start {
        found.append(start..<unit)
        start = unit
        tokens = rows[unit..<unit + together].reduce(0) { $0 + $1.tokens.count }
      } else {
        tokens += more
      }
    }
    if start < rows.count { found.append(start..<rows.count) }
    return found
  }

  /// What the policy, or another, says of rows at the temperature that is learnt at.
  func score(_ rows: [TokenRow], by other: (any Policy)? = nil) -> [TokenScores] {
    (other ?? policy).score(rows, temperature: Float(recipe.scoreTemperature))
  }

  /// Adds the gradient of an objective on rows, in the recipe's precision and at its temperature.
  func differentiate(_ rows: [TokenRow], objective: ([TokenScores]) -> LossGradient) {
    policy.differentiate(
      rows, precision: ProductPrecision(recipe.optimizer.gradients),
      temperature: Float(recipe.scoreTemperature)
    ) { objective($0).scoreGradients }
  }

  /// Lets the optimizer make its step and checks that there was something finite to step along.
  func move(_ learnt: inout Learnt, passes: Int) throws {
    try task.check()
    let update = state.update + 1
    guard learnt.loss.isFinite else {
      throw LearningError.notFinite(update: update, what: "the loss", parameter: offender)
    }
    let head = critic.map { [$0.parameters] } ?? []
    let norm = optimizer.step(learningRate: learningRate(of: update), beside: head)
    guard norm.isFinite else {
      throw LearningError.notFinite(update: update, what: "the gradient", parameter: offender)
    }
    // Both are clipped by the norm of all gradients together.
    _ = critic?.step(
      learningRate: headRate(of: update), beside: [policy.parameters])
    learnt.gradientNorm += norm / Double(passes)
    state.optimiserSteps = optimizer.steps
    policy.weightsChanged()
  }

  /// The schedule's rate, also of an update that finds nothing to learn.
  func learningRate(of update: Int) -> Double {
    LearningRate(recipe.optimizer, updates: recipe.updates)(update)
  }

  private func headRate(of update: Int) -> Double {
    var choice = recipe.optimizer
    choice.learningRate = recipe.critic.learningRate
    return LearningRate(choice, updates: recipe.updates)(update)
  }

  /// The first parameter whose weights or gradients are not finite.
  var offender: String? {
    let parameters = policy.parameters
    return parameters.slices.first { slice in
      slice.range.contains {
        !parameters.gradients[$0].isFinite || !parameters.weights[$0].isFinite
      }
    }?.name
  }
}

extension ProductPrecision {
  /// The engine's name of a recipe's choice.
  init(_ choice: Precision) {
    switch choice {
    case .f32: self = .float32
    case .bf16: self = .bfloat16
    }
  }
}
