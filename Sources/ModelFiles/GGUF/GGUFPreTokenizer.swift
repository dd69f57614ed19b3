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
