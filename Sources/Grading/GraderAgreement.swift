/// How often a grader agrees with verdicts that others gave.
///
/// Misses and false accepts count against the third judge where there is one, else against the
/// verdict.
public struct GraderAgreement: Codable, Equatable, Sendable {
  /// Answers that were judged.
  public private(set) var rows = 0
  /// Rows where the grader says what the verdict says.
  public private(set) var agreeing = 0
  /// Right, and refused by the grader.
  public private(set) var missed = 0
  /// Wrong, and accepted by the grader.
  public private(set) var acceptedWrongly = 0
  /// Right by the third judge, and refused by the verdict.
  public private(set) var verdictMissed = 0
  /// Wrong by the third judge, and accepted by the verdict.
  public private(set) var verdictAcceptedWrongly = 0
  /// Rows that the grader and the verdict judge differently and the third judge leaves open.
  public private(set) var open = 0
  /// Rows without a verdict.
  public private(set) var notCompared = 0

  /// No answer yet.
  public init() {}

  /// Whether two scores, 0…1, are the same: scores in parts agree to nine digits.
  public static func agree(_ score: Double, _ verdict: Double) -> Bool {
    abs(score - verdict) < 1e-9
  }

  /// Adds an answer.
  ///
  /// - Parameters:
  ///   - score: The grader's score, 0…1.
  ///   - verdict: The verdict as a score; nil where there is none.
  ///   - truth: What a third judge says; nil where nobody did.
  ///   - isJudged: Whether a third judge looked at all; what he does not decide is then open.
  public mutating func add(_ score: Double, verdict: Double?, truth: Bool?, isJudged: Bool) {
    rows += 1
    guard let verdict else {
      notCompared += 1
      return
    }
    let agrees = Self.agree(score, verdict)
    agreeing += agrees ? 1 : 0
    if let isRight = truth {
      let truth: Double = isRight ? 1 : 0
      missed += score < truth ? 1 : 0
      acceptedWrongly += score > truth ? 1 : 0
      verdictMissed += verdict < truth ? 1 : 0
      verdictAcceptedWrongly += verdict > truth ? 1 : 0
    } else if !agrees {
      open += isJudged ? 1 : 0
      missed += !isJudged && score < verdict ? 1 : 0
      acceptedWrongly += !isJudged && score > verdict ? 1 : 0
    }
  }
}
