import Learning
package import Trajectories

/// Turns what another program wrote into the events of a run, so that the screens show it as one.
///
/// No tokenizer is at hand: words stand for tokens. Steps are cut as the recipe cuts, the turns of
/// tools and of the environment each are a step, and what the file says of steps comes along.
package struct DumpEvents {
  private let recipe: Recipe
  /// What the training step that is being read comes to so far.
  private var open: StepTotals?
  /// Names that were given: files that tell no names of their own number from the start in each.
  private var names: Set<String> = []

  /// Events whose steps are cut as a recipe says.
  package init(recipe: Recipe = Recipe()) { self.recipe = recipe }

  /// Sums over the answers of a training step.
  private struct StepTotals {
    var step: Int
    var reward = Mean()
    var truncated = Mean()
    var length = Mean()

    mutating func add(_ dumped: DumpedTrajectory) {
      reward.add(dumped.reward)
      truncated.add(dumped.truncated.map { $0 ? 1 : 0 })
      length.add(dumped.responseTokens.map { Double($0.count) })
    }
  }

  /// A mean of what is known; not a number where nothing is.
  private struct Mean {
    private var sum = 0.0
    private var count = 0
    var value: Double { count == 0 ? .nan : sum / Double(count) }

    mutating func add(_ number: Double?) {
      guard let number else { return }
      sum += number
      count += 1
    }
  }

  /// The events of the next trajectory, and of the training step before it where that ends here.
  package mutating func events(of dumped: DumpedTrajectory, format: String) -> [RunEvent] {
    var events: [RunEvent] = []
    if let step = Self.step(of: dumped) {
      if let open, open.step != step { events += close() }
      open = open ?? StepTotals(step: step)
      open?.add(dumped)
    }
    let answer = trajectory(of: dumped, format: format)
    return events + [.sampled(answer)] + judgement(of: answer, dumped)
  }

  /// The events of what is still open at the end of the dump.
  package mutating func close() -> [RunEvent] {
    defer { open = nil }
    guard let open else { return [] }
    var metrics = Metrics()
    metrics.update = open.step
    metrics.reward = open.reward.value
    metrics.truncatedShare = open.truncated.value
    metrics.responseLength = open.length.value
    return [.updated(metrics)]
  }

  /// The training step, where the file tells one that can be.
  private static func step(of dumped: DumpedTrajectory) -> Int? {
    dumped.trainingStep.flatMap { (0...1_000_000_000).contains($0) ? $0 : nil }
  }

  private mutating func trajectory(of dumped: DumpedTrajectory, format: String) -> Trajectory {
    let steps = dumped.steps.isEmpty ? cut(dumped.segments) : given(dumped.steps)
    let place = "\(dumped.file):\(dumped.place.row)"
    let isNew = names.insert(dumped.id).inserted
    var answer = Trajectory(
      id: isNew ? dumped.id : "\(place)/\(dumped.place.part)", problem: dumped.problem,
      promptTokens: [], responseTokens: Array(repeating: 0, count: steps.last?.end ?? 0),
      logProbabilities: [], steps: steps, reward: dumped.reward ?? 0, chainCorrect: nil, seed: 0,
      policyVersion: Self.step(of: dumped) ?? 0, truncated: dumped.truncated ?? false)
    var numbers = Dictionary(
      dumped.rewardParts.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
    numbers["advantage"] = dumped.advantage
    answer.origin = TrajectoryOrigin(
      fidelity: dumped.fidelity, format: format, place: place, group: dumped.group,
      tokens: dumped.responseTokens?.count, numbers: numbers)
    return answer
  }

  /// Steps of the policy's turns as the recipe cuts them, of the others one a turn.
  private func cut(_ segments: [DumpedSegment]) -> [Step] {
    var steps: [Step] = []
    var start = 0
    for segment in segments {
      let words = Self.words(of: segment.text)
      let ranges =
        segment.carriesLoss
        ? Step.cut(pieces: words, as: recipe.steps) : words.isEmpty ? [] : [0..<words.count]
      for range in ranges {
        steps.append(
          Step(
            start: start + range.lowerBound, end: start + range.upperBound,
            text: words[range].joined(), note: Self.note(on: segment)))
      }
      start += words.count
    }
    return steps
  }

  private static func note(on segment: DumpedSegment) -> String {
    segment.carriesLoss ? "" : "written by the \(segment.role.rawValue); carries no loss"
  }

  private func given(_ steps: [DumpedStep]) -> [Step] {
    var start = 0
    return steps.map { step in
      let count = max(1, Self.words(of: step.text).count)
      defer { start += count }
      let verdict: StepVerdict? = step.rating.map { $0 < 0 ? .wrong : .right }
      return Step(start: start, end: start + count, text: step.text, verdict: verdict)
    }
  }

  /// A text in words, each with the blanks after it; joined they are the text.
  private static func words(of text: String) -> [String] {
    var words: [String] = []
    var isBlank = false
    for character in text {
      if words.isEmpty || (isBlank && !character.isWhitespace) { words.append("") }
      words[words.count - 1].append(character)
      isBlank = character.isWhitespace
    }
    return words
  }

  /// Values and the critical step, where the file tells what rollouts from every boundary came to.
  private func judgement(of answer: Trajectory, _ dumped: DumpedTrajectory) -> [RunEvent] {
    let counted = dumped.steps.compactMap { step in
      step.valueBefore.flatMap { value in
        step.rollouts.map { (sum: value * Double($0), rollouts: $0) }
      }
    }
    // Numbers that cannot be true are no values; a file may hold any.
    let areTrue = counted.allSatisfy { (sum, rollouts) in
      (1...1_000_000_000).contains(rollouts) && (0...Double(rollouts)).contains(sum)
    }
    guard areTrue, !counted.isEmpty, counted.count == answer.steps.count,
      (0...1).contains(answer.reward)
    else { return [] }
    let values = StepValues(
      trajectory: answer, policyVersion: answer.policyVersion, counted: counted)
    guard var choice = values.criticalStep(recipe) else { return [] }
    // Nobody here knows how the rollouts were shared out.
    choice.estimator = nil
    return [.valued(values.valuation()), .proposed(choice)]
  }
}
