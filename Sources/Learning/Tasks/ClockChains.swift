public import Grading
public import Tensors
public import Trajectories

/// Arithmetic on a clock with a prime number of hours, one line an operation.
///
/// The prompt `17 *3 +2 ?v :` is answered by `*3 20\n+2 22\n# 22 $` (modulus 31). Additions are
/// easy lines, multiplications hard ones. Multiplying by less than a prime loses nothing, so an
/// early error stays an error, and a wrong chain ends on the right value about once in `modulus`.
/// The question type before the colon says what the last line gives, so that one policy can answer
/// all three.
public struct ClockChains: ReasoningTask, Equatable {
  /// Operations.
  public let length: Int
  /// Hours of the clock; values are 0 ..< modulus.
  public let modulus: Int
  /// Operations that are multiplications; they stand at random places.
  public let hard: Int
  /// What the last line gives.
  public let answer: AnswerKind
  /// What earns the reward.
  public let reward: RewardKind

  /// The chains of that choice; throws when its numbers do not fit together.
  public init(_ choice: TaskChoice) throws(TaskError) {
    guard choice.length >= 1, choice.modulus >= 2 else {
      throw TaskError(
        description: "A chain of \(choice.length) operations modulo \(choice.modulus) cannot be "
          + "drawn; task.length must be at least 1 and task.modulus at least 2.")
    }
    guard (0...choice.length).contains(choice.hard) else {
      throw TaskError(
        description: "task.hard is \(choice.hard), but the chain has \(choice.length) operations; "
          + "choose 0 to \(choice.length).")
    }
    length = choice.length
    modulus = choice.modulus
    hard = choice.hard
    answer = choice.answer
    reward = choice.reward
  }

  /// The words of every chain up to that modulus, whatever the other settings.
  public static func vocabulary(modulus: Int) -> TaskVocabulary { TaskVocabulary(modulus: modulus) }

  /// Draws a start, the places of the hard operations, and the operations.
  public func problem(id: String, random: inout Random) -> Problem {
    let start = random.below(modulus)
    let places = hardPlaces(random: &random)
    // A factor that is a multiple of the modulus would forget the value.
    let factors = (2...9).filter { $0 % modulus != 0 }
    let operations = (0..<length).map { index in
      places.contains(index)
        ? ChainOperation(.times, factors[random.below(factors.count)])
        : ChainOperation(random.below(2) == 0 ? .plus : .minus, 1 + random.below(5))
    }
    return problem(
      id, Chain(start: start, operations: operations, answer: answer, modulus: modulus))
  }

  /// Reads a chain of any length, with any of the questions.
  public func problem(id: String, prompt: String) -> Problem? {
    Chain(prompt: prompt, modulus: modulus).map { problem(id, $0) }
  }

  private func problem(_ id: String, _ chain: Chain) -> Problem {
    Problem(
      id: id, task: TaskName.chains.rawValue, prompt: chain.prompt,
      reference: chain.answer(to: chain.values.last ?? chain.start), solution: chain.response(),
      guessChance: chain.answer.guessChance(modulus: modulus))
  }

  private func hardPlaces(random: inout Random) -> Set<Int> {
    var places = Array(0..<length)
    for index in 0..<hard { places.swapAt(index, index + random.below(length - index)) }
    return Set(places.prefix(hard))
  }

  /// Judges the last line, or all of them when the reward is strict.
  public func judge(_ response: String, to problem: Problem) -> Judgement {
    let words = TaskVocabulary.split(response)
    let answered = words.suffix(3) == ["#", problem.reference[...], "$"]
    let whole = problem.solution.map { words == TaskVocabulary.split($0) }
    let earned = reward == .strict ? whole ?? false : answered
    return Judgement(reward: earned ? 1 : 0, chainCorrect: whole)
  }

  /// An answer line ends on `$`, which its judge looks for.
  public func hasAnswered(_ response: String, to problem: Problem) -> Bool { true }

  /// Says of each step whether its lines follow from those before it.
  public func examine(_ steps: [Step], of problem: Problem) -> [Step] {
    guard let chain = Chain(prompt: problem.prompt, modulus: modulus) else { return steps }
    var reader = ChainReader(chain: chain)
    return steps.map { step in
      var step = step
      (step.verdict, step.note) = reader.read(step.text)
      return step
    }
  }

  /// Numbers of the lines that multiply, from 0; empty for a problem that is no chain.
  public static func hardSteps(of problem: Problem) -> [Int] {
    guard let chain = Chain(prompt: problem.prompt, modulus: Int(Int16.max)) else { return [] }
    return chain.operations.indices.filter { chain.operations[$0].kind == .times }
  }

  /// A response in which each hard line's result is replaced by a uniform value with probability
  /// `noise`, and the chain goes on from there; nil for a problem that is no chain.
  ///
  /// A policy that learns from these is right on a hard line only sometimes when it samples, though
  /// its likeliest value is the right one.
  public func noisyResponse(
    to problem: Problem, noise: Double, random: inout Random
  ) -> String? {
    guard let chain = Chain(prompt: problem.prompt, modulus: modulus) else { return nil }
    return chain.response { operation, value in
      guard operation.kind == .times, Double(random.uniform()) < noise else { return value }
      return random.below(modulus)
    }
  }
}

extension AnswerKind {
  /// The word of a prompt that asks for it.
  var question: String {
    switch self {
    case .value: "?v"
    case .letter: "?4"
    case .yesNo: "?2"
    }
  }

  /// How the last line says a value.
  func word(for value: Int) -> String {
    switch self {
    case .value: "\(value)"
    case .letter: ["a", "b", "c", "d"][value % 4]
    case .yesNo: value % 2 == 0 ? "yes" : "no"
    }
  }

  func guessChance(modulus: Int) -> Double {
    switch self {
    case .value: 1 / Double(modulus)
    case .letter: 0.25
    case .yesNo: 0.5
    }
  }
}
