import Learning
package import Trajectories

/// Turns what another program wrote into the events of a run, so that the screens show it as one.
///
/// No tokenizer is at hand: words stand for tokens. Steps are cut as the recipe cuts, the turns of
/// tools and of the environment each are a step, and what the file says of steps comes along.
package struct DumpEvents {
  private let recipe: Recipe
  /// The rewards of the training step that is being read.
  private var open: (step: Int, answers: [DumpedTrajectory])?

  /// Events whose steps are cut as a recipe says.
  package init(recipe: Recipe = Recipe()) { self.recipe = recipe }

  /// The events of the next trajectory, and of the training step before it where that ends here.
  package mutating func events(of dumped: DumpedTrajectory, format: String) -> [RunEvent] {
    var events: [RunEvent] = []
    if let step = dumped.trainingStep {
      if let open, open.step != step { events += close() }
      open = (step, (open?.answers ?? []) + [dumped])
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
    let rewards = open.answers.compactMap(\.reward)
    metrics.reward = mean(rewards) ?? 0
    metrics.truncatedShare = mean(open.answers.compactMap(\.truncated).map { $0 ? 1 : 0 }) ?? 0
    metrics.responseLength =
      mean(open.answers.compactMap { $0.responseTokens.map { Double($0.count) } }) ?? 0
    return [.updated(metrics)]
  }

  private func mean(_ numbers: [Double]) -> Double? {
    numbers.isEmpty ? nil : numbers.reduce(0, +) / Double(numbers.count)
  }

  private func trajectory(of dumped: DumpedTrajectory, format: String) -> Trajectory {
    let steps = dumped.steps.isEmpty ? cut(dumped.segments) : given(dumped.steps)
    let words = steps.last?.end ?? 0
    var problem = Problem(
      id: dumped.group ?? dumped.id, task: Problem.fileTask, prompt: dumped.prompt,
      reference: dumped.reference ?? "", guessChance: 0)
    problem.grading = nil
    var answer = Trajectory(
      id: dumped.id, problem: problem, promptTokens: [],
      responseTokens: Array(repeating: 0, count: words), logProbabilities: [], steps: steps,
      reward: dumped.reward ?? 0, chainCorrect: nil, seed: 0,
      policyVersion: dumped.trainingStep ?? 0, truncated: dumped.truncated ?? false)
    var numbers = Dictionary(
      dumped.rewardParts.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
    numbers["advantage"] = dumped.advantage
    answer.origin = TrajectoryOrigin(
      fidelity: dumped.fidelity, format: format, place: "\(dumped.file):\(dumped.place.row)",
      group: dumped.group, tokens: dumped.responseTokens?.count, numbers: numbers)
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
    guard !counted.isEmpty, counted.count == answer.steps.count else { return [] }
    let values = StepValues(
      trajectory: answer, policyVersion: answer.policyVersion, counted: counted)
    guard var choice = values.criticalStep(recipe) else { return [] }
    // Nobody here knows how the rollouts were shared out.
    choice.estimator = nil
    return [.valued(values.valuation()), .proposed(choice)]
  }
}
