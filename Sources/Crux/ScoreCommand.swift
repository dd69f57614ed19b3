import ArgumentParser
import Foundation
import LanguageModel
import ModelFiles
import Records
import ServedPolicy
import Session
import Trajectories

/// Scores sequences: log-probability of each next token and entropy of what it was chosen from.
struct ScoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "score",
    abstract: "Print log-probabilities and entropies of given sequences.",
    discussion: """
      The input holds JSON lines, each {"ids": […]} or {"text": …}. The answer is a JSON line for \
      each: ids; logprobs, one for each token after the first; entropies likewise, in nats; with \
      --logits a row of logits for each token. With --server the server scores the same sequences \
      beside the embedded engine: the largest difference is told, and the lines hold the server's.
      """)

  @Option(help: "Folder of the model.")
  var model: String

  @Option(help: "Folder of an adapter (PEFT) of the model.")
  var adapter: String?

  @Option(help: "File of JSON lines.")
  var input: String

  @Flag(help: "Add the logits.")
  var logits = false

  @OptionGroup var server: ServerOptions

  @Flag(help: "Print JSON lines; there is no other form yet, so it may be left out.")
  var json = false

  func validate() throws {
    try refuse(
      ["--logits": logits && !server.servers.isEmpty], "a server tells log-probabilities alone.")
  }

  private struct Row: Encodable {
    var ids: [Token]
    var logprobs: [Float]
    var entropies: [Float]?
    var logits: [[Float]]?
  }

  func run() throws {
    // Ids need no tokenizer, so a folder without one will do for them.
    let files = try ModelSource(try Locations.model(model, besides: nil)).load(asStored: true)
    files.warnings.forEach(tell)
    let small = try adapter.map {
      try AdapterFiles.load(try Locations.adapter($0, besides: nil), for: files.architecture)
    }
    let policy = Transformer(
      architecture: files.architecture, parameters: files.parameters, adapter: small)
    let inputs = try ScoreInput.read(URL(fileURLWithPath: input))
    let sequences = try inputs.enumerated().map {
      try tokens(of: $1, number: $0 + 1, files, policy)
    }
    guard server.servers.isEmpty else { return try compare(sequences, by: policy) }
    for ids in sequences {
      let scores = policy.score([TokenRow(tokens: ids, firstPredicted: 1)])[0]
      let row = Row(
        ids: ids, logprobs: scores.logProbabilities, entropies: scores.entropies,
        logits: logits ? policy.logits(ids) : nil)
      show(try jsonLine(row), json: true)
    }
  }

  /// Lets the server score what the embedded engine scores, and tells how far they are apart.
  private func compare(_ sequences: [[Token]], by policy: Transformer) throws {
    let rows = sequences.map { TokenRow(tokens: $0, firstPredicted: 1) }
    let choice = server.choice()
    let served = try ServedPolicy.connect(to: choice, vocabulary: policy.vocabulary) {
      Interruption.isAsked
    }
    defer { if !choice.adapter.isEmpty { try? served.dropAdapter(served.model) } }
    let answers: [TokenScores]
    do { answers = try served.scores(of: rows) } catch {
      throw served.failure.map { Complaint($0.description) as any Error } ?? error
    }
    var largest: Float = 0
    for (row, answer) in zip(rows, answers) {
      let own = policy.score([row])[0].logProbabilities
      let apart = zip(own, answer.logProbabilities).map { abs($0 - $1) }
      largest = max(largest, apart.max() ?? 0)
      show(
        try jsonLine(Row(ids: row.tokens, logprobs: answer.logProbabilities)), json: true)
    }
    let count = rows.reduce(0) { $0 + $1.predicted }
    let words = "\(count) log-probabilities; server and engine are at most \(largest) nats apart"
    tell(
      largest > 1e-3 ? words + ": they do not hold the same weights in the same way." : words + ".")
  }

  private func tokens(
    of line: ScoreInput, number: Int, _ files: ModelFiles, _ policy: Transformer
  ) throws -> [Token] {
    let place = "\(input):\(number)"
    let ids: [Token]
    switch line {
    case .ids(let given): ids = given
    case .text(let text):
      guard let tokenizer = files.tokenizer else {
        throw Complaint(
          "\(place): \(files.tokenizerProblem ?? "the model has no tokenizer.json.") Give ids.")
      }
      ids = tokenizer.encode(text, addSpecialTokens: true)
    }
    guard !ids.isEmpty else { throw Complaint("\(place): the text has no tokens.") }
    guard ids.count <= policy.contextLength else {
      throw Complaint(
        "\(place): \(ids.count) tokens are more than the model's context of "
          + "\(policy.contextLength); cut the sequence.")
    }
    let size = policy.vocabulary
    if let wrong = ids.first(where: { $0 < 0 || Int($0) >= size }) {
      throw Complaint("\(place): token \(wrong) is not in the vocabulary of \(size) tokens.")
    }
    return ids
  }
}
