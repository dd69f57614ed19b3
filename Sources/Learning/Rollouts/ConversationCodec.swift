public import LanguageModel
public import Trajectories

/// A codec that asks a chat model: worked examples first, then the problem as the user's turn.
///
/// The whole conversation becomes one text and is encoded once; a reset keeps the token ids, so
/// no prompt is made a second time from text.
public struct ConversationCodec: TextCodec {
  private let base: any TextCodec
  /// Those of the model's tokenizer, and the one that ends a turn in its template.
  public let endTokens: Set<Token>
  /// The one that ends a turn.
  public let endToken: Token?
  private let render: @Sendable (_ question: String) throws -> String

  /// A codec around another.
  ///
  /// - Parameters:
  ///   - base: Text to tokens and back.
  ///   - turnEnd: The token that the model's template ends an answer with; nil where it has none.
  ///   - render: The conversation that ends with this question and opens the answer's turn.
  /// - Throws: What `render` throws for a first question; one that throws for a later one would give
  ///   a prompt without tokens, which nothing answers.
  public init(
    _ base: any TextCodec, turnEnd: Token? = nil,
    render: @escaping @Sendable (_ question: String) throws -> String
  ) throws {
    self.base = base
    self.render = render
    endTokens = base.endTokens.union([turnEnd].compactMap { $0 })
    endToken = turnEnd ?? base.endToken
    _ = try render("1 + 1")
  }

  /// The tokens of the whole conversation.
  public func prompt(of problem: Problem) -> [Token] {
    (try? render(problem.prompt)).map(base.encode) ?? []
  }
  /// The tokens of a text outside any conversation.
  public func encode(_ text: String) -> [Token] { base.encode(text) }
  /// As the model's tokenizer says.
  public func decode(_ tokens: [Token]) -> String { base.decode(tokens) }
  /// As the model's tokenizer says.
  public func pieces(_ tokens: [Token]) -> [String] { base.pieces(tokens) }
  /// As the model's tokenizer says.
  public func unknownPieces(in text: String) -> [String] { base.unknownPieces(in: text) }
}

/// A question and a whole right answer, shown to a chat model before the problem.
public struct WorkedExample: Equatable, Sendable {
  /// What the user says.
  public var question: String
  /// What the model should have answered.
  public var answer: String

  /// An example with both sides given.
  public init(question: String, answer: String) {
    self.question = question
    self.answer = answer
  }
}

extension PromptChoice {
  /// The examples, answered by the task itself.
  ///
  /// - Throws: `TaskError` where one is no problem of the task, or the task knows no answer.
  public func workedExamples(of task: any ReasoningTask) throws(TaskError) -> [WorkedExample] {
    var found: [WorkedExample] = []
    for text in exampleTexts {
      guard let problem = task.problem(id: "example", prompt: text),
        let solution = problem.solution
      else {
        throw TaskError(
          description: "prompt.examples has “\(text)”, which is no problem of this task; "
            + "for the task sums, write problems such as 4 + 3 - 12, with ; between them.")
      }
      found.append(WorkedExample(question: problem.prompt, answer: solution))
    }
    return found
  }
}
