import Foundation
public import Tensors

/// A decoder of the Llama family on the processor, in 32-bit floats.
///
/// It answers the three questions of `Policy`: `continuations` decodes with shared prefixes,
/// `score` runs forward, `differentiate` forward and back. The numbers of a token depend on the
/// tokens before it alone: not on its neighbours in a batch nor on the number of threads.
public final class Transformer: Policy {
  /// The shape.
  public let architecture: Architecture
  /// All weights of the model under their Hugging Face names, without an adapter's share.
  public let base: Parameters
  /// Small matrices that learn in place of the weights; nil where all weights learn.
  public let adapter: LowRankAdapter?
  /// What learns, and its gradients: the adapter's matrices, or all weights.
  public let parameters: Parameters
  /// The critic on the last hidden vectors; nil until one is added.
  ///
  /// Copies of the policy have none.
  public private(set) var valueHead: ValueHead?
  /// Number of token ids.
  public var vocabulary: Int { architecture.vocabulary }
  /// Most tokens of a sequence, prompt included.
  public var contextLength: Int { architecture.contextLength }

  /// Floats of activations held at a time; for a larger training batch some are computed again.
  public var activationLimit = 1 << 29
  /// Floats of logits that training keeps for the backward pass; those of more predicted tokens are
  /// computed again in blocks, which costs a model of 135 million weights about 1/15 of a step.
  public var logitLimit = 1 << 26

  let layout: TransformerLayout
  let pages: PagePool
  private var packed: [ProductPrecision: PackedWeights] = [:]
  private var current: Set<ProductPrecision> = []

  // Memory of the last call, used again by the next.
  let training = Activations()
  /// Called on the calling thread after every token of a batch with what the oldest rollout under way
  /// has by then; may end the call.
  public var watch: WorkProgress<[Token]>?
  private var backward: BackwardBuffers?
  private(set) lazy var adapterBuffers = LowRankBuffers()
  var scoring: [Activations] = []
  var scratch: [ForwardScratch] = []
  var workspaces: [DecodingWorkspace] = []

  /// Takes weights that are loaded already; they must have the architecture's names and shapes.
  ///
  /// With an adapter, `parameters` stay as they are, so several policies may share them.
  public init(
    architecture: Architecture, parameters: Parameters, adapter: LowRankAdapter? = nil
  ) {
    self.architecture = architecture
    base = parameters
    self.adapter = adapter
    self.parameters = adapter?.parameters ?? parameters
    layout = TransformerLayout(architecture, parameters)
    pages = PagePool(PageLayout(architecture))
  }

  /// Draws fresh weights.
  ///
  /// Matrices are normal with deviation 1 / √inputs, those that write to the residual stream (o and
  /// down) smaller by √(2 · layers); the embedding has deviation 0.02, norms are 1, biases 0.
  public convenience init(architecture: Architecture, seed: UInt64) {
    let parameters = Parameters(shapes: architecture.parameterShapes)
    for (index, slice) in parameters.slices.enumerated() {
      var normal = NormalStream(seed: Random.seed(seed, UInt64(index)))
      let deviation = architecture.initialDeviation(of: slice)
      for element in slice.range {
        parameters.weights[element] =
          deviation.map { $0 * normal.next() } ?? (slice.name.hasSuffix("bias") ? 0 : 1)
      }
    }
    self.init(architecture: architecture, parameters: parameters)
  }

  /// A policy with the same weights, free of this one; gradients are zero.
  ///
  /// Weights beneath an adapter, and those that lie as their file has them, never move and are shared;
  /// everything else is copied.
  public func copy() -> Transformer {
    guard let adapter else {
      let weights = base.isStored ? base : base.copy()
      return Transformer(architecture: architecture, parameters: weights)
    }
    return Transformer(architecture: architecture, parameters: base, adapter: adapter.copy())
  }

  /// The same model with weights that can learn: itself, unless they lie as their file has them.
  public func widened() -> Transformer {
    guard base.isStored, adapter == nil else { return self }
    return Transformer(architecture: architecture, parameters: base.copy())
  }

  /// The same model with other small matrices, or with none; the weights beneath are shared.
  public func adapted(by adapter: LowRankAdapter?) -> Transformer {
    Transformer(architecture: architecture, parameters: base, adapter: adapter)
  }

