import Tensors

extension Transformer {
  /// Rows of logits that scoring holds at a time.
  private static let logitRows = 64

  /// Log-probability and entropy of every predicted token of each row.
  ///
  /// Rows stand alone, from position 0; nothing is padded.
  public func score(_ rows: [TokenRow]) -> [TokenScores] {
    let plan = RowPlan(rows, vocabulary: vocabulary)
    let pass = ForwardPass(self, plan)
    let workers = prepareScoring(plan, pass.strides)
    var logProbabilities = [Float](repeating: 0, count: plan.targets.count)
    var entropies = logProbabilities
    logProbabilities.withUnsafeMutableBufferPointer { logProbabilities in
      entropies.withUnsafeMutableBufferPointer { entropies in
        Parallel.run(plan.chunks.count, workers: workers) { index, worker in
          let chunk = plan.chunks[index]
          let store = scoring[worker]
          pass.run(chunk, store: store, scratch: scratch[worker], offset: 0, predictedOffset: 0)
          for start in stride(from: 0, to: chunk.predicted.count, by: Transformer.logitRows) {
            let count = min(Transformer.logitRows, chunk.predicted.count - start)
            let first = chunk.predicted.lowerBound + start
            pass.score(first..<first + count, store: store, row: start, logitRow: 0)
          }
          for row in 0..<chunk.predicted.count {
            logProbabilities[chunk.predicted.lowerBound + row] = store.logProbabilities[row]
            entropies[chunk.predicted.lowerBound + row] = store.entropies[row]
          }
        }
      }
    }
    return plan.spans.map { span in
      TokenScores(
        logProbabilities: Array(logProbabilities[span.predicted]),
        entropies: Array(entropies[span.predicted]))
    }
  }

  /// The logits after every token of one sequence, (tokens, vocabulary).
  public func logits(_ tokens: [Token]) -> [[Float]] {
    guard !tokens.isEmpty else { return [] }
    let plan = RowPlan(whole: tokens, vocabulary: vocabulary)
    let pass = ForwardPass(self, plan)
    _ = prepareScoring(plan, pass.strides)
    let store = scoring[0]
    pass.run(plan.chunks[0], store: store, scratch: scratch[0], offset: 0, predictedOffset: 0)
    return tokens.indices.map { row in
      pass.score(row..<row + 1, store: store, row: row, logitRow: 0)
      return Array(UnsafeBufferPointer(start: store.logits, count: vocabulary))
    }
  }

  /// Gives every worker room; returns how many there are.
  private func prepareScoring(_ plan: RowPlan, _ strides: Activations.Strides) -> Int {
    let workers = Parallel.workers(for: plan.chunks.count)
    while scoring.count < workers { scoring.append(Activations()) }
    for store in scoring.prefix(workers) {
      store.reserve(
        strides, layers: nil, tokens: plan.largestChunk, predicted: plan.largestPrediction,
        logitRows: min(Transformer.logitRows, plan.largestPrediction))
    }
    prepareScratch(workers, plan, strides)
    return workers
  }

  /// Gives every worker room for the plan's chunks.
  func prepareScratch(_ workers: Int, _ plan: RowPlan, _ strides: Activations.Strides) {
    while scratch.count < workers { scratch.append(ForwardScratch()) }
    for buffer in scratch.prefix(workers) {
      buffer.reserve(strides, layout.attention, plan: plan)
    }
  }
}
