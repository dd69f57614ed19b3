/// A word of an expression or a statement in a template.
enum TemplateWord: Equatable {
  /// A name or a number.
  case name(String)
  /// A string without its quotes, its escapes resolved.
  case string(String)
  /// One character that is neither.
  case sign(Unicode.Scalar)

  /// The words as one text that no other words have.
  static func joined(_ words: [TemplateWord]) -> String {
    words.map { word in
      switch word {
      case .name(let name): name
      case .string(let text): "\u{1}" + text + "\u{2}"
      case .sign(let sign): String(Character(sign))
      }
    }.joined(separator: " ")
  }

  /// Whether the value is surely a string: a constant, or a message's role or content, trimmed or
  /// not, or one of the tokens' texts.
  static func isString(_ words: [TemplateWord]) -> Bool {
    var words = words[...]
    if words.count > 2, words.suffix(2) == [.sign("|"), .name("trim")] {
      words = words.dropLast(2)
    }
    if words.count == 1, case .string? = words.first { return true }
    switch Array(words) {
    case [.name("bos_token")], [.name("eos_token")]: return true
    case [.name("message"), .sign("."), .name("role")]: return true
    case [.name("message"), .sign("."), .name("content")]: return true
    default: return false
    }
  }

  /// The words with `x['role']` and `x['content']` written as `x.role` and `x.content`.
  static func dotted(_ words: [TemplateWord]) -> [TemplateWord] {
    var result: [TemplateWord] = []
    var index = 0
    while index < words.count {
      let three = words[index...].prefix(3)
      if let key = key(Array(three)), isValue(result.last) {
        result += [.sign("."), .name(key)]
        index += 3
      } else {
        result.append(words[index])
        index += 1
      }
    }
    return result
  }

  private static func key(_ words: [TemplateWord]) -> String? {
    guard words.count == 3, words[0] == .sign("["), words[2] == .sign("]"),
      case .string(let key) = words[1], key == "role" || key == "content"
    else { return nil }
    return key
  }

  private static func isValue(_ word: TemplateWord?) -> Bool {
    switch word {
    case .name(let name): !["in", "is", "not", "and", "or", "if", "else"].contains(name)
    case .sign(let sign): sign == "]" || sign == ")"
    default: false
    }
  }
}
