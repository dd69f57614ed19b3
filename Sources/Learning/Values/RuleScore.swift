public import Trajectories

extension Rule {
  /// What the rule makes as large as possible at a step; 0 for rules that do not look at values.
  ///
  /// - Parameters:
  ///   - values: One for each boundary, the end included.
  ///   - step: The step.
  /// - Returns: The score.
  public func score(_ values: [Double], _ step: Int) -> Double {
    let advantage = values[step + 1] - values[step]
    return switch self {
    case .paperAbsolute, .binarySearch: abs(advantage)
    case .paperSigned: advantage
    case .largestDrop: -advantage
    case .prefixArgmax: values[step]
    case .random, .restart, .entropy, .selfLocalised: 0
    }
  }

  /// Whether the rule looks at values at all.
  public var looksAtValues: Bool {
    switch self {
    case .paperAbsolute, .paperSigned, .largestDrop, .prefixArgmax, .binarySearch: true
    case .random, .restart, .entropy, .selfLocalised: false
    }
  }

  /// The step the rule looks for; the earliest wins ties, nil where there is no candidate.
  func best(of values: [Double], among candidates: [Int]) -> Int? {
    if self == .binarySearch, candidates.count == values.count - 1 { return Rule.bisect(values) }
    guard var best = candidates.first else { return nil }
    for step in candidates.dropFirst() where score(values, step) > score(values, best) {
      best = step
    }
    return best
  }

  /// Halves the boundaries and follows the half in which the value changes more, the first on ties.
  ///
  /// This finds the largest change for certain only where values are monotone.
  static func bisect(_ values: [Double]) -> Int {
    var (low, high) = (0, values.count - 1)
    while high - low > 1 {
      let middle = (low + high) / 2
      let first = abs(values[middle] - values[low])
      let second = abs(values[high] - values[middle])
      if first >= second { high = middle } else { low = middle }
    }
    return low
  }
}

extension StepValues {
  /// The steps a rule may choose: those between valued boundaries, all where nothing is valued.
  func candidates(_ rule: Rule) -> [Int] {
    let all = Array(0..<steps)
    let valued = all.filter { isKnown($0) && (rule == .prefixArgmax || isKnown($0 + 1)) }
    return valued.isEmpty ? all : valued
  }
}
