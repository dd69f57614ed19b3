extension TokenizerReader {
  /// The steps of cutting a text, in order.
  func steps() throws -> [PreTokenizerStep] { try steps(json["pre_tokenizer"] ?? .null, depth: 0) }

  private func steps(_ part: JSON, depth: Int) throws -> [PreTokenizerStep] {
    switch part["type"]?.string {
    case nil where part.isNull: return []
    case "Sequence" where depth < 8:
      return try (part["pretokenizers"]?.array ?? []).flatMap { try steps($0, depth: depth + 1) }
    case "ByteLevel": return byteLevel(part)
    case "Digits": return [.digits(individual: part["individual_digits"]?.bool ?? false)]
    case "WhitespaceSplit": return [.whitespaceSplit]
    case "Whitespace": return [.whitespace]
    case "Split": return [try split(part)]
    case let type:
      throw error("the pre-tokenizer \(quoted(type ?? "?")) is not supported.")
    }
  }

  private func byteLevel(_ part: JSON) -> [PreTokenizerStep] {
    let prefix: [PreTokenizerStep] =
      part["add_prefix_space"]?.bool ?? true ? [.prefixSpace] : []
    return prefix + (part["use_regex"]?.bool ?? true ? [.pattern(.gpt2)] : [])
  }

  private func split(_ part: JSON) throws -> PreTokenizerStep {
    guard part["invert"]?.bool != true else { throw error("inverted splits are not supported.") }
    let behavior = part["behavior"]?.string ?? "?"
    if let text = part["pattern"]?["String"]?.string, !text.isEmpty,
      behavior == "Removed" || behavior == "Isolated"
    {
      return .literal(text, removed: behavior == "Removed")
    }
    guard let expression = part["pattern"]?["Regex"]?.string, behavior == "Isolated",
      let pattern = PreTokenizerPattern(expression)
    else {
      throw error(
        "the pre-tokenizer splits by a pattern that is not supported; "
          + "those of GPT-2, Qwen2 and Llama 3 are.")
    }
    return .pattern(pattern)
  }
}
