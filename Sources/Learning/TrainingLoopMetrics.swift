import LanguageModel
import Trajectories

/// What the optimizer's steps on one batch did.
struct Learnt {
  var loss = 0.0
  var kl = 0.0
  var entropy = 0.0
  var clipRatio = 0.0
  var samplerGap: SamplerGap?
  var gradientNorm = 0.0
  var valueLoss = 0.0
  var moved = 0.0
  var explainedVariance: Double?
  /// Mean KL to the reference over all rows, before the weights moved.
  var divergence: Double?
  /// Tokens that went through the model forward, as rows.
  var scored = 0
}

extension TrainingLoop {
  /// Metrics of an online update; seconds are not known yet and `tokensPerSecond` holds tokens.
  ///
  /// `drawn` are the policy's own rollouts, before any of them was replaced by a better one.
  func metrics(of drawn: [RolloutGroup], _ learnt: Learnt, processed: Int) -> Metrics {
    var metrics = metrics(of: learnt, processed: processed)
    let all = drawn.flatMap(\.trajectories)
    let fromPrompt = drawn.filter { !$0.isReset }.flatMap(\.trajectories)
    let fromReset = drawn.filter(\.isReset).flatMap(\.trajectories)
    metrics.reward = mean(fromPrompt.map(\.reward)) ?? 0
    metrics.resetReward = mean(fromReset.map(\.reward))
    metrics.chainAccuracy = mean(fromPrompt.compactMap(\.chainCorrect).map { $0 ? 1 : 0 })
    let resets = drawn.count { $0.isReset }
    metrics.resetShare = Double(resets) / Double(max(1, drawn.count))
    metrics.truncatedShare = mean(all.map { $0.truncated ? 1 : 0 }) ?? 0
    metrics.responseLength = mean(all.map { Double($0.responseTokens.count) }) ?? 0
    metrics.stepsPerAnswer = mean(all.map { Double($0.steps.count) })
    return metrics
  }

  /// The part of the metrics that online and offline updates share.
  func metrics(of learnt: Learnt, processed: Int) -> Metrics {
    var metrics = Metrics()
    metrics.update = state.update
    metrics.loss = learnt.loss
    metrics.kl = learnt.kl
    metrics.entropy = learnt.entropy
    metrics.clipRatio = learnt.clipRatio
    metrics.samplerGap = learnt.samplerGap?.distance
    metrics.samplerKL = learnt.samplerGap?.divergence
    metrics.gradientNorm = learnt.gradientNorm
    metrics.explainedVariance = learnt.explainedVariance
    metrics.movedKL = learnt.moved
    metrics.valueLoss = critic == nil ? nil : learnt.valueLoss
    metrics.klCoefficient = klCoefficient > 0 ? klCoefficient : nil
    metrics.bufferAge = state.buffer.age(at: state.update)
    metrics.bufferReuse = state.buffer.reuse
    metrics.learningRate = learningRate(of: state.update)
    metrics.bufferSize = state.buffer.states.count
    metrics.bufferPurity = state.buffer.purity
    metrics.bufferMarked = state.buffer.marked
    metrics.trainingTokens = state.trainingTokens
    metrics.estimationTokens = state.estimationTokens
    metrics.tokensPerSecond = Double(processed)
    return metrics
  }

  /// What is written down of an online update, before its metrics.
  ///
  /// Answers that fed the buffer come first, so that every valuation and every fork in the record
  /// has its trajectory; then one answer of each group, a second of each, up to the recipe's number.
  func events(of batch: Batch, _ fed: BufferFeeding) -> [RunEvent] {
    let all = batch.trajectories
    let most = recipe.record.trajectories
    var order = fed.bases.map(\.id)
    var place = 0
    var ranked: [(rank: Int, id: String)] = []
    for group in batch.groups {
      for rank in group.trajectories.indices { ranked.append((rank, all[place + rank].id)) }
      place += group.trajectories.count
    }
    let ranks = (ranked.map(\.rank).max() ?? -1) + 1
    for rank in 0..<ranks { order += ranked.filter { $0.rank == rank }.map(\.id) }
    var kept: Set<String> = []
    for id in order where kept.count < most { kept.insert(id) }
    return all.filter { kept.contains($0.id) }.map(RunEvent.sampled)
      + events(of: fed.values, fed.choices, seconds: fed.seconds, kept: kept)
  }

  /// Valuations and choices of the trajectories that are written down.
  func events(
    of values: [StepValues], _ choices: [CriticalStep], seconds: [Double], kept: Set<String>
  ) -> [RunEvent] {
    zip(zip(values, choices), seconds).flatMap { found, seconds -> [RunEvent] in
      let (known, choice) = found
      guard kept.contains(known.trajectory.id) else { return [] }
      var valuation = known.valuation(seconds: seconds)
      valuation.cost = Cost(rollouts: known.spent, tokens: known.tokens, seconds: seconds)
      valuation.evidence = known.unrecorded(recipe.record.rollouts)
      return [.valued(valuation), .proposed(choice)]
    }
  }

  private func mean(_ numbers: [Double]) -> Double? {
    numbers.isEmpty ? nil : numbers.reduce(0, +) / Double(numbers.count)
  }
}
