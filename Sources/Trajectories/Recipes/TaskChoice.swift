/// What is asked and how it is judged.
///
/// What each part means stands beside its key, below.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
public struct TaskChoice: Equatable, Sendable {
  public var name = TaskName.chains
  public var length = 8
  public var modulus = 31
  public var hard = 8
  public var answer = AnswerKind.value
  public var minTerms = 2
  public var maxTerms = 5
  public var minDigits = 1
  public var maxDigits = 2
  public var reward = RewardKind.answer
  public var file = ""
  public var heldOutFile = ""
  public var heldOut = 0.2
  public var style = PromptStyle.steps
  public var rewardCommand = ""
  public var rewardSeconds = 10.0
  public var rewardSandbox = RewardSandbox.none

  /// The defaults.
  public init() {}
}

extension TaskChoice {
  static let keys: [RecipeKey] = [
    .word("task.name", \.task.name, "What is asked."),
    .whole(
      "task.length", \.task.length, 1...64, "operations",
      "Operations of a chain; numbers of a countdown.", read: .on(.chains, .countdown)),
    .whole(
      "task.modulus", \.task.modulus, 2...997, "values",
      "Prime modulus of a chain; the numbers of a countdown stay below it.",
      read: .on(.chains, .countdown)),
    .whole(
      "task.hard", \.task.hard, 0...64, "operations",
      "Operations of a chain that are multiplications.", read: .on(.chains)),
    .word("task.answer", \.task.answer, "What the last line of a chain gives.", read: .on(.chains)),
    .whole(
      "task.min_terms", \.task.minTerms, 2...32, "numbers", "Fewest numbers of a sum.",
      read: .on(.sums)),
    .whole(
      "task.max_terms", \.task.maxTerms, 2...32, "numbers", "Most numbers of a sum.",
      read: .on(.sums)),
    .whole(
      "task.min_digits", \.task.minDigits, 1...9, "digits", "Fewest digits of a sum's numbers.",
      read: .on(.sums)),
    .whole(
      "task.max_digits", \.task.maxDigits, 1...9, "digits", "Most digits of a sum's numbers.",
      read: .on(.sums)),
    .word(
      "task.reward", \.task.reward, "What of an answer must be right to earn the reward.",
      read: .on(.chains, .sums)),
    .text(
      "task.file", \.task.file, "a file",
      "Problems in a file of their own: BBH, GSM8K, MATH, MMLU, MMLU-Pro, AIME, reasoning-gym or JSON lines; a relative path is looked up from the recipe's folder.",
      read: .on(.file)),
    .text(
      "task.held_out_file", \.task.heldOutFile, "a file",
      "Held-out problems in a second file; empty takes them out of the first.", read: .on(.file)),
    .number(
      "task.held_out", \.task.heldOut, 0...0.9, "share",
      "Share of the file's problems that are held out where there is no second file.",
      read: .withoutHeldOutFile),
    .word(
      "task.style", \.task.style,
      "What the prompt of a file's problem asks for beside the question.", read: .on(.file)),
    .text(
      "task.reward_command", \.task.rewardCommand, "a shell command",
      "A shell command that judges: it reads a JSON line and writes a number from 0 to 1; empty for none."
    ),
    .number(
      "task.reward_seconds", \.task.rewardSeconds, 0.1...3600, "seconds",
      "Seconds the reward command may take for one answer.", read: .withRewardCommand),
    .word(
      "task.reward_sandbox", \.task.rewardSandbox, "What the reward command is kept in.",
      read: .withRewardCommand),
  ]
}

/// The tasks.
public enum TaskName: String, Codable, CaseIterable, Equatable, Sendable {
  /// Arithmetic modulo a prime, one line a step.
  case chains
  /// Reach a target with given numbers.
  case countdown
  /// Written-out sums in plain English, for chat models.
  case sums
  /// Problems that stand in a file, with its answers.
  case file
}

extension TaskName {
  /// The tasks whose problems Crux draws itself, as easy or hard as the recipe says.
  public static let embedded: [TaskName] = [.chains, .countdown, .sums]
}

/// What the last line of a chain gives.
public enum AnswerKind: String, Codable, CaseIterable, Equatable, Sendable {
  /// The value: right by luck once in `modulus`.
  case value
  /// The value modulo 4 as a letter: right by luck once in 4.
  case letter
  /// Whether the value is even: right by luck once in 2.
  case yesNo = "yes-no"
}