  /// Puts a new value head of zeros on the policy, in place of one it may have.
  public func addValueHead() -> ValueHead? {
    let head = ValueHead(width: architecture.width)
    valueHead = head
    return head
  }

  /// The weights as products use them.
  var merged: MergedWeights { MergedWeights(base: base, adapter: adapter) }

  /// All weights of the model with the adapter's share added, in memory of their own.
  public func mergedParameters() -> Parameters {
    let whole = base.copy()
    adapter?.merge(into: whole)
    return whole
  }

  /// Tells that the weights changed; the next question lays them out for products again.
  public func weightsChanged() { current = [] }

  /// The weights in panels, as they are since the last `weightsChanged()`.
  ///
  /// Memory for a precision is taken when it is first asked for.
  func currentWeights(_ precision: ProductPrecision = .float32) -> PackedWeights {
    let panels = packed[precision] ?? PackedWeights(architecture, layout, merged, precision)
    packed[precision] = panels
    if current.insert(precision).inserted { panels.pack(layout, merged) }
    return panels
  }

  /// Memory of the backward pass, made anew where another precision is asked for than before.
  func backwardBuffers(_ precision: ProductPrecision) -> BackwardBuffers {
    if let backward, backward.precision == precision { return backward }
    let buffers = BackwardBuffers(architecture, layout, precision)
    backward = buffers
    return buffers
  }

  /// Looks up the embedding of every token, (tokens, width); no adapter changes it.
  func embed(_ tokens: UnsafeBufferPointer<Token>, into y: Rows) {
    guard let matrix = base.matrix(layout.embedding) else {
      return Tensors.embed(
        tokens, table: base.start(layout.embedding), width: architecture.width, into: y)
    }
    for (row, token) in tokens.enumerated() {
      matrix.expand(Int(token)..<Int(token) + 1, into: y[row])
    }
  }
}

extension Architecture {
  /// Deviation of a fresh weight; nil where it starts at a constant.
  fileprivate func initialDeviation(of slice: ParameterSlice) -> Float? {
    guard slice.shape.count == 2 else { return nil }
    if slice.name.contains("embed_tokens") { return 0.02 }
    let deviation = 1 / Float(slice.shape[1]).squareRoot()
    let writes = slice.name.hasSuffix("o_proj.weight") || slice.name.hasSuffix("down_proj.weight")
    return writes ? deviation / Float(2 * layers).squareRoot() : deviation
  }
}

/// Normal numbers in pairs (Box & Muller 1958).
struct NormalStream {
  private var random: Random
  private var spare: Float?

  init(seed: UInt64) { random = Random(seed: seed) }

  mutating func next() -> Float {
    if let number = spare {
      spare = nil
      return number
    }
    // 1 − u lies in (0, 1], so that its logarithm is finite.
    let radius = (-2 * log(Double(1 - random.uniform()))).squareRoot()
    let angle = 2 * Double.pi * Double(random.uniform())
    spare = Float(radius * sin(angle))
    return Float(radius * cos(angle))
  }
}

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
              values[target] = head.value(of: store.hidden[row])
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
      pass.logits(store.hidden[row..<row + 1], into: store.logits[0..<1])
      return Array(UnsafeBufferPointer(start: store.logits.start, count: vocabulary))
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
    precondition(adapter != nil || !base.isStored, "weights as a file has them do not learn")
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
    buffers.reserve(pass.strides, layout, plan: plan, workers: pass.sharing.workers)
    spread(gradients, plan, over: temperature, into: buffers.scoreGradients.start)
    BackwardPass(pass, store: training, buffers: buffers).run()
  }

  /// What the forward pass left in `training` for the predicted tokens of one row.
  private func trainingScores(_ predicted: Range<Int>, _ pass: ForwardPass) -> TokenScores {
    func row(_ start: UnsafeMutablePointer<Float>) -> [Float] {
      Array(UnsafeBufferPointer(start: start + predicted.lowerBound, count: predicted.count))
    }
    let values = valueHead.map { head in
      predicted.map { head.value(of: training.hidden[$0]) }
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
