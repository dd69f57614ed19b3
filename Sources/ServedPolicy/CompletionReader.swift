import Foundation
import LanguageModel

/// Reads the body of an answer as it arrives.
protocol AnswerReader<Answer> {
  associatedtype Answer

  /// Takes the next bytes; an answer where no more of them are wanted.
  mutating func read(_ bytes: Data) throws(ServerFailure) -> Answer?

  /// The answer after the last byte; throws where it is not whole.
  mutating func end() throws(ServerFailure) -> Answer
}

/// Reads a body whole.
struct WholeReader: AnswerReader {
  private var body = Data()

  mutating func read(_ bytes: Data) throws(ServerFailure) -> Data? {
    body += bytes
    return nil
  }

  mutating func end() throws(ServerFailure) -> Data { body }
}

/// Reads a completion, streamed or whole, and puts its choices together by their index.
///
/// A choice is whole when its reason to end arrived, whatever else the stream says; where an end
/// token was drawn that the server does not know as one, the choice ends there.
struct CompletionReader: AnswerReader {
  /// The ids that were sent, which an echo must equal; nil where a text was sent.
  var prompt: [Token]?
  /// Tokens at which a choice ends even if the server would go on.
  var endTokens: Set<Token> = []
  /// Ids must lie below this.
  var vocabulary = Int(Token.max)
  /// How many choices were asked for.
  var count = 1
  /// How the server is called in a sentence.
  var host: String
  /// Whether log-probabilities begin with those of the prompt, which ids do not.
  var isEcho = false
  /// Whether the answer is a stream of events.
  var isStream = true

  private var parser = EventStreamParser()
  private var body = Data()
  private var choices: [Int: FinishedChoice] = [:]
  private var cost: TokenCost?
  private var isToldBesideValues = false

  init(prompt: [Token]?, host: String) {
    self.prompt = prompt
    self.host = host
  }

  mutating func read(_ bytes: Data) throws(ServerFailure) -> CompletionAnswer? {
    guard isStream else {
      body += bytes
      return nil
    }
    for event in parser.read(bytes) { try take(event) }
    let isEndedByUs = (0..<count).allSatisfy { choices[$0].map(isAtAnEnd) ?? false }
    return isEndedByUs ? answer() : nil
  }

  mutating func end() throws(ServerFailure) -> CompletionAnswer {
    if isStream {
      if let event = parser.end() { try take(event) }
    } else {
      try take(body)
    }
    let whole = choices.values.count { !$0.finish.isEmpty || isAtAnEnd($0) }
    guard whole == choices.count, !choices.isEmpty else {
      throw ServerFailure(.cut, "The answer of \(host) ended before it was whole.")
    }
    // Where ids stand beside log-probabilities, a token without one is missing from both.
    if isToldBesideValues, count == 1, let cost, let tokens = choices.values.first?.tokens,
      tokens.count < cost.completion, !tokens.contains(where: endTokens.contains)
    {
      throw ServerFailure(
        .unusable,
        "\(host) told \(tokens.count) ids of the \(cost.completion) that it drew; what came between"
          + " is lost.")
    }
    return answer()
  }

  /// An end token that nothing was drawn after, before the server said that it is done.
  private func isAtAnEnd(_ choice: FinishedChoice) -> Bool {
    choice.finish.isEmpty && choice.tokens?.contains(where: endTokens.contains) ?? false
  }

  private func answer() -> CompletionAnswer {
    let sorted = choices.sorted { $0.key < $1.key }.map(\.value)
    return CompletionAnswer(choices: sorted.map(cutAtEnd), cost: cost)
  }

  private func cutAtEnd(_ choice: FinishedChoice) -> FinishedChoice {
    guard let end = choice.tokens?.firstIndex(where: endTokens.contains) else { return choice }
    var choice = choice
    choice.tokens = choice.tokens.map { Array($0[...end]) }
    choice.logProbabilities = Array(choice.logProbabilities.prefix(end + 1))
    choice.finish = "stop"
    return choice
  }

  private mutating func take(_ event: Data) throws(ServerFailure) {
    guard event != Data("[DONE]".utf8) else { return }
    let part = try? JSONDecoder().decode(CompletionPart.self, from: event)
    if let told = part?.cost { cost = told }
    guard let parts = part?.allChoices else { throw failure(in: event) }
    for part in parts { try take(part) }
  }

  /// An error can come inside a stream that began well; its code stands where a status would.
  private func failure(in event: Data) -> ServerFailure {
    let object = (try? JSONSerialization.jsonObject(with: event)) as? [String: Any]
    guard let object, object["error"] != nil || object["message"] != nil else {
      return ServerFailure(.unusable, "The answer of \(host) is no completion.")
    }
    let fields = object["error"] as? [String: Any] ?? object
    let code = (fields["code"] as? Int) ?? 500
    return ServerFailure(status: code, body: event, host: host)
  }

  private mutating func take(_ part: CompletionPart.Choice) throws(ServerFailure) {
    let index = part.index ?? 0
    var choice = part.isCumulative == true ? FinishedChoice() : choices[index] ?? FinishedChoice()
    try check(part)
    let ids = part.ids
    if part.token_ids == nil, part.logprobs?.content != nil { isToldBesideValues = true }
    if choice.likeliestFirst.isEmpty { choice.likeliestFirst = part.likeliestFirst }
    if let ids { choice.tokens = (choice.tokens ?? []) + ids }
    // What has ids and no log-probabilities keeps its place.
    var values = part.values
    if !isEcho, let ids, values.count != ids.count { values = ids.map { _ in .nan } }
    choice.logProbabilities += values
    choice.text += part.text ?? ""
    if let echo = part.prompt_token_ids { choice.prompt = echo }
    if let entries = part.prompt_logprobs {
      choice.promptLogProbabilities = promptValues(entries)
    }
    if let reason = part.finish_reason {
      guard reason == "stop" || reason == "length" else {
        throw ServerFailure(.cut, "\(host) ended an answer for another reason: \(reason).")
      }
      choice.finish = reason
    }
    choices[index] = choice
  }

  private func check(_ part: CompletionPart.Choice) throws(ServerFailure) {
    if let prompt, let echo = part.prompt_token_ids, echo != prompt {
      throw ServerFailure(
        .unusable,
        "\(host) went on from other tokens than those it was sent: \(prompt.count) were sent and"
          + " \(echo.count) came back, which differ. Nothing it draws can be used.")
    }
    if let wrong = part.ids?.first(where: { $0 < 0 || Int($0) >= vocabulary }) {
      throw ServerFailure(
        .unusable, "\(host) drew token \(wrong), which the vocabulary of \(vocabulary) has not.")
    }
  }

  /// Each place holds the token that stands there, and may hold likelier ones beside it.
  private func promptValues(_ entries: [[String: CompletionPart.Entry]?]) -> [Float] {
    entries.indices.map { place in
      guard let entry = entries[place] else { return .nan }
      let only = entry.count == 1 ? entry.values.first : nil
      let found = prompt.map { place < $0.count ? entry["\($0[place])"] : nil } ?? only
      return Float(found?.logprob ?? .nan)
    }
  }
}
