import ArgumentParser
import Foundation
import LanguageModel

/// Shows what a text becomes before a model sees it.
struct TokensCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokens",
    abstract: "Print the tokens of a text, or of a prompt as the model's chat template writes it.",
    discussion: """
      Without --chat the text is taken as it is, special tokens in it recognised. With --chat it is \
      a question, and the answer's turn is opened; --answer begins that answer.
      """)

  @Argument(help: "The text.")
  var text: String

  @Option(help: "The model: a folder, a GGUF file, or organisation/name in the Hugging Face cache.")
  var model = "tiny"

  @Flag(help: "Write the text as a user's turn with the model's chat template.")
  var chat = false

  @Option(help: "The system turn before it; the template's own where it is not given.")
  var system: String?

  @Option(help: "The beginning of the answer.")
  var answer: String?

  @Option(help: "Whether a model with a switch for thinking thinks: true or false.")
  var think: Bool?

  @Option(help: "The date that Llama 3 templates write, such as “26 Jul 2024”.")
  var date: String?

  @Flag(help: "Print one JSON object: text, ids, pieces.")
  var json = false

  private struct Answer: Encodable {
    var text: String
    var ids: [Token]
    var pieces: [String]
  }

  func validate() throws {
    let needsChat = system != nil || answer != nil || think != nil || date != nil
    guard chat || !needsChat else {
      throw ValidationError("--system, --answer, --think and --date need --chat.")
    }
  }

  func run() throws {
    let source = try ModelSource(try Locations.model(model, besides: nil))
    guard let tokenizer = source.tokenizer else {
      throw Complaint(source.tokenizerProblem ?? "\(model) has no tokenizer.")
    }
    if let caution = tokenizer.caution { tell(caution) }
    let prompt = chat ? try prompt(tokenizer) : text
    let ids = tokenizer.encode(prompt)
    let answer = Answer(text: prompt, ids: ids, pieces: tokenizer.pieces(ids))
    guard json else {
      for (id, piece) in zip(answer.ids, answer.pieces) {
        show("\(id)\t\(piece.debugDescription)", json: false)
      }
      return
    }
    show(try jsonLine(answer), json: true)
  }

  private func prompt(_ tokenizer: Tokenizer) throws -> String {
    var messages = system.map { [ChatMessage.system($0)] } ?? []
    messages.append(.user(text))
    if let answer { messages.append(.assistant(answer)) }
    return try tokenizer.readChatTemplate().render(
      messages, addGenerationPrompt: answer == nil, continueFinalMessage: answer != nil,
      options: ChatOptions(thinks: think, date: date))
  }
}
