/// One answer of somebody else's policy, as a trainer or an evaluation wrote it down.
///
/// What the file does not tell is nil or empty; nothing is guessed.
public struct DumpedTrajectory: Equatable, Sendable {
  /// Its name: the file's own where it has one, otherwise its file and row.
  public var id: String
  /// The prompt as text; of a conversation, the contents of its messages, one after another.
  public var prompt: String
  /// The messages of the prompt; empty where it is no conversation.
  public var messages: [DumpedMessage] = []
  /// The prompt as token ids.
  public var promptTokens: [Int32]?
  /// The response as text: the texts of its segments, one after another.
  public var response: String
  /// The response as token ids, turns of tools and of the environment included.
  public var responseTokens: [Int32]?
  /// Natural logarithm of the probability each response token was drawn at, one a response token;
  /// nil for a token that nobody drew, nil as a whole where the file has none.
  public var logProbabilities: [Float?]?
  /// Whether each response token carries loss, one a response token; nil where that is not told.
  public var lossMask: [Bool]?
  /// The parts of the response, in order.
  public var segments: [DumpedSegment]
  /// The judge's number.
  public var reward: Double?
  /// What the reward was put together from, or was measured beside it, by name.
  public var rewardParts: [DumpedReward] = []
  /// How much better than its group it was held to be.
  public var advantage: Double?
  /// The right answer.
  public var reference: String?
  /// What answers to the same prompt, drawn at the same time, have in common.
  public var group: String?
  /// The training step, or the version of the weights, that it was drawn at.
  public var trainingStep: Int?
  /// Whether the length limit ended it.
  public var truncated: Bool?
  /// Its steps and what was said of them, where the file cuts it into steps.
  public var steps: [DumpedStep] = []
  /// The policy.
  public var model: String?
  /// The filter that read the answer out of the response (lm-eval).
  public var filter: String?
  /// How much of its tokens is known.
  public var fidelity: TokenFidelity
  /// The file it stands in.
  public var file: String = ""
  /// Where it stands.
  public var place = DumpPlace()

  /// A trajectory of one segment; set what else is known.
  public init(id: String, prompt: String, response: String, fidelity: TokenFidelity) {
    self.id = id
    self.prompt = prompt
    self.response = response
    self.fidelity = fidelity
    segments = [DumpedSegment(role: .assistant, text: response)]
  }

  /// A trajectory of segments; set what else is known.
  public init(id: String, prompt: String, segments: [DumpedSegment], fidelity: TokenFidelity) {
    self.id = id
    self.prompt = prompt
    self.segments = segments
    self.fidelity = fidelity
    response = segments.map(\.text).joined()
  }
}

extension DumpedTrajectory {
  /// The question as a problem of a file.
  public var problem: Problem {
    Problem(
      id: group ?? id, task: Problem.fileTask, prompt: prompt, reference: reference ?? "",
      guessChance: 0)
  }
}

/// How much of a trajectory's tokens is known, and so what may be done with it.
public enum TokenFidelity: String, Codable, CaseIterable, Sendable {
  /// The token ids are known exactly: it may be reset.
  case ids
  /// The text is whole, special tokens included: it may be reset where encoding it again is stable.
  case text
  /// Special tokens were dropped: it can be shown and judged.
  case stripped
}

/// Who wrote a part of a conversation.
public enum DumpedRole: String, CaseIterable, Sendable {
  case system, user, assistant, tool

  /// The role by the word of a chat template; words that are none of them are the environment's.
  public init(word: String) {
    switch word {
    case "system", "developer": self = .system
    case "assistant", "model", "gpt", "ai": self = .assistant
    case "tool", "function", "tool_result", "ipython": self = .tool
    default: self = .user
    }
  }
}

/// One message of a prompt.
public struct DumpedMessage: Equatable, Sendable {
  /// Who wrote it.
  public var role: DumpedRole
  /// Its text.
  public var content: String

  /// A message with every field given.
  public init(role: DumpedRole, content: String) {
    self.role = role
    self.content = content
  }
}

/// A part of a response that one side wrote.
public struct DumpedSegment: Equatable, Sendable {
  /// Who wrote it: the policy (`assistant`), a tool, or the environment (`user`, `system`).
  public var role: DumpedRole
  /// Its text.
  public var text: String
  /// Its tokens among those of the response, where they are known.
  public var tokens: Range<Int>?

  /// A segment with every field given.
  public init(role: DumpedRole, text: String, tokens: Range<Int>? = nil) {
    self.role = role
    self.text = text
    self.tokens = tokens
  }

  /// Whether the policy drew it; nobody else's words carry loss.
  public var carriesLoss: Bool { role == .assistant }
}

/// One of the numbers behind a reward.
public struct DumpedReward: Equatable, Sendable {
  /// What it measures.
  public var name: String
  /// The number.
  public var value: Double
  /// What it counts for in the reward; nil where the file does not tell.
  public var weight: Double?

  /// A part with every field given.
  public init(name: String, value: Double, weight: Double? = nil) {
    self.name = name
    self.value = value
    self.weight = weight
  }
}

/// A step of a response and what somebody said of it.
public struct DumpedStep: Equatable, Sendable {
  /// Its text.
  public var text: String
  /// A person's rating: −1 bad, 0 neutral, 1 good, nil unrated.
  public var rating: Int?
  /// Probability of a right answer from the state before it.
  public var valueBefore: Double?
  /// Probability of a right answer from the state after it.
  public var valueAfter: Double?
  /// Rollouts behind the value before it.
  public var rollouts: Int?

  /// A step with every field given.
  public init(
    text: String, rating: Int? = nil, valueBefore: Double? = nil, valueAfter: Double? = nil,
    rollouts: Int? = nil
  ) {
    self.text = text
    self.rating = rating
    self.valueBefore = valueBefore
    self.valueAfter = valueAfter
    self.rollouts = rollouts
  }
}

/// Where a trajectory stands in a dump, so that it can be read again without the rest.
public struct DumpPlace: Hashable, Sendable {
  /// Which file, from 0.
  public var file = 0
  /// Which row or line, from 1.
  public var row = 1
  /// Where the line begins, in bytes (of the decompressed file); 0 where rows are no lines.
  public var offset = 0
  /// The bytes of the line; 0 where rows are no lines.
  public var length = 0
  /// Which trajectory of the row, from 0.
  public var part = 0

  /// The first place of a dump; set what is other.
  public init() {}
}
