import LanguageModel

/// A vocabulary as GGUF lists it.
struct GGUFWords {
  /// Text of each id.
  var tokens: [String]
  /// Kind of each id: 1 normal, 3 control, 4 user-defined, 5 unused.
  var types: [Int32]
  /// Pairs with a space between, in the order of their rank.
  var merges: [String]
  /// How texts are cut.
  var cut: GGUFPreTokenizer
}

extension Tokenizer {
  /// The vocabulary as GGUF lists it; ids up to `count` that have no text are unused.
  ///
  /// - Throws: `ModelFileError` where GGUF has no words for how this tokenizer works.
  func ggufWords(count: Int, file: String) throws -> GGUFWords {
    let json = try parsed()
    guard case .bytePairs(let model) = self.model, let cut = ggufCut(model) else {
      throw ModelFileError(
        file: file,
        problem: "GGUF cannot say how this model's tokenizer cuts texts; save a folder instead.")
    }
    let added = try TokenizerReader(json: json, file: file).words().added
    let kinds = Dictionary(
      added.map { ($0.id, Int32($0.special ? 3 : 4)) }, uniquingKeysWith: { first, _ in first })
    let ids = 0..<max(count, vocabularySize)
    func text(_ id: Int) -> String? { id < vocabularySize ? vocabulary.texts[id] : nil }
    return GGUFWords(
      tokens: ids.map { text($0) ?? "[PAD\($0)]" },
      types: ids.map { text($0) == nil ? 5 : kinds[Token($0)] ?? 1 },
      merges: (json["model"]?["merges"]?.array ?? []).compactMap { entry in
        entry.string ?? entry.array?.compactMap(\.string).joined(separator: " ")
      }, cut: cut)
  }

  private func ggufCut(_ model: BytePairModel) -> GGUFPreTokenizer? {
    guard model.unknown == nil, prefix.count < 2, suffix.count < 2 else { return nil }
    let found = GGUFPreTokenizer.allCases.filter {
      $0.steps == steps && $0.takesWholeWords == (model.wholePieces != nil)
    }
    return found.first { $0.composes == composes } ?? found.first
  }

  private func parsed() throws -> JSON {
    switch origin {
    case .json(let json): json
    case .bytes(let bytes): try JSONReader.read(bytes, file: "tokenizer.json")
    }
  }
}
