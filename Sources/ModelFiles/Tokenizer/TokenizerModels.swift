import LanguageModel

extension TokenizerReader {
  /// How one piece becomes tokens.
  func model(_ words: TokenWords) throws -> TokenModel {
    let model = json["model"] ?? .null
    switch model["type"]?.string ?? (model["merges"] == nil ? nil : "BPE") {
    case "WordLevel":
      let unknown = model["unk_token"]?.string.flatMap { words.model[Array($0.utf8)] }
      return .words(words.model, unknown: unknown)
    case "BPE": return .bytePairs(try bytePairs(model, words))
    case let type:
      throw error("models of type \(quoted(type ?? "?")) are not supported; BPE and WordLevel are.")
    }
  }

  private func bytePairs(_ model: JSON, _ words: TokenWords) throws -> BytePairModel {
    for key in ["continuing_subword_prefix", "end_of_word_suffix"] {
      if let text = model[key]?.string, !text.isEmpty { throw error("‘\(key)’ is not supported.") }
    }
    if model["byte_fallback"]?.bool == true { throw error("‘byte_fallback’ is not supported.") }
    if let dropout = model["dropout"]?.double, dropout != 0 {
      throw error("‘dropout’ of merges is not supported; set it to null.")
    }
    guard isByteLevel(json["pre_tokenizer"] ?? .null) else {
      throw error("byte-pair encoding without the ByteLevel pre-tokenizer is not supported.")
    }
    let unknown = try model["unk_token"]?.string.map { text in
      guard let token = words.model[Array(text.utf8)] else {
        throw error("‘unk_token’ \(quoted(text)) is not in the vocabulary.")
      }
      return token
    }
    return BytePairModel(
      byteTokens: ByteLevel.letters.map { words.model[$0] },
      merges: try merges(model["merges"]?.array ?? [], words),
      wholePieces: model["ignore_merges"]?.bool == true ? words.model : nil, unknown: unknown,
      fuseUnknown: model["fuse_unk"]?.bool ?? false)
  }

  /// The merges, written as `"a b"` or as `["a", "b"]`; the later of two equal ones counts.
  private func merges(_ list: [JSON], _ words: TokenWords) throws -> [UInt64: BytePairModel.Merge] {
    var merges: [UInt64: BytePairModel.Merge] = [:]
    merges.reserveCapacity(list.count)
    for (rank, entry) in list.enumerated() {
      let (left, right) = try pair(entry, rank)
      let whole = left + right
      guard let first = words.model[left], let second = words.model[right],
        let token = words.model[whole]
      else {
        throw error(
          "merge \(rank + 1), \(quoted(String(decoding: whole, as: UTF8.self))), "
            + "has tokens that are not in the vocabulary.")
      }
      let merge = BytePairModel.Merge(rank: Int32(truncatingIfNeeded: rank), token: token)
      merges[BytePairModel.key(first, second)] = merge
    }
    return merges
  }

  private func pair(_ entry: JSON, _ rank: Int) throws -> ([UInt8], [UInt8]) {
    if let text = entry.string {
      let bytes = Array(text.utf8)
      if let space = bytes.firstIndex(of: 32), bytes.lastIndex(of: 32) == space {
        return (Array(bytes[..<space]), Array(bytes[(space + 1)...]))
      }
    } else if let parts = entry.array, parts.count == 2,
      let left = parts[0].string, let right = parts[1].string
    {
      return (Array(left.utf8), Array(right.utf8))
    }
    throw error("merge \(rank + 1) is no pair of tokens.")
  }

  private func isByteLevel(_ part: JSON) -> Bool {
    let last = part["pretokenizers"]?.array?.last ?? part
    return last["type"]?.string == "ByteLevel"
  }
}

extension TokenizerReader {
  /// How tokens become a text.
  func decoder(_ words: TokenWords) throws -> TextDecoder {
    let part = json["decoder"] ?? .null
    if part.isNull { return .spaced }
    if part["type"]?.string == "ByteLevel" { return .bytes }
    if part == WordLevelFile.decoder, !words.texts.contains(where: { $0?.hasPrefix("##") ?? false })
    {
      return .lines
    }
    throw error(
      "the decoder \(quoted(part["type"]?.string ?? "?")) is not supported; ByteLevel is.")
  }

  /// The tokens that the post-processor puts before and after a text.
  func around(_ part: JSON, _ size: Int) throws -> (before: [Token], after: [Token]) {
    switch part["type"]?.string {
    case nil where part.isNull: return ([], [])
    case "ByteLevel": return ([], [])
    case "Sequence":
      var (before, after): ([Token], [Token]) = ([], [])
      for processor in part["processors"]?.array ?? [] {
        let (left, right) = try around(processor, size)
        before = left + before
        after += right
      }
      return (before, after)
    case "TemplateProcessing": return try template(part, size)
    case let type:
      throw error(
        "the post-processor \(quoted(type ?? "?")) is not supported; "
          + "ByteLevel and TemplateProcessing are.")
    }
  }

  private func template(_ part: JSON, _ size: Int) throws -> (before: [Token], after: [Token]) {
    var (before, after): ([Token], [Token]) = ([], [])
    var seenText = false
    for item in part["single"]?.array ?? [] {
      if item["Sequence"] != nil {
        seenText = true
        continue
      }
      let name = item["SpecialToken"]?["id"]?.string ?? "?"
      guard let ids = part["special_tokens"]?[name]?["ids"]?.array?.map(\.integer) else {
        throw error("the template names \(quoted(name)), of which it has no ids.")
      }
      for id in ids {
        guard let id, id >= 0, id < size else {
          throw error("the template's token \(quoted(name)) has an id beyond the vocabulary.")
        }
        if seenText { after.append(Token(id)) } else { before.append(Token(id)) }
      }
    }
    guard seenText else { throw error("the template of the post-processor leaves out the text.") }
    return (before, after)
  }
}
