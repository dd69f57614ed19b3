import Foundation

extension Tokenizer {
  /// A tokenizer whose tokens are whole words, with single spaces between them in a text.
  ///
  /// A newline is a word of its own and has no spaces about it. A mark that occurs within no other
  /// word, such as a colon, needs no space either. Words that are not in the list become padding.
  /// Its `source` is a `tokenizer.json` that transformers reads with the same effect.
  ///
  /// - Parameters:
  ///   - vocabulary: The word of each id, in order; none twice, without white space in them.
  ///   - endToken: The word that ends a text; special.
  ///   - padToken: The word that fills up rows; special.
  /// - Returns: The tokenizer.
  /// - Throws: `ModelFileError` where the list breaks one of these rules.
  public static func wordLevel(
    vocabulary: [String], endToken: String, padToken: String
  ) throws -> Tokenizer {
    let file = WordLevelFile(words: vocabulary, end: endToken, pad: padToken)
    try file.check()
    var tokenizer = try Tokenizer(
      parsing: Array(file.json.prettyText.utf8), file: "tokenizer.json")
    tokenizer.endTokens = Set(tokenizer.token(for: endToken).map { [$0] } ?? [])
    tokenizer.padToken = tokenizer.token(for: padToken)
    return tokenizer
  }
}

/// The `tokenizer.json` of a list of words.
struct WordLevelFile {
  /// The word of each id.
  let words: [String]
  /// The word that ends a text.
  let end: String
  /// The word that fills up rows.
  let pad: String

  /// A space between any two tokens but none beside a newline, said with what the format has.
  static let decoder: JSON = [
    "type": .string("Sequence"),
    "decoders": .array([
      // No word begins with its prefix, so all this does is to put spaces between words.
      ["type": .string("WordPiece"), "prefix": .string("##"), "cleanup": .bool(false)],
      ["type": .string("Fuse")],
      replacement(" \n"), replacement("\n "),
    ]),
  ]

  private static func replacement(_ text: String) -> JSON {
    ["type": .string("Replace"), "pattern": ["String": .string(text)], "content": .string("\n")]
  }

  /// Refuses a list that would not come back from a text as it went in.
  func check() throws {
    func error(_ problem: String) -> ModelFileError {
      ModelFileError(file: "tokenizer.json", problem: problem)
    }
    for word in words where word != "\n" {
      let spaces = word.unicodeScalars.contains { $0.properties.isWhitespace }
      if word.isEmpty || spaces || word.hasPrefix("##") {
        throw error("\(quoted(word)) cannot be a word: it is empty, has spaces or begins with ##.")
      }
    }
    for word in [end, pad] where !words.contains(word) {
      throw error("the special word \(quoted(word)) is not in the vocabulary.")
    }
    guard Set(words).count == words.count else { throw error("a word is in the list twice.") }
  }

  /// The file.
  var json: JSON {
    [
      "version": .string("1.0"), "truncation": .null, "padding": .null,
      "added_tokens": .array([end, pad].compactMap(addedToken)), "normalizer": .null,
      "pre_tokenizer": ["type": .string("Sequence"), "pretokenizers": .array(splits)],
      "post_processor": .null, "decoder": WordLevelFile.decoder,
      "model": [
        "type": .string("WordLevel"),
        "vocab": .object(
          words.enumerated().map { JSONMember(key: $0.element, value: .integer($0.offset)) }),
        "unk_token": .string(pad),
      ],
    ]
  }

  private func addedToken(_ word: String) -> JSON? {
    guard let id = words.firstIndex(of: word) else { return nil }
    return [
      "id": .integer(id), "content": .string(word), "single_word": .bool(false),
      "lstrip": .bool(false), "rstrip": .bool(false), "normalized": .bool(false),
      "special": .bool(true),
    ]
  }

  private var splits: [JSON] {
    let marks = words.filter { word in
      guard word.unicodeScalars.count == 1, let mark = word.unicodeScalars.first,
        !mark.isWordScalar, word != end, word != pad
      else { return false }
      return !words.contains { $0 != word && $0.unicodeScalars.contains(mark) }
    }
    return [split(" ", "Removed")] + marks.map { split($0, "Isolated") }
  }

  private func split(_ text: String, _ behavior: String) -> JSON {
    [
      "type": .string("Split"), "pattern": ["String": .string(text)],
      "behavior": .string(behavior), "invert": .bool(false),
    ]
  }
}
