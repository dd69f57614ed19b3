import Foundation
import Grading
import LanguageModel
import Trajectories

/// The judge's word on responses and on their steps, those that the length limit cut off included.
///
/// Whoever was cut off has not said where it would have ended: a number in its last line is a step
/// on the way, and an answer by luck. So unless the recipe lets it stand (`TruncatedReward`), such a
/// response is judged only if it holds a complete answer:
///
/// - a box that is closed: `\boxed{42}`;
/// - `<answer>42</answer>`, or a JSON object with an `answer`, that is closed;
/// - an answer line that is ended by a line break: `#### 42`, `Answer: 42`, `The answer is 42`; the
///   last two by the end of their sentence too (a full stop and white space, since `42.` may become
///   `42.5`);
/// - what a task says of its own form (`ReasoningTask.hasAnswered`): the lines of chains and
///   countdowns end on `$`, sums end on their end token.
///
/// Anything else, and all that stands in a `<think>` that was not closed, earns 0.
struct ResponseJudge {
  /// Judges what it drew, and problems of one's own where it says so.
  let task: any ReasoningTask
  /// Tokens to text.
  let codec: any TextCodec
  /// What a response that was cut off earns.
  let truncated: TruncatedReward
  /// How a response is cut into steps.
  var cutting = StepChoice()

  /// The word on a prefix and what was written after it.
  func callAsFunction(_ prefix: Prefix, _ continuation: Continuation) -> Judgement {
    self(prefix.kept + continuation.tokens, isTruncated: continuation.truncated, to: prefix.problem)
  }

  /// The word on a whole response: the task's, or for a problem of one's own whether it ends on the
  /// reference.
  ///
  /// - Parameters:
  ///   - response: The tokens after the prompt, what a reset kept included.
  ///   - isTruncated: Whether the limit ended it.
  ///   - problem: What was asked.
  /// - Returns: The word; without one on the steps where nothing was judged.
  func callAsFunction(_ response: [Token], isTruncated: Bool, to problem: Problem) -> Judgement {
    guard isTruncated, truncated != .asItStands, !hasAnswered(response, problem) else {
      return judge(response, to: problem)
    }
    return Judgement(reward: 0, chainCorrect: nil)
  }

  private func judge(_ response: [Token], to problem: Problem) -> Judgement {
    guard isOwn(problem) else {
      return task.judge(codec.decode(response), ended: codec.hasEnded(response), to: problem)
    }
    let written = response.filter { !codec.endTokens.contains($0) }
    return Judge.judge(codec.decode(written), to: problem)
  }

  private func hasAnswered(_ response: [Token], _ problem: Problem) -> Bool {
    let text = codec.decode(response)
    return isOwn(problem)
      ? CutOffAnswer.isComplete(in: text) : task.hasAnswered(text, to: problem)
  }

  private func isOwn(_ problem: Problem) -> Bool { problem.isOwn && !task.judgesOwnProblems }

  /// Whether rollouts that the limit cut off are left out.
  var masksTruncated: Bool { truncated == .masked }

  /// Whether a rollout is learnt from and counts in a value: all do, unless the recipe masks those
  /// that the limit cut off.
  func counts(_ continuation: Continuation) -> Bool {
    !(continuation.truncated && masksTruncated)
  }

  /// A response cut as the recipe says, each step with the task's word on it.
  func steps(
    of response: [Token], problem: Problem, logProbabilities: [Float] = []
  ) -> [Step] {
    let pieces = codec.pieces(response)
    let steps = stepRanges(of: pieces, logProbabilities).map { range in
      Step(start: range.lowerBound, end: range.upperBound, text: pieces[range].joined())
    }
    return problem.isOwn ? steps : task.examine(steps, of: problem)
  }

  /// Into how many steps an answer from the prompt is cut.
  func stepCount(of answer: Continuation) -> Int {
    stepRanges(of: codec.pieces(answer.tokens), answer.logProbabilities).count
  }

  private func stepRanges(of pieces: [String], _ logProbabilities: [Float]) -> [Range<Int>] {
    let isByProbability = cutting.splitter == .lowProbability
    return Step.cut(
      pieces: pieces,
      probabilities: isByProbability ? logProbabilities.map { exp(Double($0)) } : [],
      as: cutting)
  }
}
