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

/// Reads the lines of a response to a countdown and says of each what it did.
///
/// A line is wrong when it is not allowed or when it puts the target out of reach; an allowed line
/// after that inherits the error.
struct CountdownReader: LineReader {
  private let target: Int
  private var pool: CountdownPool
  private var slipped = false
  /// Whether the last line was the answer.
  private(set) var isFinished = false

  /// nil for a prompt other than `3 4 2 ?t 14 :`.
  init?(problem: Problem, bound: Int) {
    guard let (pool, target) = Self.parse(problem.prompt, bound: bound) else { return nil }
    self.target = target
    self.pool = pool
  }

  /// The given numbers and the target of a prompt; nil for any other text.
  static func parse(_ prompt: String, bound: Int) -> (CountdownPool, target: Int)? {
    let words = TaskVocabulary.split(prompt)
    guard words.count >= 4, words.last == ":", words[words.count - 3] == "?t",
      let target = Chain.value(words[words.count - 2], modulus: bound)
    else { return nil }
    let given = words.dropLast(3)
    let numbers = given.compactMap { Chain.value($0, modulus: bound) }
    // More numbers than this could not be searched in time.
    guard numbers.count == given.count, numbers.count <= 5 else { return nil }
    return (CountdownPool(numbers, bound: bound), target)
  }

  mutating func readLine(_ words: [Substring]) -> (StepVerdict, String) {
    if isFinished { return slip("is one line too many") }
    if words.first == "#" { return readAnswer(words) }
    guard words.count == 5, words[3] == "=",
      let left = Chain.value(words[0], modulus: pool.bound),
      let right = Chain.value(words[2], modulus: pool.bound)
    else { return slip("is not a line such as “3 + 4 = 7”") }
    var rest = pool
    guard rest.take(left), rest.take(right) else {
      return slip("uses what is not there: there is \(pool.text)")
    }
    guard let move = CountdownMove(left, String(words[1]), right, bound: pool.bound) else {
      return slip("is not allowed: results lie from 0 to \(pool.bound - 1)")
    }
    pool = pool.after(move)
    guard words[4] == "\(move.result)" else { return slip("is \(move.result) in truth") }
    if slipped { return (.inherited, "") }
    guard pool.reaches(target) else { return slip("puts \(target) out of reach") }
    return (.right, "")
  }

  private mutating func readAnswer(_ words: [Substring]) -> (StepVerdict, String) {
    isFinished = true
    guard words.count == 3, words[2] == "$", pool.numbers.map(String.init) == [String(words[1])]
    else { return slip("is not what the lines give: there is \(pool.text)") }
    guard pool.numbers == [target] else { return (.inherited, "is not the target \(target)") }
    return slipped ? (.inherited, "") : (.right, "")
  }

  private mutating func slip(_ note: String) -> (StepVerdict, String) {
    slipped = true
    return (.wrong, note)
  }
}

extension CountdownPool {
  fileprivate var text: String { numbers.map(String.init).joined(separator: " and ") }
}

/// One operation of a countdown, such as `3 + 4 = 7`.
struct CountdownMove: Equatable {
  let left: Int
  let operation: String
  let right: Int
  let result: Int

  var text: String { "\(left) \(operation) \(right) = \(result)" }

  /// nil where the operation is none, or the result is not in 0 ..< bound.
  init?(_ left: Int, _ operation: String, _ right: Int, bound: Int) {
    let result: Int
    switch operation {
    case "+": result = left + right
    case "-": result = left - right
    case "*": result = left * right
    default: return nil
    }
    guard (0..<bound).contains(result) else { return nil }
    self.left = left
    self.operation = operation
    self.right = right
    self.result = result
  }
}

/// The numbers of a countdown that are still there to use.
struct CountdownPool: Equatable {
  var numbers: [Int]
  let bound: Int

  init(_ numbers: [Int], bound: Int) {
    self.numbers = numbers
    self.bound = bound
  }

  /// Every pair with every operation; sums and products once, differences from the larger.
  var moves: [CountdownMove] {
    var found: [CountdownMove] = []
    for first in numbers.indices {
      for second in numbers.indices.dropFirst(first + 1) {
        let large = max(numbers[first], numbers[second])
        let small = min(numbers[first], numbers[second])
        found += ["+", "-", "*"].compactMap { CountdownMove(large, $0, small, bound: bound) }
      }
    }
    return found
  }

  func randomMove(_ random: inout Random) -> CountdownMove? {
    let moves = moves
    return moves.isEmpty ? nil : moves[random.below(moves.count)]
  }

  /// The pool without the move's operands and with its result.
  func after(_ move: CountdownMove) -> CountdownPool {
    var pool = self
    pool.take(move.left)
    pool.take(move.right)
    pool.numbers.append(move.result)
    return pool
  }

  /// Removes the number once; false where it is not there.
  @discardableResult mutating func take(_ number: Int) -> Bool {
    guard let index = numbers.firstIndex(of: number) else { return false }
    numbers.remove(at: index)
    return true
  }

  /// Probability that uniformly drawn moves end on the target.
  func chance(of target: Int) -> Double {
    guard numbers.count > 1 else { return numbers == [target] ? 1 : 0 }
    let moves = moves
    guard !moves.isEmpty else { return 0 }
    return moves.reduce(0) { $0 + after($1).chance(of: target) } / Double(moves.count)
  }

  /// Moves that end on the target; nil where there are none.
  func solution(reaching target: Int) -> [CountdownMove]? {
    guard numbers.count > 1 else { return numbers == [target] ? [] : nil }
    for move in moves {
      if let rest = after(move).solution(reaching: target) { return [move] + rest }
    }
    return nil
  }

  func reaches(_ target: Int) -> Bool {
    guard numbers.count > 1 else { return numbers == [target] }
    return moves.contains { after($0).reaches(target) }
  }
}
