import ArgumentParser
import Foundation
import LanguageModel
import ModelFiles
import Session

/// Shows what a text becomes before a model sees it.
struct TokensCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokens",
    abstract: "Print the tokens of a text, or of a prompt as the model's chat template writes it.",
    discussion: """
      Without --chat the text is taken as it is, special tokens in it recognised. With --chat it is \
      a question, and the answer's turn is opened; --answer begins that answer. --conversation \
      takes all turns from a file instead, and the tools that the model may call.
      """)

  @Argument(help: "The text.")
  var text: String?

  @Option(help: "The model: a folder, a GGUF file, or organisation/name in the Hugging Face cache.")
  var model = "tiny"

  @Flag(help: "Write the text as a user's turn with the model's chat template.")
  var chat = false

  @Option(help: "The system turn before it; the template's own where it is not given.")
  var system: String?

  @Option(help: "The beginning of the answer.")
  var answer: String?

  @Option(
    help: "A file of turns: a JSON list of messages, or an object with messages and tools.",
    completion: .file(extensions: ["json"]))
  var conversation: String?

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
    guard (text == nil) != (conversation == nil) else {
      throw ValidationError("Give a text, or a file of turns by --conversation.")
    }
    guard chat || (system == nil && answer == nil) else {
      throw ValidationError("--system and --answer need --chat.")
    }
    guard chat || conversation != nil || (think == nil && date == nil) else {
      throw ValidationError("--think and --date need --chat or --conversation.")
    }
  }

  func run() throws {
    let source = try ModelSource(served: try Locations.model(model, besides: nil))
    guard let tokenizer = source.tokenizer else {
      throw Complaint(source.tokenizerProblem ?? "\(model) has no tokenizer.")
    }
    source.warnings.forEach(tell)
    let prompt = try prompt(tokenizer)
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
    let options = ChatOptions(thinks: think, date: date)
    if let conversation {
      guard let bytes = FileManager.default.contents(atPath: conversation) else {
        throw Complaint("\(conversation) cannot be read; is it a file?")
      }
      let turns = try ChatConversation(parsing: [UInt8](bytes), file: conversation)
      return try tokenizer.readChatTemplate(usesTools: turns.hasTools).render(
        turns, addGenerationPrompt: !turns.endsWithAnswer, options: options)
    }
    let text = text ?? ""
    guard chat else { return text }
    var messages = system.map { [ChatMessage.system($0)] } ?? []
    messages.append(.user(text))
    if let answer { messages.append(.assistant(answer)) }
    return try tokenizer.readChatTemplate().render(
      messages, addGenerationPrompt: answer == nil, continueFinalMessage: answer != nil,
      options: options)
  }
}
