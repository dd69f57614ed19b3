import Trajectories

// The text beside the list of trajectories: problem, answer, what is known.
extension WorkbenchState {
  func trajectoryLines(columns: Int) -> [[Span]] {
    if let partialAnswer { return lines(of: partialAnswer, columns: columns) }
    guard let trajectory else { return [[Span("Nothing is selected.", .dim)]] }
    var lines: [[Span]] = []
    lines += paragraph(trajectory.problem.prompt, columns: columns, role: .heading)
    lines += answerLines(of: trajectory.problem, columns: columns)
    lines.append([rewardSpan(trajectory), Span("  "), chainSpan(trajectory)])
    lines.append(contentsOf: origin(of: trajectory, columns: columns))
    lines.append([])
    for (place, step) in trajectory.steps.enumerated() {
      var step = step
      step.text = shownText(of: place, in: trajectory)
      lines += stepLine(step, number: place + 1, columns: columns)
    }
    if trajectory.steps.isEmpty { lines.append([Span("The answer is empty.", .dim)]) }
    return lines
  }

  private func lines(of answer: PartialAnswer, columns: Int) -> [[Span]] {
    paragraph(answer.prompt, columns: columns, role: .heading)
      + [[Span("being answered, \(answer.tokens) tokens so far", .running)], []]
      + paragraph(answer.text, columns: columns, role: .text)
  }

  /// The right answer, or what stands in its place where nobody knows it.
  func answerLines(of problem: Problem, columns: Int) -> [[Span]] {
    let answer = oneLine(problem.reference)
    let words =
      answer.isEmpty && problem.isOwn
      ? "right answer not known"
      : problem.isAgreement
        ? "right answer not known; values say how often rollouts end on the same: \(answer)"
        : "right answer \(answer)"
    return paragraph(words, columns: columns, role: .dim)
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

  private func stepLine(_ step: Step, number: Int, columns: Int) -> [[Span]] {
    let label = aligned("\(number)", to: 3) + " "
    let note = isVeiled ? "" : words(for: step)
    var lines = paragraph(trimmed(step.text), columns: max(1, columns - 4), role: .text)
    // A word that does not fit behind the step stands below it.
    let last = lines.last?.reduce(0) { $0 + cellWidth($1.text) } ?? 0
    if !note.isEmpty, last + 2 + cellWidth(note) > columns - 4 { lines.append([]) }
    return lines.enumerated().map { place, spans in
      let end = place + 1 == lines.count && !note.isEmpty ? [Span("  " + note, noteRole(step))] : []
      return [Span(place == 0 ? label : "    ", .dim)] + spans + end
    }
  }

  /// What the task says of a step.
  func words(for step: Step) -> String {
    if !step.note.isEmpty { return inert(step.note) }
    switch step.verdict {
    case .wrong: return "is wrong"
    case .inherited: return "inherits an earlier slip"
    case .right, nil: return ""
    }
  }

  func noteRole(_ step: Step) -> Role {
    switch step.verdict {
    case .wrong: .wrong
    case .inherited: .dim
    case .right: .right
    case nil: .dim
    }
  }

  /// Untrusted text as lines of one role.
  func paragraph(_ text: String, columns: Int, role: Role) -> [[Span]] {
    wrapped(inert(trimmed(text), keepingNewlines: true), columns: columns).map { [Span($0, role)] }
  }

  /// The text without line ends about it, which most steps have.
  func trimmed(_ text: String) -> String {
    var text = text
    while let last = text.last, last.isNewline { text.removeLast() }
    while let first = text.first, first.isNewline { text.removeFirst() }
    return text
  }
}
