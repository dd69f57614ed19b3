import Foundation
import LanguageModel

extension Tokenizer {
  /// The tokenizer that a GGUF file holds.
  ///
  /// Byte-level byte-pair encoding is read (`tokenizer.ggml.model` gpt2) where the file says by
  /// which of the known patterns texts are cut (`tokenizer.ggml.pre`).
  ///
  /// - Throws: `ModelFileError` where the file has another one, none or a damaged one.
  public init(_ gguf: GGUF) throws {
    let reader = try GGUFTokenizer(gguf)
    try self.init(reader.json(), source: nil, file: gguf.file)
    settings = reader.settings
    chatTemplate = reader.metadata["tokenizer.chat_template"]?.string.map { Array($0.utf8) }
    beginToken = reader.id("bos")
    padToken = reader.id("padding")
    endTokens = Set(reader.endTokens)
  }
}

/// Turns the metadata of a GGUF file into what a `tokenizer.json` and its settings say.
struct GGUFTokenizer {
  /// What the file says.
  let metadata: GGUFMetadata
  private let file: String
  private let tokens: [String]
  private let merges: [String]
  private let types: [Int]
  private let cut: GGUFPreTokenizer

  // Token types of the format.
  private static let unknown = 2
  private static let control = 3
  private static let userDefined = 4
  private static let unused = 5

  init(_ gguf: GGUF) throws {
    metadata = gguf.header.metadata
    file = gguf.file
    func error(_ problem: String) -> ModelFileError {
      ModelFileError(file: gguf.file, problem: problem + " Only token ids can be given.")
    }
    guard let model = metadata["tokenizer.ggml.model"]?.string else {
      throw error("it has no tokenizer.")
    }
    guard model == "gpt2" else {
      throw error("tokenizers of type \(quoted(model)) are not supported; gpt2 is.")
    }
    let pre = metadata["tokenizer.ggml.pre"]?.string
    guard let cut = pre.flatMap(GGUFPreTokenizer.init(name:)) else {
      let known = GGUFPreTokenizer.allCases.map(\.rawValue).joined(separator: ", ")
      throw error(
        "its tokenizer cuts texts by \(pre.map(quoted) ?? "rules it does not name") "
          + "(tokenizer.ggml.pre), and supported are \(known).")
    }
    guard let tokens = metadata["tokenizer.ggml.tokens"]?.strings,
      let merges = metadata["tokenizer.ggml.merges"]?.strings
    else { throw error("its tokenizer lacks the tokens or the merges.") }
    let types = metadata["tokenizer.ggml.token_type"]?.integers ?? tokens.map { _ in 1 }
    guard types.count == tokens.count else {
      throw error("its tokenizer has \(tokens.count) tokens and \(types.count) types of them.")
    }
    (self.tokens, self.merges, self.types, self.cut) = (tokens, merges, types, cut)
  }

  /// A token that the metadata name, such as `bos`; nil where they do not or it is none.
  func id(_ name: String) -> Token? {
    metadata.token(name, below: tokens.count)
  }

  /// Tokens that end a text or a turn.
  var endTokens: [Token] { metadata.endTokens(below: tokens.count) }

  /// The `tokenizer_config.json`.
  var settings: JSON {
    func text(_ name: String) -> JSON { id(name).map { .string(tokens[Int($0)]) } ?? .null }
    var json: JSON = [
      "tokenizer_class": .string("PreTrainedTokenizerFast"), "bos_token": text("bos"),
      "eos_token": text("eos"), "pad_token": text("padding"), "unk_token": text("unknown"),
      "clean_up_tokenization_spaces": .bool(false),
    ]
    let family = metadata["general.architecture"]?.string ?? ""
    if let length = metadata["\(family).context_length"]?.integer {
      json.set("model_max_length", .integer(length))
    }
    if let template = metadata["tokenizer.chat_template"]?.string {
      json.set("chat_template", .string(template))
    }
    return json
  }

  /// The `tokenizer.json`.
  func json() -> JSON {
    [
      "version": .string("1.0"), "truncation": .null, "padding": .null,
      "added_tokens": .array(tokens.indices.compactMap(added)),
      "normalizer": cut.composes ? ["type": .string("NFC")] : .null, "pre_tokenizer": cut.json,
      "post_processor": processor, "decoder": GGUFPreTokenizer.byteLevel(pattern: true),
      "model": [
        "type": .string("BPE"), "dropout": .null, "unk_token": .null,
        "continuing_subword_prefix": .null, "end_of_word_suffix": .null,
        "fuse_unk": .bool(false), "byte_fallback": .bool(false),
        "ignore_merges": .bool(cut.takesWholeWords),
        "vocab": .object(
          tokens.indices.filter { types[$0] != GGUFTokenizer.unused }.map {
            JSONMember(key: tokens[$0], value: .integer($0))
          }),
        "merges": .array(merges.map { .string($0) }),
      ],
    ]
  }

  private func added(_ id: Int) -> JSON? {
    let special = types[id] == GGUFTokenizer.control || types[id] == GGUFTokenizer.unknown
    guard special || types[id] == GGUFTokenizer.userDefined else { return nil }
    return [
      "id": .integer(id), "content": .string(tokens[id]), "single_word": .bool(false),
      "lstrip": .bool(false), "rstrip": .bool(false), "normalized": .bool(false),
      "special": .bool(special),
    ]
  }

