extension ChatTemplate {
  /// The family of a model's template.
  ///
  /// The template is cut into its parts, without comments and the white space that cannot show, and
  /// all of them must be those of a family; only ChatML's default system message may be any.
  ///
  /// - Parameters:
  ///   - source: The template, a program in Jinja.
  ///   - beginToken: Text of the tokenizer's `bos_token`; empty where it has none.
  ///   - endToken: Text of the tokenizer's `eos_token`; empty where it has none.
  ///   - file: Named in the error.
  /// - Throws: `ModelFileError` where the template is none that Crux knows.
  public init(
    recognising source: String, beginToken: String, endToken: String,
    file: String = "chat_template"
  ) throws {
    guard source.utf8.count < 1 << 20, let parts = TemplateParts(source) else {
      throw ChatTemplate.unknown(file, "it has signs or blocks that Crux does not read")
    }
    let message = parts.defaultSystemMessage
    let fingerprint = parts.fingerprint(without: message)
    guard let family = ChatFamily.byFingerprint[fingerprint] else {
      throw ChatTemplate.unknown(file, "its fingerprint is \(fingerprint)")
    }
    self.init(
      family: family, defaultSystemMessage: message, beginToken: beginToken, endToken: endToken)
  }

  private static func unknown(_ file: String, _ detail: String) -> ModelFileError {
    let families = ChatFamily.allCases.map(\.rawValue).joined(separator: ", ")
    return ModelFileError(
      file: file,
      problem: "this chat template is none of those that Crux knows (\(families)); \(detail). "
        + "Crux does not guess: give prompts that are written out, markers and all, "
        + "and say that no template is to be used (prompt.chat = off).")
  }
}
