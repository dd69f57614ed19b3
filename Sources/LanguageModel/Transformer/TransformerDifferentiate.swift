public import Tensors

extension Transformer {
  /// Scores the rows, asks the objective for the derivatives of its loss by their scores, and adds
  /// the loss's gradient by every weight to `parameters.gradients`.
  ///
  /// Of a batch whose activations do not fit, some are computed again. If that is not enough it is
  /// scored first and then differentiated in parts, which gives the same gradient up to rounding for
  /// a third more work.
  ///
  /// In bfloat16 both factors of the backward pass's products are rounded, as automatic mixed
  /// precision does; what the forward pass computes, or computes again, stays in 32-bit floats.
  public func differentiate(
    _ rows: [TokenRow], precision: ProductPrecision, temperature: Float,
    objective: ([TokenScores]) -> [ScoreGradients]
  ) {
    let parts = self.parts(rows)
    guard parts.count > 1 else {
      return differentiatePart(rows, precision, temperature, objective: objective)
    }
    let gradients = objective(score(rows, temperature: temperature))
    precondition(gradients.count == rows.count, "an objective answers once for every row")
    for part in parts {
      differentiatePart(Array(rows[part]), precision, temperature) { _ in Array(gradients[part]) }
    }
  }

  /// Most tokens, all of them predicted, whose activations fit.
  public var tokensAtOnce: Int {
    let logits = floats(tokens: 0, predicted: 1)
    let own = floats(tokens: 1, predicted: 0)
    let kept = activationLimit / (own + logits)
    guard kept * logits > logitLimit else { return max(1, kept) }
    return max(1, (activationLimit - logitLimit) / own)
  }

  private func parts(_ rows: [TokenRow]) -> [Range<Int>] {
    let spans = RowPlan(rows, vocabulary: vocabulary).spans
    var parts: [Range<Int>] = []
    var start = 0
    var tokens = 0
    var predicted = 0
    for (index, span) in spans.enumerated() {
      tokens += span.tokens.count
      predicted += span.predicted.count
      if floats(tokens: tokens, predicted: predicted) > activationLimit, index > start {
        parts.append(start..<index)
        start = index
        (tokens, predicted) = (span.tokens.count, span.predicted.count)
      }
    }
    parts.append(start..<rows.count)
    return parts
  }

  /// Least floats that differentiating takes: no gate ‖ up kept but the running layer's.
  private func floats(tokens: Int, predicted: Int) -> Int {
    let strides = Activations.Strides(architecture, layout)
    let own = strides.layer * architecture.layers + 6 * strides.width + 2 * strides.gateUp
    return tokens * (own + strides.queryKeyValue + strides.hidden)
      + min(predicted * strides.vocabulary, logitLimit)
  }

  /// Layers whose gate ‖ up fit beside the rest; the others' are computed again.
  ///
  /// They are half of what a layer leaves behind and cost a sixth of its forward and backward pass.
  private func gateUpsThatFit(_ plan: RowPlan, _ strides: Activations.Strides) -> Int {
    let least = floats(tokens: plan.tokens.count, predicted: plan.targets.count)
    let left = max(0, activationLimit - least)
    return min(architecture.layers, left / max(1, plan.tokens.count * strides.gateUp))
  }

  private func differentiatePart(
    _ rows: [TokenRow], _ precision: ProductPrecision, _ temperature: Float,
    objective: ([TokenScores]) -> [ScoreGradients]
  ) {
    let plan = RowPlan(rows, vocabulary: vocabulary)
    let pass = ForwardPass(self, plan, temperature: temperature)
    let predicted = plan.targets.count
    training.reserve(
      pass.strides, layers: architecture.layers, gateUps: gateUpsThatFit(plan, pass.strides),
      tokens: plan.tokens.count, predicted: predicted,
      logitRows: pass.logitRows)
    prepareScratch(pass)
    let keeps = pass.keepsLogits
    Parallel.run(plan.chunks.count, workers: pass.sharing.chunks) { index, worker in
      let chunk = plan.chunks[index]
      let row = chunk.predicted.lowerBound
      pass.run(
        chunk, store: training, scratch: scratch[worker], offset: chunk.tokens.lowerBound,
        predictedOffset: row)
      pass.score(chunk, store: training, row: row) { first, within in
        keeps ? first : (worker + within) * Head.scoredRows
      }
    }
    let gradients = objective(plan.spans.map { trainingScores($0.predicted, pass) })
    precondition(gradients.count == rows.count, "an objective answers once for every row")
    guard !plan.tokens.isEmpty else { return }
    let buffers = backwardBuffers(precision)
    buffers.reserve(pass.strides, layout.attention, plan: plan, workers: pass.sharing.workers)
    spread(gradients, plan, over: temperature, into: buffers.scoreGradients.start)
    BackwardPass(pass, store: training, buffers: buffers).run()
  }

  /// What the forward pass left in `training` for the predicted tokens of one row.
  private func trainingScores(_ predicted: Range<Int>, _ pass: ForwardPass) -> TokenScores {
    func row(_ start: UnsafeMutablePointer<Float>) -> [Float] {
      Array(UnsafeBufferPointer(start: start + predicted.lowerBound, count: predicted.count))
    }
    let values = valueHead.map { head in
      predicted.map { head.value(of: training.hidden + $0 * pass.strides.width) }
    }
    return TokenScores(
      logProbabilities: row(training.logProbabilities), entropies: row(training.entropies),
      values: values ?? [])
  }

  /// Lays the objective's derivatives out by predicted token.
  ///
  /// Those by log-probability and entropy are divided by the temperature: both pass to the logits
  /// linearly, and the logits that were scored are the model's over the temperature.
  private func spread(
    _ gradients: [ScoreGradients], _ plan: RowPlan, over temperature: Float,
    into byLogProbability: UnsafeMutablePointer<Float>
  ) {
    let byEntropy = byLogProbability + plan.targets.count
    let byValue = byEntropy + plan.targets.count
    for (span, row) in zip(plan.spans, gradients) {
      let count = span.predicted.count
      precondition(
        row.logProbabilities.count == count
          && (row.entropies.isEmpty || row.entropies.count == count)
          && (row.values.isEmpty || row.values.count == count),
        "an objective gave \(row.logProbabilities.count) derivatives for \(count) tokens")
      for (offset, index) in span.predicted.enumerated() {
        byLogProbability[index] = row.logProbabilities[offset] / temperature
        byEntropy[index] = row.entropies.isEmpty ? 0 : row.entropies[offset] / temperature
        byValue[index] = row.values.isEmpty ? 0 : row.values[offset]
      }
    }
  }
}
