import Tensors

extension Transformer {
  /// Scores the rows, asks the objective for the derivatives of its loss by their scores, and adds
  /// the loss's gradient by every weight to `parameters.gradients`.
  ///
  /// A batch whose activations do not fit is scored first and then differentiated in parts, which
  /// gives the same gradient up to rounding for a third more work.
  public func differentiate(
    _ rows: [TokenRow], objective: ([TokenScores]) -> [ScoreGradients]
  ) {
    let parts = self.parts(rows)
    guard parts.count > 1 else { return differentiatePart(rows, objective: objective) }
    let gradients = objective(score(rows))
    precondition(gradients.count == rows.count, "an objective answers once for every row")
    for part in parts {
      differentiatePart(Array(rows[part])) { _ in Array(gradients[part]) }
    }
  }

  /// Most tokens, all of them predicted, whose activations fit.
  public var tokensAtOnce: Int { max(1, activationLimit / floats(tokens: 1, predicted: 1)) }

  /// Floats that differentiating that many tokens holds.
  private func floats(tokens: Int, predicted: Int) -> Int {
    let strides = Activations.Strides(architecture, layout)
    let own = strides.layer * architecture.layers + 4 * strides.width + 2 * strides.gateUp
    return tokens * own + predicted * strides.vocabulary
  }

  private func parts(_ rows: [TokenRow]) -> [Range<Int>] {
    let spans = RowPlan(rows, vocabulary: vocabulary).spans
    var parts: [Range<Int>] = []
    var start = 0
    var floats = 0
    for (index, span) in spans.enumerated() {
      let size = self.floats(tokens: span.tokens.count, predicted: span.predicted.count)
      if floats + size > activationLimit, index > start {
        parts.append(start..<index)
        start = index
        floats = 0
      }
      floats += size
    }
    parts.append(start..<rows.count)
    return parts
  }

  private func differentiatePart(
    _ rows: [TokenRow], objective: ([TokenScores]) -> [ScoreGradients]
  ) {
    let plan = RowPlan(rows, vocabulary: vocabulary)
    let pass = ForwardPass(self, plan)
    training.reserve(
      pass.strides, layers: architecture.layers, tokens: plan.tokens.count,
      predicted: plan.targets.count, logitRows: plan.targets.count)
    let workers = Parallel.workers(for: plan.chunks.count)
    prepareScratch(workers, plan, pass.strides)
    Parallel.run(plan.chunks.count, workers: workers) { index, worker in
      let chunk = plan.chunks[index]
      let first = chunk.predicted.lowerBound
      pass.run(
        chunk, store: training, scratch: scratch[worker], offset: chunk.tokens.lowerBound,
        predictedOffset: first)
      pass.score(chunk.predicted, store: training, row: first, logitRow: first)
    }
    let scores = plan.spans.map { span in
      TokenScores(
        logProbabilities: Array(
          UnsafeBufferPointer(start: training.logProbabilities, count: plan.targets.count)[
            span.predicted]),
        entropies: Array(
          UnsafeBufferPointer(start: training.entropies, count: plan.targets.count)[
            span.predicted]))
    }
    let gradients = objective(scores)
    precondition(gradients.count == rows.count, "an objective answers once for every row")
    guard !plan.tokens.isEmpty else { return }
    backwardBuffers.reserve(pass.strides, layout.attention, plan: plan, workers: workers)
    spread(gradients, plan)
    BackwardPass(pass, store: training, buffers: backwardBuffers).run()
  }

  /// Lays the objective's derivatives out by predicted token.
  private func spread(_ gradients: [ScoreGradients], _ plan: RowPlan) {
    let byLogProbability = backwardBuffers.scoreGradients.start
    let byEntropy = byLogProbability + plan.targets.count
    for (span, row) in zip(plan.spans, gradients) {
      let count = span.predicted.count
      precondition(
        row.logProbabilities.count == count
          && (row.entropies.isEmpty || row.entropies.count == count),
        "an objective gave \(row.logProbabilities.count) derivatives for \(count) tokens")
      for (offset, index) in span.predicted.enumerated() {
        byLogProbability[index] = row.logProbabilities[offset]
        byEntropy[index] = row.entropies.isEmpty ? 0 : row.entropies[offset]
      }
    }
  }
}
