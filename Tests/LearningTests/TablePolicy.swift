import Foundation
import LanguageModel
import Tensors

/// A policy whose logits stand in a table, one row a state, or come from a function.
///
/// With a table it really learns: the weights are the logits. With a function it cannot.
final class TablePolicy: Policy {
  let vocabulary: Int
  let contextLength: Int
  let parameters: Parameters
  /// Requests, rollouts and tokens answered so far.
  private(set) var requests = 0
  private(set) var rollouts = 0
  private(set) var tokensDrawn = 0
  private(set) var timesToldOfChange = 0
  private let source: Source
  private(set) var valueHead: ValueHead?

  private enum Source {
    case table(([Token]) -> Int)
    case function(([Token]) -> [Float])
  }

  /// A trainable table of zeros, (states, vocabulary); `state` says which row follows a prefix.
  init(
    vocabulary: Int, states: Int, contextLength: Int = 512, state: @escaping ([Token]) -> Int
  ) {
    self.vocabulary = vocabulary
    self.contextLength = contextLength
    parameters = Parameters(shapes: [("table", [states, vocabulary])])
    source = .table(state)
  }

  /// A trainable table in which the last token decides.
  convenience init(bigrams vocabulary: Int) {
    self.init(vocabulary: vocabulary, states: vocabulary) { Int($0.last ?? 0) }
  }

  /// Logits from a function of the prefix; nothing to train.
  init(
    vocabulary: Int, contextLength: Int = 512, logits: @escaping ([Token]) -> [Float]
  ) {
    self.vocabulary = vocabulary
    self.contextLength = contextLength
    parameters = Parameters(shapes: [("nothing", [1])])
    source = .function(logits)
  }

  /// The logit of a token in a state of the table.
  subscript(state: Int, token: Int) -> Float {
    get { parameters.weights[state * vocabulary + token] }
    set { parameters.weights[state * vocabulary + token] = newValue }
  }

  /// A critic of its own for every state of the table; it shares nothing with the policy.
  func addValueHead() -> ValueHead? {
    guard case .table = source else { return nil }
    valueHead = ValueHead(width: parameters.slices[0].shape[0])
    return valueHead
  }

  /// What the critic sees: which state it is.
  private func hidden(after prefix: [Token]) -> [Float] {
    guard case .table(let state) = source else { return [] }
    let now = state(prefix)
    return (0..<parameters.slices[0].shape[0]).map { $0 == now ? 1 : 0 }
  }

  func continuations(
    of requests: [RolloutRequest], sampling: Sampling, endTokens: Set<Token>,
    progress: WorkProgress<RolloutReport>
  ) throws(Stopped) -> [[Continuation]] {
    self.requests += requests.count
    var answer: [[Continuation]] = requests.map { _ in [] }
    let total = requests.reduce(0) { $0 + $1.seeds.count }
    var finished = 0
    for (index, request) in requests.enumerated() {
      for (rollout, seed) in request.seeds.enumerated() {
        let drawn = draw(request, seed: seed, sampling: sampling, endTokens: endTokens)
        answer[index].append(drawn)
        finished += 1
        rollouts += 1
        tokensDrawn += drawn.tokens.count
        try progress(
          RolloutReport(
            request: index, rollout: rollout, continuation: drawn, finished: finished, total: total)
        )
      }
    }
    return answer
  }

  func score(_ rows: [TokenRow], temperature: Float) -> [TokenScores] {
    rows.map { row in
      var scores = TokenScores(logProbabilities: [], entropies: [])
      for index in row.firstPredicted..<max(row.firstPredicted, row.tokens.count) {
        let logs = logSoftmax(logits(after: Array(row.tokens[..<index])).map { $0 / temperature })
        scores.logProbabilities.append(Float(logs[Int(row.tokens[index])]))
        scores.entropies.append(Float(-logs.reduce(0) { $0 + exp($1) * $1 }))
        if let valueHead {
          scores.values.append(valueHead.value(of: hidden(after: Array(row.tokens[..<index]))))
        }
      }
      return scores
    }
  }

  func differentiate(
    _ rows: [TokenRow], precision: ProductPrecision, temperature: Float,
    objective: ([TokenScores]) -> [ScoreGradients]
  ) {
    let gradients = objective(score(rows, temperature: temperature))
    guard case .table(let state) = source else { return }
    for (row, gradient) in zip(rows, gradients) {
      for (offset, byLog) in gradient.logProbabilities.enumerated() {
        let index = row.firstPredicted + offset
        let byEntropy = gradient.entropies.isEmpty ? 0 : Double(gradient.entropies[offset])
        let prefix = Array(row.tokens[..<index])
        if let valueHead, !gradient.values.isEmpty {
          valueHead.addGradient(gradient.values[offset], of: hidden(after: prefix))
        }
        let logs = logSoftmax(logits(after: prefix).map { $0 / temperature })
        let entropy = -logs.reduce(0) { $0 + exp($1) * $1 }
        let start = state(prefix) * vocabulary
        for token in 0..<vocabulary {
          let p = exp(logs[token])
          let chosen = token == Int(row.tokens[index]) ? 1.0 : 0
          let slope = Double(byLog) * (chosen - p) - byEntropy * p * (logs[token] + entropy)
          parameters.gradients[start + token] += Float(slope) / temperature
        }
      }
    }
  }

  func weightsChanged() { timesToldOfChange += 1 }

  private func draw(
    _ request: RolloutRequest, seed: UInt64, sampling: Sampling, endTokens: Set<Token>
  ) -> Continuation {
    var random = Random(seed: seed)
    var drawn = Continuation(tokens: [], logProbabilities: [], truncated: true, seed: seed)
    while drawn.tokens.count < request.limit {
      let logits = logits(after: request.prefix + drawn.tokens)
      let (token, log) = pick(logits, temperature: sampling.temperature, random: &random)
      drawn.tokens.append(token)
      drawn.logProbabilities.append(log)
      if endTokens.contains(token) {
        drawn.truncated = false
        break
      }
    }
    return drawn
  }

  private func pick(
    _ logits: [Float], temperature: Float, random: inout Random
  ) -> (Token, Float) {
    guard temperature > 0 else {
      let best = logits.indices.reduce(0) { logits[$1] > logits[$0] ? $1 : $0 }
      return (Token(best), 0)
    }
    let logs = logSoftmax(logits.map { $0 / temperature })
    let target = Double(random.uniform())
    var sum = 0.0
    for (token, log) in logs.enumerated() {
      sum += exp(log)
      if target < sum { return (Token(token), Float(log)) }
    }
    let likeliest = logs.indices.reduce(0) { logs[$1] > logs[$0] ? $1 : $0 }
    return (Token(likeliest), Float(logs[likeliest]))
  }

  private func logits(after prefix: [Token]) -> [Float] {
    switch source {
    case .function(let logits): return logits(prefix)
    case .table(let state):
      let start = state(prefix) * vocabulary
      return Array(parameters.weights[start..<start + vocabulary])
    }
  }

  private func logSoftmax(_ logits: [Float]) -> [Double] {
    let top = Double(logits.max() ?? 0)
    let sum = logits.reduce(0) { $0 + exp(Double($1) - top) }
    return logits.map { Double($0) - top - log(sum) }
  }
}
