/// A chat template cut as Jinja cuts it, with what cannot show taken away: comments, white space
/// within tags, the kind of quotes, and whether a constant text stands outside the tags or in them.
///
/// Two templates with equal parts write the same text for the same messages.
struct TemplateParts: Equatable {
  /// One part.
  enum Part: Equatable {
    /// Text that is written as it is.
    case text(String)
    /// An expression whose value is written, its words separated by spaces.
    case value(String)
    /// A statement.
    case statement(String)
  }

  /// The parts in order; no text follows a text.
  private(set) var parts: [Part] = []

  /// Cuts a template with the settings of transformers: the first line break after a block goes, and
  /// so does the white space before one that begins a line.
  ///
  /// nil where it has what Crux does not read, such as raw blocks and control characters.
  init?(_ source: String) {
    var scanner = TemplateScanner(source)
    while let piece = scanner.next() {
      switch piece {
      case .text(let text): add(text)
      case .value(let words): addValue(words)
      case .statement(let words):
        guard words.first != .name("raw") else { return nil }
        parts.append(.statement(TemplateWord.joined(words)))
      }
    }
    guard scanner.isComplete else { return nil }
  }

  private mutating func add(_ text: String) {
    guard !text.isEmpty else { return }
    if case .text(let before)? = parts.last {
      parts[parts.count - 1] = .text(before + text)
    } else {
      parts.append(.text(text))
    }
  }

  /// A sum of strings and of the messages' strings is the same as one written after the other.
  private mutating func addValue(_ words: [TemplateWord]) {
    let terms = words.split(omittingEmptySubsequences: false) {
      $0 == .sign("+") || $0 == .sign("~")
    }
    guard terms.allSatisfy({ TemplateWord.isString(Array($0)) }) else {
      parts.append(.value(TemplateWord.joined(words)))
      return
    }
    for term in terms {
      if case .string(let text)? = term.first, term.count == 1 {
        add(text)
      } else {
        parts.append(.value(TemplateWord.joined(Array(term))))
      }
    }
  }

  /// The default system message of a template in ChatML: a constant system turn.
  var defaultSystemMessage: String? {
    let (start, end) = ("<|im_start|>system\n", "<|im_end|>\n")
    for case .text(let text) in parts where text.utf8.starts(with: start.utf8) {
      let message = String(text.dropFirstBytes(start.utf8.count)).beforeFirst(end)
      let isWhole = text.utf8.elementsEqual((start + message + end).utf8)
      if isWhole, !message.isEmpty { return message }
    }
    return nil
  }

  /// SHA-256 of the parts, wherein the system message is only a place.
  func fingerprint(without systemMessage: String?) -> String {
    let lines = parts.map { part in
      switch part {
      case .text(let text): "T" + text
      case .value(let words): "V" + words
      case .statement(let words): "S" + words
      }
    }
    var whole = lines.joined(separator: "\u{0}")
    if let systemMessage { whole = whole.replacing(systemMessage, with: "\u{3}") }
    return SHA256.hexadecimal(Array(whole.utf8))
  }
}

extension String {
  /// The string after so many bytes, which must end a character.
  fileprivate func dropFirstBytes(_ count: Int) -> String {
    String(decoding: utf8.dropFirst(count), as: UTF8.self)
  }

  /// The string with another text in every place of a text, byte for byte.
  fileprivate func replacing(_ text: String, with other: String) -> String {
    let bytes = Array(utf8)
    var (result, done): ([UInt8], Int) = ([], 0)
    for start in bytes.starts(of: text) {
      result += bytes[done..<start] + Array(other.utf8)
      done = start + text.utf8.count
    }
    return String(decoding: result + bytes[done...], as: UTF8.self)
  }
}
