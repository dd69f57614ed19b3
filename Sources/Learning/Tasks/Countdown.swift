public import Grading
public import Tensors
public import Trajectories

/// Reach a target with given numbers, each used exactly once, one line an operation.
///
/// The prompt `3 4 2 ?t 14 :` is answered by `3 + 4 = 7\n7 * 2 = 14\n# 14 $`. The first
/// operation usually decides, so the critical step is the first one and going back to it is
/// starting over: the honest counter-example to resets. The target stands in the prompt, so only
/// lines that really reach it earn the reward, whatever kind of reward was chosen.
public struct Countdown: ReasoningTask, Equatable {
  /// Given numbers, 2…5; each is 1…9.
  public let numbers: Int
  /// Every number, results included, is below this.
  public let bound: Int

  /// The countdown of that choice: `length` numbers, all below `modulus`.
  public init(_ choice: TaskChoice) throws(TaskError) {
    guard (2...5).contains(choice.length) else {
      throw TaskError(
        description: "task.length is \(choice.length), but a countdown has 2 to 5 numbers; "
          + "set task.length to 3.")
    }
    guard choice.modulus >= 10 else {
      throw TaskError(
        description: "task.modulus is \(choice.modulus), but the numbers of a countdown go up to "
          + "9 and stay below it; set task.modulus to 10 or more, such as 31.")
    }
    numbers = choice.length
    bound = choice.modulus
  }

  /// Draws numbers, plays them at random, and asks for what came out.
  public func problem(id: String, random: inout Random) -> Problem {
    while true {
      let start = CountdownPool((0..<numbers).map { _ in 1 + random.below(9) }, bound: bound)
      var pool = start
      var solution = ""
      while let move = pool.randomMove(&random) {
        pool = pool.after(move)
        solution += "\(move.text)\n"
      }
      // A pool may get stuck when every result is too large; then others are drawn.
      guard pool.numbers.count == 1 else { continue }
      let target = pool.numbers[0]
      let given = start.numbers.map(String.init).joined(separator: " ")
      return Problem(
        id: id, task: TaskName.countdown.rawValue, prompt: "\(given) ?t \(target) :",
        reference: "\(target)", solution: solution + "# \(target) $",
        guessChance: start.chance(of: target))
    }
  }

  /// Reads a countdown; nil where its target cannot be reached.
  public func problem(id: String, prompt: String) -> Problem? {
    guard let (start, target) = CountdownReader.parse(prompt, bound: bound),
      let solution = start.solution(reaching: target)
    else { return nil }
    return Problem(
      id: id, task: TaskName.countdown.rawValue, prompt: prompt, reference: "\(target)",
      solution: solution.map { $0.text + "\n" }.joined() + "# \(target) $",
      guessChance: start.chance(of: target))
  }

  /// Whether the lines really lead from the numbers to the target.
  public func judge(_ response: String, to problem: Problem) -> Judgement {
    guard var reader = CountdownReader(problem: problem, bound: bound) else {
      return Judgement(reward: 0, chainCorrect: nil)
    }
    let (verdict, _) = reader.read(response)
    let solved = verdict == .right && reader.isFinished
    return Judgement(reward: solved ? 1 : 0, chainCorrect: solved)
  }

  /// An answer line ends on `$`, which its judge looks for.
  public func hasAnswered(_ response: String, to problem: Problem) -> Bool { true }

  /// Says of each step whether it is allowed and leaves the target within reach.
  public func examine(_ steps: [Step], of problem: Problem) -> [Step] {
    guard var reader = CountdownReader(problem: problem, bound: bound) else { return steps }
    return steps.map { step in
      var step = step
      (step.verdict, step.note) = reader.read(step.text)
      return step
    }
  }
}