/// What earns the reward.
public enum RewardKind: String, Codable, CaseIterable, Equatable, Sendable {
  /// The last line alone.
  case answer
  /// Every line.
  case strict
}

/// What a reward command is kept in.
public enum RewardSandbox: String, Codable, CaseIterable, Equatable, Sendable {
  /// Nothing: it may do what the user may.
  case none
  /// A container of bubblewrap: no network, no file that it can write, no other process in sight.
  case bwrap
}

/// What an answer earns beside what the task says of it.
///
/// What each part means stands beside its key, below.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
public struct RewardsChoice: Equatable, Sendable {
  public var truncated = TruncatedReward.asWrong

  /// The defaults.
  public init() {}
}

extension RewardsChoice {
  static let keys: [RecipeKey] = [
    .word(
      "rewards.truncated", \.rewards.truncated,
      "What a response earns that the length limit cut off.")
  ]
}

/// What a response earns that the length limit cut off.
public enum TruncatedReward: String, Codable, CaseIterable, Equatable, Sendable {
  /// It is judged only if it holds a complete answer, such as a closed box or an ended answer line,
  /// and else earns 0. It is learnt from like any other: TRL and verl give such a response 0 too,
  /// since their rewards look for a whole answer and find none.
  case asWrong = "as-wrong"
  /// It is judged so, but its tokens carry no loss, as with TRL's `mask_truncated_completions` and
  /// DAPO's overlong filtering; its reward still counts in the mean of its group, as there. Offline
  /// it enters no pair. Values leave it out: their number of rollouts does not count it, and how many
  /// were cut off stands beside.
  case masked
  /// It is judged by what it says so far, a number on the way taken for its answer.
  case asItStands = "as-it-stands"
}

/// What a prompt made from a benchmark's row asks for beside the question.
public enum PromptStyle: String, Codable, CaseIterable, Equatable, Sendable {
  /// Think step by step, then answer in a stated form.
  case steps
  /// The answer alone, in a stated form.
  case direct
  /// Nothing: the question as the file has it.
  case bare
}

extension Recipe {
  /// What does not fit about the task.
  var taskContradictions: [String] {
    var found: [String] = []
    if task.name == .chains, task.hard > task.length {
      found.append(
        "task.hard is \(task.hard), but the chain has only \(task.length) operations; "
          + "lower task.hard or raise task.length.")
    }
    if task.name == .chains, (2...997).contains(task.modulus), !Recipe.isPrime(task.modulus) {
      found.append(
        "task.modulus is \(task.modulus), which is not prime; "
          + "take a prime such as 31, so that an early error stays an error.")
    }
    if task.name == .sums, task.minTerms > task.maxTerms || task.minDigits > task.maxDigits {
      found.append(
        "task.min_terms and task.min_digits must not be above task.max_terms and "
          + "task.max_digits; lower the one or raise the other.")
    }
    return found + taskFileContradictions
  }

  private static func isPrime(_ number: Int) -> Bool {
    guard number > 3 else { return number > 1 }
    return (2..<number).prefix { $0 * $0 <= number }.allSatisfy { number % $0 != 0 }
  }

  private var taskFileContradictions: [String] {
    var found: [String] = []
    if task.name == .file, task.file.isEmpty {
      found.append(
        "task.file is empty, but task.name is \"file\"; name a file of problems, such as "
          + "test.jsonl of GSM8K.")
    }
    if task.name != .file, !task.file.isEmpty {
      found.append(
        "task.file is \(task.file), but task.name is \"\(task.name.rawValue)\", which draws its "
          + "own problems; set task.name to \"file\".")
    }
    if task.name == .file, !task.file.isEmpty, task.heldOutFile.isEmpty, task.heldOut == 0 {
      found.append(
        "task.held_out is 0 and task.held_out_file is empty, so nothing would be left to measure "
          + "with; name a second file or set task.held_out to 0.2.")
    }
    return found
  }
}

extension RecipeKey.Reading {
  fileprivate static let withoutHeldOutFile = RecipeKey.Reading(
    "where task.name is file and task.held_out_file is empty"
  ) { $0.task.name == .file && $0.task.heldOutFile.isEmpty }

  fileprivate static let withRewardCommand = RecipeKey.Reading(
    "where there is a task.reward_command"
  ) { !$0.task.rewardCommand.isEmpty }
}
