/// What kind of step one is, so that agreement can be told kind by kind.
public enum StepKind: String, Codable, CaseIterable, Equatable, Sendable {
  /// A line of a chain that multiplies.
  case hard
  /// A line of a chain that adds or subtracts.
  case easy
  /// The line of a chain that gives the answer.
  case answer
  /// In the first third of the steps.
  case first
  /// In the middle third.
  case middle
  /// In the last third.
  case last
}

extension Trajectory {
  /// What kind of step one is: by its lines in a chain, by its place elsewhere.
  ///
  /// A step of several lines counts as hard where one of them multiplies.
  public func kind(of step: Int) -> StepKind {
    guard problem.task == TaskName.chains.rawValue, steps.indices.contains(step) else {
      let third = step * 3 / max(1, steps.count)
      return [.first, .middle, .last][min(max(0, third), 2)]
    }
    let lines = steps[step].text.split(whereSeparator: \.isNewline).map { line in
      line.first { $0 != " " }
    }
    if lines.contains("*") { return .hard }
    return lines.contains("#") ? .answer : .easy
  }
}
