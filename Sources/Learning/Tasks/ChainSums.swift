public import Grading
public import Tensors
public import Trajectories

/// Sums and differences of whole numbers, written out with one line a number.
///
/// The questions are those of reasoning-gym's `chain_sum`, word for word: `State the final answer
/// to the following arithmetic problem: 4 + 3 - 12 =` is answered by
/// `4 + 3 = 7\n7 - 12 = -5\nAnswer: -5`. They are for models that read English; a model with an end
/// token must also end its response.
public struct ChainSums: ReasoningTask, Equatable {
  /// Numbers of a sum.
  public let terms: ClosedRange<Int>
  /// Digits of its numbers; all numbers of a sum have equally many.
  public let digits: ClosedRange<Int>
  /// What earns the reward.
  public let reward: RewardKind

  /// The sums of that choice; throws when its numbers do not fit together.
  public init(_ choice: TaskChoice) throws(TaskError) {
    terms = try Self.range("terms", choice.minTerms, choice.maxTerms, within: 2...32)
    digits = try Self.range("digits", choice.minDigits, choice.maxDigits, within: 1...9)
    reward = choice.reward
  }

  private static func range(
    _ name: String, _ low: Int, _ high: Int, within allowed: ClosedRange<Int>
  ) throws(TaskError) -> ClosedRange<Int> {
    guard allowed.contains(low), allowed.contains(high), low <= high else {
      throw TaskError(
        description: "task.min_\(name) is \(low) and task.max_\(name) \(high); they must lie from "
          + "\(allowed.lowerBound) to \(allowed.upperBound), the smaller one first.")
    }
    return low...high
  }

  /// Draws how many numbers, how many digits, the numbers and the signs, in reasoning-gym's order.
  public func problem(id: String, random: inout Random) -> Problem {
    let count = terms.lowerBound + random.below(terms.count)
    let digits = self.digits.lowerBound + random.below(self.digits.count)
    let high = (0..<digits).reduce(1) { power, _ in power * 10 }
    let low = digits == 1 ? 0 : high / 10
    let numbers = (0..<count).map { _ in low + random.below(high - low) }
    let terms = numbers.dropFirst().map { amount in
      Sum.Term(minus: random.below(2) == 1, amount: amount)
    }
    return problem(id, Sum(start: numbers[0], terms: terms))
  }

  /// Reads a question of any length, or its numbers alone, such as `4 + 3 - 12`.
  public func problem(id: String, prompt: String) -> Problem? {
    Sum(prompt: prompt).map { problem(id, $0) }
  }

  private func problem(_ id: String, _ sum: Sum) -> Problem {
    Problem(
      id: id, task: TaskName.sums.rawValue, prompt: sum.prompt, reference: "\(sum.answer)",
      solution: sum.solution, guessChance: sum.guessChance)
  }

  /// Judges a response that ended by itself.
  public func judge(_ response: String, to problem: Problem) -> Judgement {
    judge(response, ended: true, to: problem)
  }

  /// Judges the answer, or all lines when the reward is strict; a response cut short earns nothing.
  public func judge(_ response: String, ended: Bool, to problem: Problem) -> Judgement {
    let said = SumAnswer(response)
    let whole = ended && (problem.solution.map(said.isSolution) ?? false)
    let answered = ended && said.value != nil && said.value == Int(problem.reference)
    return Judgement(reward: (reward == .strict ? whole : answered) ? 1 : 0, chainCorrect: whole)
  }

  /// Its judge gives a response that was cut short nothing.
  public func hasAnswered(_ response: String, to problem: Problem) -> Bool { true }

  /// Says of each step whether its lines follow from those before it.
  public func examine(_ steps: [Step], of problem: Problem) -> [Step] {
    guard let sum = Sum(prompt: problem.prompt) else { return steps }
    var reader = SumReader(sum: sum)
    return steps.map { step in
      var step = step
      let text = SumAnswer.withoutEnd(step.text)
      (step.verdict, step.note) = reader.read(text, isLast: text != step.text)
      return step
    }
  }
}
