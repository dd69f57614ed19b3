/// A person's change of where a trajectory is cut: one boundary more, or one less.
///
/// It holds all that follows from it, so that whoever reads a run needs no tokenizer.
public struct StepCut: Codable, Equatable, Sendable {
  /// The trajectory that is cut otherwise.
  public var trajectory: String
  /// Whether a boundary came or went.
  public var kind: StepCutKind
  /// The boundary: index of the token after it, within the response.
  public var token: Int
  /// First token of each step before the change.
  public var starts: [Int]
  /// The steps after the change; they cover the response exactly.
  public var steps: [Step]

  /// A cut with every field given.
  public init(
    trajectory: String, kind: StepCutKind, token: Int, starts: [Int], steps: [Step]
  ) {
    self.trajectory = trajectory
    self.kind = kind
    self.token = token
    self.starts = starts
    self.steps = steps
  }

  /// The step after the change that holds the first token of a step before it.
  public func place(of step: Int) -> Int {
    guard starts.indices.contains(step) else { return max(0, min(step, steps.count - 1)) }
    return steps.place(ofToken: starts[step])
  }

  /// Whether the steps cover a response of that many tokens exactly.
  public func covers(_ tokens: Int) -> Bool {
    guard steps.first?.start == 0, steps.last?.end == tokens else { return false }
    return steps.allSatisfy { $0.start < $0.end }
      && zip(steps, steps.dropFirst()).allSatisfy { $0.end == $1.start }
  }
}

/// What a person did to a boundary.
public enum StepCutKind: String, Codable, Equatable, Sendable {
  /// One step became two.
  case split
  /// Two steps became one.
  case joined
}

extension [Step] {
  /// The step that holds a token; the last where it lies beyond.
  public func place(ofToken token: Int) -> Int {
    Swift.max(0, lastIndex { $0.start <= token } ?? 0)
  }
}

extension Trajectory {
  /// The steps with one more boundary; the task has not looked at the two new ones yet.
  ///
  /// - Parameters:
  ///   - token: The first token of the second half, within the response.
  ///   - pieces: The text of each response token.
  /// - Returns: The steps; nil where the boundary is there already, or a half would have no text.
  public func steps(splitAt token: Int, pieces: [String]) -> [Step]? {
    guard let place = steps.firstIndex(where: { $0.start < token && token < $0.end }),
      pieces.count == responseTokens.count, !pieces[token - 1].isEmpty
    else { return nil }
    let whole = steps[place]
    let halves = [whole.start..<token, token..<whole.end].map { range in
      Step(start: range.lowerBound, end: range.upperBound, text: pieces[range].joined())
    }
    guard halves.allSatisfy({ !$0.text.isEmpty }) else { return nil }
    return Array(steps[..<place]) + halves + Array(steps[(place + 1)...])
  }

  /// The steps with one joined to the next; the task has not looked at it yet.
  ///
  /// - Returns: The steps; nil for the last step, which has no next.
  public func steps(joiningAfter step: Int) -> [Step]? {
    guard steps.indices.contains(step), steps.indices.contains(step + 1) else { return nil }
    let (first, second) = (steps[step], steps[step + 1])
    let whole = Step(start: first.start, end: second.end, text: first.text + second.text)
    return Array(steps[..<step]) + [whole] + Array(steps[(step + 2)...])
  }
}
