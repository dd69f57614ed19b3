import Trajectories

// The text beside the list of trajectories: problem, answer, what is known.
extension WorkbenchState {
  func trajectoryBlocks(columns: Int) -> [TextBlock] {
    if let partialAnswer { return blocks(of: partialAnswer) }
    guard let trajectory else { return [.lines([[Span("Nothing is selected.", .dim)]])] }
    let origin = origin(of: trajectory, columns: columns)
    let outcome = [[rewardSpan(trajectory), Span("  "), chainSpan(trajectory)]]
    let style = StepStyle(isVeiled: isVeiled, hidesEnd: !raw && !trajectory.truncated)
    return [
      .paragraph(trajectory.problem.prompt, .heading), answerBlock(of: trajectory.problem),
      .lines(outcome + origin + [[]]),
      trajectory.steps.isEmpty
        ? .lines([[Span("The answer is empty.", .dim)]]) : .steps(trajectory.steps, style),
    ]
  }

  private func blocks(of answer: PartialAnswer) -> [TextBlock] {
    [
      .paragraph(answer.prompt, .heading),
      .lines([[Span("being answered, \(answer.tokens) tokens so far", .running)], []]),
      .paragraph(answer.text, .text),
    ]
  }

  /// The right answer, or what stands in its place where nobody knows it.
  func answerBlock(of problem: Problem) -> TextBlock {
    let answer = oneLine(problem.reference.head(bytes: 20_000))
    let words =
      answer.isEmpty && problem.isOwn
      ? "right answer not known"
      : problem.isAgreement
        ? "right answer not known; values say how often rollouts end on the same: \(answer)"
        : "right answer \(answer)"
    return .paragraph(words, .dim)
  }

  private func origin(of trajectory: Trajectory, columns: Int) -> [[Span]] {
    var words = "\(trajectory.responseTokens.count) tokens, update \(trajectory.policyVersion)"
    words += ", seed \(trajectory.seed), \(trajectory.id)"
    if let fork = trajectory.forkedFrom {
      words += ", forked from \(number(of: fork.trajectory)) at step \(fork.step + 1)"
    }
    let cut =
      trajectory.truncated
      ? paragraph("cut off by the length limit", columns: columns, role: .warning) : []
    return paragraph(words, columns: columns, role: .dim) + cut
  }

  /// Untrusted text that is not long as lines of one role.
  func paragraph(_ text: String, columns: Int, role: Role) -> [[Span]] {
    var layout = ParagraphLayout(text, .init(columns: columns))
    var budget = 0
    var lines: [String] = []
    while !layout.isComplete { lines += layout.goOn(&budget) }
    return lines.map { [Span($0, role)] }
  }
}
