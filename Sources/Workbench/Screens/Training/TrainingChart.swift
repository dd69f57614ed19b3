import Trajectories

/// The charts of the Training screen, the most telling first.
enum TrainingChart: CaseIterable {
  case reward, accuracy, loss, divergence, entropy, gradient
  case length, steps, truncation
  case clipping, speed, resets, buffer, purity, tokens, rate
  case explained, valueLoss, reuse

  /// What answers tell by themselves, where another trainer wrote them and nothing beside them.
  static let ofDump: [TrainingChart] = [.reward, .length, .truncation]

  /// The chart of a run so far.
  func chart(of history: RunHistory) -> Chart {
    var chart = Chart(title: title, curves: curves(of: history), format: format)
    if format == .share, !isFitted { chart.range = 0...1 }
    if self == .accuracy { chart.reference = history.untrained?.sampled }
    return chart
  }

  /// All kinds, the most telling first; a critic's before the gradient's, where there is one.
  static func ordered(hasCritic: Bool) -> [TrainingChart] {
    guard hasCritic, let place = allCases.firstIndex(of: .gradient) else { return allCases }
    let critic: [TrainingChart] = [.explained, .valueLoss]
    let others = allCases.filter { !critic.contains($0) }
    return Array(others.prefix(place)) + critic + others.dropFirst(place)
  }

  /// What it is about.
  var title: String {
    switch self {
    case .reward: "reward"
    case .accuracy: "accuracy"
    case .loss: "loss"
    case .divergence: "KL"
    case .entropy: "entropy"
    case .gradient: "gradient norm"
    case .clipping: "clip ratio"
    case .speed: "tokens/s"
    case .resets: "share of resets"
    case .buffer: "buffer"
    case .purity: "purity"
    case .tokens: "tokens"
    case .length: "response length"
    case .steps: "steps an answer"
    case .truncation: "cut off by length"
    case .rate: "learning rate"
    case .explained: "explained variance"
    case .valueLoss: "value loss"
    case .reuse: "buffer age, reuse"
    }
  }

  /// Whether a share is drawn as large as its values, since they are small or below zero.
  private var isFitted: Bool { [.clipping, .truncation, .explained].contains(self) }

  private var format: ValueFormat {
    switch self {
    case .reward, .accuracy, .clipping, .truncation, .resets, .purity, .explained: .share
    case .speed, .buffer, .tokens: .count
    case .loss, .divergence, .entropy, .gradient, .length, .steps, .rate: .measure
    case .valueLoss, .reuse: .measure
    }
  }

  private func curves(of history: RunHistory) -> [Curve] {
    let it = history.metrics
    switch self {
    case .reward:
      return [
        .of(it, "prompt", .curve1) { Self.told($0.reward) },
        .of(it, "reset", .curve2, \.resetReward),
      ]
    case .accuracy: return accuracies(of: history.evaluations)
    case .loss: return [.of(it, title, .curve1, \.loss)]
    case .divergence:
      let kl = Curve.of(it, title, .curve1, \.kl)
      guard it.contains(where: { $0.samplerKL != nil }) else { return [kl] }
      return [kl, .of(it, "sampler", .curve2, \.samplerKL)]
    case .entropy: return [.of(it, title, .curve1, \.entropy)]
    case .gradient: return [.of(it, title, .curve1, \.gradientNorm)]
    case .clipping: return [.of(it, title, .curve1, \.clipRatio)]
    case .speed: return [.of(it, title, .curve1, \.tokensPerSecond)]
    case .resets: return [.of(it, title, .curve2, \.resetShare)]
    case .buffer:
      return [
        .of(it, "size", .curve1) { Double($0.bufferSize) },
        .of(it, "marked", .curve2) { Double($0.bufferMarked) },
      ]
    case .purity:
      return [
        .of(it, "buffer", .curve1, \.bufferPurity), .of(it, "chain", .curve3, \.chainAccuracy),
      ]
    case .tokens:
      return [
        .of(it, "training", .curve1) { Double($0.trainingTokens) },
        .of(it, "estimation", .curve2) { Double($0.estimationTokens) },
      ]
    case .length: return [.of(it, title, .curve1) { Self.told($0.responseLength) }]
    case .steps: return [.of(it, title, .curve1, \.stepsPerAnswer)]
    case .truncation:
      let isCut = it.last.map { $0.truncatedShare > 0 } ?? false
      return [.of(it, title, isCut ? .warning : .curve1) { Self.told($0.truncatedShare) }]
    case .rate: return [.of(it, title, .curve1, \.learningRate)]
    case .explained: return [.of(it, title, .curve1, \.explainedVariance)]
    case .valueLoss: return [.of(it, title, .curve1, \.valueLoss)]
    case .reuse:
      return [.of(it, "updates", .curve1, \.bufferAge), .of(it, "draws", .curve2, \.bufferReuse)]
    }
  }

  /// A number; nil where the file of another trainer has none.
  private static func told(_ value: Double) -> Double? { value.isNaN ? nil : value }

  private func accuracies(of results: [EvaluationResult]) -> [Curve] {
    var curves = [
      Curve(
        name: "sampled", role: .curve1,
        points: results.map {
          CurvePoint(x: Double($0.policyVersion), y: $0.sampled, error: $0.sampledError)
        }),
      Curve(
        name: "greedy", role: .curve2,
        points: results.map { CurvePoint(x: Double($0.policyVersion), y: $0.greedy) }),
    ]
    if results.contains(where: { $0.sampledChain != nil }) {
      curves.append(
        Curve(
          name: "chain", role: .curve3,
          points: results.map { CurvePoint(x: Double($0.policyVersion), y: $0.sampledChain) }))
    }
    return curves
  }
}

extension Curve {
  fileprivate static func of(
    _ metrics: [Metrics], _ name: String, _ role: Role, _ value: (Metrics) -> Double?
  ) -> Curve {
    Curve(
      name: name, role: role,
      points: metrics.map { CurvePoint(x: Double($0.update), y: value($0)) })
  }
}

extension RunHistory {
  /// Held-out accuracy before the first update; nil where it was not measured.
  var untrained: EvaluationResult? { evaluations.first { $0.policyVersion == 0 } }

  /// The newest accuracy of a version of the policy.
  func evaluation(of version: Int) -> EvaluationResult? {
    evaluations.last { $0.policyVersion == version }
  }

  /// Trajectories on which a person's choice stands: marked or confirmed.
  var standingMarks: Int {
    Set(marks.map(\.trajectory)).count { id in
      mark(of: id).map { $0.kind == .marked || $0.kind == .confirmed } ?? false
    }
  }
}
