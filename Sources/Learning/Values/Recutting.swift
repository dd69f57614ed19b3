public import Trajectories

extension ReasoningTask {
  /// Steps of which a person changed one boundary, with the task's word on the new ones.
  ///
  /// Steps whose tokens are the same keep what was said of them. Where a line was cut in two, which
  /// no task can read, the half that ends it keeps the verdict and the other has none.
  ///
  /// - Parameters:
  ///   - steps: The new steps, of which nothing was said yet.
  ///   - trajectory: The trajectory as it was cut before.
  /// - Returns: The steps with verdicts and notes.
  public func examine(recut steps: [Step], of trajectory: Trajectory) -> [Step] {
    let known = Dictionary(trajectory.steps.map { ($0.tokens, $0) }) { first, _ in first }
    let isReadable = steps.dropLast().allSatisfy { $0.text.hasSuffix("\n") }
    let problem = trajectory.problem
    let read = problem.isOwn || !isReadable ? steps : examine(steps, of: problem)
    return zip(steps, read).map { step, examined in
      if let known = known[step.tokens] { return known }
      guard !isReadable else { return examined }
      var step = step
      let whole = trajectory.steps.first { $0.end == step.end && $0.start < step.start }
      (step.verdict, step.note) = (whole?.verdict, whole?.note ?? "")
      return step
    }
  }
}
