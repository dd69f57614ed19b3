/// A person's choice of the critical step of one trajectory, for comparison with a rule or with
/// others; unlike a mark it changes nothing in training.
public struct StepLabel: Codable, Equatable, Sendable {
  /// Who chose.
  public var person: String
  /// The trajectory that was judged.
  public var trajectory: String
  /// The chosen step; nil where the person holds none to be critical.
  public var step: Int?
  /// First token of each step that could be chosen.
  public var starts: [Int]
  /// Whether values, proposals, verdicts and the words of others were hidden until then.
  public var blind: Bool
  /// Seconds the trajectory was before the person; nil where nobody measured.
  public var seconds: Double?
  /// A rating of each step, −1 bad, 0 neutral, 1 good, nil unrated; empty where no step was rated.
  public var ratings: [Int?]
  /// Why the person stopped, in the words of PRM800K; nil where nobody asked.
  public var finish: LabelFinish?

  /// A label with every field given.
  public init(
    person: String, trajectory: String, step: Int?, starts: [Int], blind: Bool,
    seconds: Double? = nil, ratings: [Int?] = [], finish: LabelFinish? = nil
  ) {
    self.person = person
    self.trajectory = trajectory
    self.step = step
    self.starts = starts
    self.blind = blind
    self.seconds = seconds
    self.ratings = ratings
    self.finish = finish
  }

  /// The chosen step as the trajectory is cut now; nil where none was chosen.
  public func step(in steps: [Step]) -> Int? {
    guard let step else { return nil }
    return starts.indices.contains(step) ? steps.place(ofToken: starts[step]) : step
  }
}

/// Why a person stopped rating a solution (PRM800K's `finish_reason`).
public enum LabelFinish: String, Codable, CaseIterable, Equatable, Sendable {
  /// The solution came to its end.
  case solution
  /// A wrong step was found; what follows it was not rated.
  case foundError = "found_error"
  /// The problem itself is bad.
  case badProblem = "bad_problem"
  /// The person could not tell.
  case giveUp = "give_up"
}
