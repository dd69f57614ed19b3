public import Foundation
import LanguageModel

extension Tokenizer {
  /// Reads `tokenizer.json` of a folder, and what lies beside it: which tokens begin, end and pad a
  /// text, and the chat template.
  ///
  /// - Throws: `ModelFileError` where a file is damaged or not supported.
  public init(folder: URL) throws {
    try self.init(contentsOf: folder.appendingPathComponent("tokenizer.json"))
    settings = try optionalJSON(folder, "tokenizer_config.json") ?? [:]
    let template = folder.appendingPathComponent("chat_template.jinja")
    if FileManager.default.fileExists(atPath: template.path) {
      chatTemplate = try readWhole(template)
    }
    beginToken = namedToken("bos_token")
    padToken = namedToken("pad_token")
    endTokens = Set(namedToken("eos_token").map { [$0] } ?? [])
  }

  /// What users should know, also those of other tools, in sentences.
  public var cautions: [String] {
    let most = 3
    let more = notes.count > most ? ["There are \(notes.count - most) more."] : []
    return notes.prefix(most) + more + [lackingTokens, classCaution].compactMap { $0 }
  }

  /// Tokens that only `tokenizer_config.json` adds: transformers adds them to the vocabulary.
  private var lackingTokens: String? {
    let listed = settings["added_tokens_decoder"]?.members ?? []
    let lacking = listed.compactMap { $0.value["content"]?.string }.filter { token(for: $0) == nil }
    guard let first = lacking.first else { return nil }
    let more = lacking.count > 1 ? " and \(lacking.count - 1) more" : ""
    return "tokenizer_config.json adds \(quoted(first))\(more), which tokenizer.json does not "
      + "have, so here that is plain text; save the tokenizer again with transformers."
  }

  /// transformers 5 builds a tokenizer of these classes from its name and leaves out how
  /// `tokenizer.json` cuts texts.
  private var classCaution: String? {
    let name = settings["tokenizer_class"]?.string ?? ""
    guard ["GPT2Tokenizer", "GPT2TokenizerFast"].contains(name), steps != [.pattern(.gpt2)] else {
      return nil
    }
    return "tokenizer_config.json names the class \(quoted(name)), by which transformers 5 cuts "
      + "texts in another way than tokenizer.json says; Crux follows tokenizer.json, so ids can differ. "
      + "What Crux writes names PreTrainedTokenizerFast, which is right in both."
  }

  /// A token that the settings name, either as text or as an object with its content.
  private func namedToken(_ key: String) -> Token? {
    (settings[key]?.string ?? settings[key]?["content"]?.string).flatMap { token(for: $0) }
  }

  /// The text of a `tokenizer_config.json`.
  ///
  /// The class is always the one that follows `tokenizer.json`: transformers 5 builds some other
  /// classes from their name and drops what the file says of pre-tokenizing.
  var settingsText: String {
    var json = settings
    json.set("tokenizer_class", .string("PreTrainedTokenizerFast"))
    func name(_ token: Token?) -> JSON {
      token.flatMap { vocabulary.texts[Int($0)] }.map { .string($0) } ?? .null
    }
    let defaults: [(String, JSON)] = [
      ("bos_token", name(beginToken)), ("eos_token", name(endTokens.min())),
      ("pad_token", name(padToken)), ("clean_up_tokenization_spaces", .bool(false)),
    ]
    for (key, value) in defaults where json[key] == nil { json.set(key, value) }
    return json.prettyText
  }
}
