import Foundation
import Grading
import LanguageModel
import Tensors
import Trajectories

@testable import Learning

/// A task with values known exactly: a line a step, right or wrong, then the end.
///
/// Line h is right with probability `chances[h]` while all before it are right, and otherwise never;
/// the reward is 1 where all lines are right. So from h right lines V = chances[h] · … · chances[H−1],
/// and 0 after a wrong one.
struct RightWrong: ReasoningTask, TextCodec {
  func problem(id: String, prompt: String) -> Problem? { nil }

  /// Probability of each line to be right.
  var chances: [Double]
  /// Chance of guessing that the problems name.
  var guessChance = 0.0

  static let words = ["", "$", "\n", "right", "wrong", "go"]

  var endTokens: Set<Token> { [1] }
  func encode(_ text: String) -> [Token] { [5] }
  func decode(_ tokens: [Token]) -> String { pieces(tokens).joined() }
  func pieces(_ tokens: [Token]) -> [String] { tokens.map { Self.words[Int($0)] } }

  func problem(id: String, random: inout Random) -> Problem {
    Problem(
      id: id, task: "right-wrong", prompt: "go", reference: "right", guessChance: guessChance)
  }

  func judge(_ response: String, to problem: Problem) -> Judgement {
    let whole = String(repeating: "right\n", count: chances.count) + "$"
    return Judgement(reward: response == whole ? 1 : 0, chainCorrect: response == whole)
  }

  func examine(_ steps: [Step], of problem: Problem) -> [Step] {
    var sound = true
    return steps.map { step in
      var examined = step
      let wrong = step.text.contains("wrong")
      examined.verdict = !sound ? .inherited : wrong ? .wrong : .right
      sound = sound && !wrong
      return examined
    }
  }

  /// A policy with exactly these chances, nothing to train.
  func policy() -> TablePolicy {
    TablePolicy(vocabulary: 6) { prefix in
      let response = prefix.dropFirst()
      if let last = response.last, last == 3 || last == 4 { return certain(2) }
      let lines = response.filter { $0 == 2 }.count
      guard lines < chances.count else { return certain(1) }
      guard !response.contains(4) else { return certain(4) }
      return choice(chances[lines])
    }
  }

  /// A table that learns: one state a line while all is right, and one each for the rest.
  func trainablePolicy() -> TablePolicy {
    let lines = chances.count
    let policy = TablePolicy(vocabulary: 6, states: lines + 3) { prefix in
      let response = prefix.dropFirst()
      if let last = response.last, last == 3 || last == 4 { return lines }
      let done = response.filter { $0 == 2 }.count
      if done >= lines { return lines + 1 }
      return response.contains(4) ? lines + 2 : done
    }
    for (state, logits) in ((0..<lines).map { choice(chances[$0]) } + [2, 1, 4].map(certain))
      .enumerated()
    {
      for (token, logit) in logits.enumerated() { policy[state, token] = logit }
    }
    return policy
  }

  /// An answer with these lines.
  func tokens(_ right: [Bool]) -> [Token] { right.flatMap { [$0 ? 3 : 4, 2] } + [1] }

  /// An answer with these lines, cut and judged.
  func trajectory(_ right: [Bool], id: String = "a", seed: UInt64 = 1) -> Trajectory {
    let sampler = sampler(Recipe())
    var random = Random(seed: 0)
    let problem = problem(id: "p", random: &random)
    let prefix = Prefix(problem: problem, prompt: [5], kept: [], logProbabilities: [], fork: nil)
    let tokens = tokens(right)
    return sampler.trajectory(
      id: id, from: prefix,
      Continuation(
        tokens: tokens, logProbabilities: tokens.map { _ in -0.5 }, truncated: false, seed: seed))
  }

  /// Draws rollouts of the fixed policy.
  func sampler(_ recipe: Recipe) -> RolloutSampler {
    RolloutSampler(policy: policy(), codec: self, task: self, recipe: recipe, version: 0)
  }

  /// Values steps under the fixed policy.
  func valuer(_ recipe: Recipe) -> StepValuer { StepValuer(sampler(recipe)) }

  /// Values made up of so many rewards in so many rollouts at each boundary.
  func values(_ counts: [(Double, Int)], of trajectory: Trajectory) -> StepValues {
    var values = StepValues(trajectory: trajectory, policyVersion: 0)
    for (boundary, (sum, rollouts)) in counts.enumerated() {
      for number in 0..<rollouts {
        let nothing = Continuation(tokens: [1], logProbabilities: [0], truncated: false, seed: 0)
        values.add(
          JudgedRollout(continuation: nothing, reward: Double(number) < sum ? 1 : 0), at: boundary)
      }
    }
    return values
  }

  private func certain(_ token: Int) -> [Float] {
    (0..<6).map { $0 == token ? 0 : -60 }
  }

  private func choice(_ chance: Double) -> [Float] {
    let right = chance >= 1 ? 60 : chance <= 0 ? -60 : Float(log(chance / (1 - chance)))
    return [-60, -60, -60, right, 0, -60]
  }
}

extension StepValues {
  /// The steps that training resets to.
  func resets(_ recipe: Recipe) -> [Int] { criticalStep(recipe)?.resets ?? [] }
}

extension StepValuer {
  /// The values of one answer, searched as the recipe says.
  func values(
    of answer: Trajectory, progress: WorkProgress<ValueReport> = .unheard
  ) throws(Stopped) -> StepValues {
    var all = [nothingKnown(of: answer)]
    try value(&all, progress: progress)
    return all[0]
  }

  /// The values of one answer with the same number of rollouts at every boundary.
  func values(of answer: Trajectory, rollouts: Int) throws(Stopped) -> StepValues {
    var all = [nothingKnown(of: answer, reusing: false)]
    try value(&all, .everywhere(rollouts))
    return all[0]
  }
}
