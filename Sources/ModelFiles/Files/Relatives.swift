/// Architectures that are not supported, and which of their kin are.
enum Relatives {
  /// What is said of a model of a type that is not supported.
  static func refusal(of type: String) -> String {
    "models of type \(quoted(type)) are not supported; llama, qwen2 and qwen3 are. "
      + relative(of: type)
  }

  /// A sentence that names models which open, as near to the type as there are.
  static func relative(of type: String) -> String {
    let name = type.lowercased().filter { $0.isLetter || $0.isNumber }
    let found = kin.first { entry in entry.beginnings.contains { name.hasPrefix($0) } }
    return found?.sentence
      ?? "Of similar sizes SmolLM2 and Llama 3.2 (llama), Qwen2.5 (qwen2) and Qwen3 (qwen3) open."
  }

  // The first that fits counts, so longer names come before their beginnings. Named is only what has
  // weights and a tokenizer that are read.
  private static let kin: [(beginnings: [String], sentence: String)] = [
    (["smollm3"], "SmolLM2 (llama) opens."),
    (
      ["qwen2moe", "qwen2vl", "qwen25vl", "qwen25omni", "qwen2audio"],
      "The dense text models Qwen2 and Qwen2.5 (qwen2) open."
    ),
    (["qwen3"], "The dense text models Qwen3-0.6B to 32B (qwen3) open."),
    (["qwen"], "Qwen2, Qwen2.5 (qwen2) and Qwen3 (qwen3) open."),
    (["llama4", "mllama"], "The text models Llama 3, 3.1, 3.2 and 3.3 (llama) open."),
    (
      ["deepseek"],
      "DeepSeek-R1-Distill-Qwen (qwen2) and DeepSeek-R1-Distill-Llama (llama) open."
    ),
    (["nemotron"], "Llama-3.1-Nemotron-Nano-8B (llama) opens."),
    (["granite"], "Granite 3B Code (llama) opens."),
    (
      ["starcoder", "codegen", "gptbigcode", "codeshell", "refact", "santacoder"],
      "Code models that open are Qwen2.5-Coder (qwen2) and Granite 3B Code (llama)."
    ),
  ]
}
