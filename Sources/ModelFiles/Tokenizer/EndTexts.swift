import LanguageModel

/// Texts by which published models end a text, a turn or a message.
///
/// A model's files often name only one of its ends; whoever stops at that one alone runs on past
/// the others.
enum EndTexts {
  private static let texts = [
    "<|endoftext|>", "<|im_end|>", "<|eot_id|>", "<|eom_id|>", "<|end_of_text|>", "<|end|>",
    "<|return|>", "<|call|>", "<|calls|>", "<|flush|>", "<end_of_turn>", "<end_of_utterance>",
    "<turn|>", "<|tool_response>", "</s>", "<eos>", "<EOT>", "_<EOT>", "[EOT]", "[EOS]", "[e~[",
    "<｜end▁of▁sentence｜>",
  ]
  /// Where these are control tokens too, the text before them ends no turn.
  private static let exceptions: [(text: String, besides: [[String]])] = [
    (
      "<|end|>",
      [["<|return|>", "<|call|>"], ["<|calls|>", "<|flush|>"], ["<|call|>", "<|flush|>"]]
    ),
    ("</s>", [["<|tool_response>"], ["<|plamo:eos|>"]]),
  ]

  /// Those that are control tokens of a vocabulary.
  static func tokens(of vocabulary: TokenVocabulary) -> Set<Token> {
    func control(_ text: String) -> Token? {
      vocabulary.ids[Array(text.utf8)].flatMap { vocabulary.special.contains($0) ? $0 : nil }
    }
    let found = texts.filter { text in
      let others = exceptions.first { $0.text == text }?.besides ?? []
      return !others.contains { $0.allSatisfy { control($0) != nil } }
    }
    return Set(found.compactMap(control))
  }
}
