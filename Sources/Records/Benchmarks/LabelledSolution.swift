public import Trajectories

/// A solution whose first wrong step somebody named.
public struct LabelledSolution: Equatable, Sendable {
  /// The question; its reference is empty where the file does not say the right answer.
  public var problem: Problem
  /// The steps as the file has them.
  public var steps: [String]
  /// The first wrong step, from 0, whatever base the file counts from; nil where all are right.
  public var firstError: Int?
  /// Whether the final answer is right; nil where the file does not say.
  public var isFinalRight: Bool?

  /// What the file says of each step: right up to the error, wrong, then inherited.
  public var verdicts: [StepVerdict] {
    steps.indices.map { step in
      guard let firstError, step >= firstError else { return .right }
      return step == firstError ? .wrong : .inherited
    }
  }
}

/// The public sets of solutions with step labels.
public enum StepLabelKind: String, Codable, Sendable {
  /// Counts steps from 0; null is none.
  case bigBenchMistake = "BIG-Bench-Mistake"
  /// Counts steps from 0; −1 is none.
  case processBench = "ProcessBench"
  /// Counts steps from 1.
  case mrGSM8K = "MR-GSM8K"
  /// Counts steps from 1, as text; `N/A` is none, and a line of code stands for itself.
  case mrBen = "MR-Ben"
}

/// The solutions of a file, and its rows that are none.
public struct StepLabelSet: Equatable, Sendable {
  /// What the file is called.
  public var name: String
  /// Whose it is.
  public var kind: StepLabelKind
  /// The solutions, in the order of the file.
  public var solutions: [LabelledSolution]
  /// A sentence for each row that is missing something, with its file and line.
  public var oddRows: [String]
}
