import Tensors

extension Transformer {
  /// Log-probability and entropy of every predicted token of each row, at a temperature above 0.
  ///
  /// Rows stand alone, from position 0; nothing is padded.
  public func score(_ rows: [TokenRow], temperature: Float) -> [TokenScores] {
    let plan = RowPlan(rows, vocabulary: vocabulary)
    let pass = ForwardPass(self, plan, temperature: temperature)
    prepareScoring(pass)
    var logProbabilities = [Float](repeating: 0, count: plan.targets.count)
    var entropies = logProbabilities
    var values = valueHead == nil ? [] : entropies
    logProbabilities.withUnsafeMutableBufferPointer { logProbabilities in
      entropies.withUnsafeMutableBufferPointer { entropies in
        values.withUnsafeMutableBufferPointer { values in
          Parallel.run(plan.chunks.count, workers: pass.sharing.chunks) { index, worker in
            let chunk = plan.chunks[index]
            let store = scoring[worker]
            pass.run(chunk, store: store, scratch: scratch[worker], offset: 0, predictedOffset: 0)
            pass.score(chunk, store: store, row: 0) { $1 * Head.scoredRows }
            for row in 0..<chunk.predicted.count {
              let target = chunk.predicted.lowerBound + row
              logProbabilities[target] = store.logProbabilities[row]
              entropies[target] = store.entropies[row]
              guard let head = valueHead else { continue }
              values[target] = head.value(of: store.hidden + row * pass.strides.width)
            }
          }
        }
      }
    }
    return plan.spans.map { span in
      TokenScores(
        logProbabilities: Array(logProbabilities[span.predicted]),
        entropies: Array(entropies[span.predicted]),
        values: valueHead == nil ? [] : Array(values[span.predicted]))
    }
  }

  /// The logits after every token of one sequence, (tokens, vocabulary).
  public func logits(_ tokens: [Token]) -> [[Float]] {
    guard !tokens.isEmpty else { return [] }
    let plan = RowPlan(whole: tokens, vocabulary: vocabulary)
    let pass = ForwardPass(self, plan)
    prepareScoring(pass)
    let store = scoring[0]
    pass.run(plan.chunks[0], store: store, scratch: scratch[0], offset: 0, predictedOffset: 0)
    return tokens.indices.map { row in
      pass.logits(row..<row + 1, store: store, row: row, logitRow: 0)
      return Array(UnsafeBufferPointer(start: store.logits, count: vocabulary))
    }
  }

  /// Gives every chunk at work room.
  private func prepareScoring(_ pass: ForwardPass) {
    let plan = pass.plan
    while scoring.count < pass.sharing.chunks { scoring.append(Activations()) }
    for store in scoring.prefix(pass.sharing.chunks) {
      store.reserve(
        pass.strides, layers: nil, gateUps: 0, tokens: plan.largestChunk,
        predicted: plan.largestPrediction, logitRows: pass.sharing.within * Head.scoredRows)
    }
    prepareScratch(pass)
  }

  /// Gives every chunk at work room for what nobody reads afterwards.
  func prepareScratch(_ pass: ForwardPass) {
    while scratch.count < pass.sharing.chunks { scratch.append(ForwardScratch()) }
    for buffer in scratch.prefix(pass.sharing.chunks) {
      buffer.reserve(
        pass.strides, layout.attention, plan: pass.plan, within: pass.sharing.within)
    }
  }
}