  private var processor: JSON {
    let byteLevel = cut == .smollm ? .null : GGUFPreTokenizer.byteLevel(pattern: true)
    let pre = metadata["tokenizer.ggml.pre"]?.string ?? ""
    let adds = metadata["tokenizer.ggml.add_bos_token"]?.flag ?? GGUFPreTokenizer.begins(pre)
    let first = adds ? id("bos") : nil
    let last = metadata["tokenizer.ggml.add_eos_token"]?.flag == true ? id("eos") : nil
    guard first != nil || last != nil else { return byteLevel }
    func piece(_ token: Token, _ type: Int) -> JSON {
      ["SpecialToken": ["id": .string(tokens[Int(token)]), "type_id": .integer(type)]]
    }
    func texts(_ name: String, _ type: Int) -> [JSON] {
      [
        first.map { piece($0, type) },
        ["Sequence": ["id": .string(name), "type_id": .integer(type)]],
        last.map { piece($0, type) },
      ].compactMap { $0 }
    }
    let named = [first, last].compactMap { $0 }.map { token in
      let text = JSON.string(tokens[Int(token)])
      return JSONMember(
        key: tokens[Int(token)],
        value: ["id": text, "ids": .array([.integer(Int(token))]), "tokens": .array([text])])
    }
    let template: JSON = [
      "type": .string("TemplateProcessing"), "single": .array(texts("A", 0)),
      "pair": .array(texts("A", 0) + texts("B", 1)), "special_tokens": .object(named),
    ]
    return byteLevel.isNull
      ? template
      : ["type": .string("Sequence"), "processors": .array([byteLevel, template])]
  }
}

extension GGUFMetadata {
  /// A token that the metadata name, such as `bos`; nil where they do not or it is none.
  func token(_ name: String, below count: Int) -> Token? {
    self["tokenizer.ggml.\(name)_token_id"]?.integer.flatMap {
      (0..<count).contains($0) ? Token($0) : nil
    }
  }
}

/// How a family of tokenizers cuts a text; the raw values are the names that are written.
enum GGUFPreTokenizer: String, CaseIterable {
  /// GPT-2's pattern.
  case gpt2 = "gpt-2"
  /// Every digit alone, then GPT-2's pattern.
  case smollm
  /// Qwen2's pattern on composed characters.
  case qwen2
  /// Qwen2's pattern on characters as they are.
  case stablelm2
  /// Llama 3's pattern; whole words of the vocabulary before any merge.
  case llama3 = "llama-bpe"
  /// Llama 3's pattern and merges alone.
  case smaug = "smaug-bpe"

  /// Names in files that mean the same, as far as ids go.
  private var names: [String] {
    switch self {
    case .gpt2:
      [
        "gpt2", "phi-2", "jina-es", "jina-de", "jina-v2-es", "jina-v2-de", "gigachat", "a.x-4.0",
        "mellum", "modern-bert", "exaone4", "mpt", "olmo", "jais", "trillion", "granite-docling",
      ]
    case .smollm:
      ["starcoder", "refact", "command-r", "codeshell", "exaone", "minerva-7b", "mellum2"]
    case .qwen2: ["deepseek-r1-qwen"]
    case .stablelm2: ["kormo", "f2llmv2", "megrez", "hunyuan", "solar-open", "grok-2"]
    case .llama3:
      GGUFPreTokenizer.beginning + ["glm4", "glm5"]
    case .smaug: ["dbrx", "chatglm-bpe"]
    }
  }

  /// Names of tokenizers that begin a text unless the file says otherwise.
  private static let beginning = [
    "llama3", "llama-v3", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2", "jina-v5-nano",
  ]

  /// The family of a name in a file; nil for an unknown one.
  init?(name: String) {
    guard let found = Self.allCases.first(where: { $0.rawValue == name || $0.names.contains(name) })
    else { return nil }
    self = found
  }

  /// Whether tokenizers of that name begin a text with a token of its own where the file is silent.
  static func begins(_ name: String) -> Bool {
    name == llama3.rawValue || beginning.contains(name)
  }

  /// Whether whole words of the vocabulary are looked up before any merge.
  var takesWholeWords: Bool { self == .llama3 }
  /// Whether characters are composed first (NFC).
  var composes: Bool { self == .qwen2 }

  /// The same in the words of a `tokenizer.json`.
  var json: JSON {
    switch self {
    case .gpt2: GGUFPreTokenizer.byteLevel(pattern: true)
    case .smollm:
      sequence(
        ["type": .string("Digits"), "individual_digits": .bool(true)],
        GGUFPreTokenizer.byteLevel(pattern: true))
    case .qwen2, .stablelm2:
      sequence(split(digits: "\\p{N}"), GGUFPreTokenizer.byteLevel(pattern: false))
    case .llama3, .smaug:
      sequence(split(digits: "\\p{N}{1,3}"), GGUFPreTokenizer.byteLevel(pattern: false))
    }
  }

  /// The steps that `json` means.
  var steps: [PreTokenizerStep] {
    switch self {
    case .gpt2: [.pattern(.gpt2)]
    case .smollm: [.digits(individual: true), .pattern(.gpt2)]
    case .qwen2, .stablelm2: [.pattern(.modern(digits: 1))]
    case .llama3, .smaug: [.pattern(.modern(digits: 3))]
    }
  }

  /// The ByteLevel step, which has a pattern of its own where none comes before.
  static func byteLevel(pattern: Bool) -> JSON {
    [
      "type": .string("ByteLevel"), "add_prefix_space": .bool(false), "trim_offsets": .bool(true),
      "use_regex": .bool(pattern),
    ]
  }

  private func sequence(_ first: JSON, _ second: JSON) -> JSON {
    ["type": .string("Sequence"), "pretokenizers": .array([first, second])]
  }

  private func split(digits: String) -> JSON {
    [
      "type": .string("Split"), "behavior": .string("Isolated"), "invert": .bool(false),
      "pattern": ["Regex": .string(PreTokenizerPattern.modernExpression(digits: digits))],
    ]
  }
}
