/// Writes a value as Python's `json.dumps` does.
struct TemplateJSON {
  let renderer: TemplateRenderer
  var text: [Unicode.Scalar] = []
  var isASCII = false
  var sortsKeys = false
  var indent: [Unicode.Scalar]?
  var comma: [Unicode.Scalar] = [",", " "]
  var colon: [Unicode.Scalar] = [":", " "]

  init(renderer: TemplateRenderer) { self.renderer = renderer }

  mutating func write(_ value: TemplateValue, level: Int) throws {
    try renderer.charge()
    switch value {
    case .none: text += [Unicode.Scalar]("null")
    case .bool(let value): text += [Unicode.Scalar](value ? "true" : "false")
    case .integer(let value): text += [Unicode.Scalar](String(value))
    case .float(let value): text += TemplateJSON.number(value)
    case .string(let string), .markup(let string): try quote(string)
    case .sequence(let sequence) where sequence.kind == .list || sequence.kind == .tuple:
      try write(sequence.elements, "[", "]", level) {
        writer, element in
        try writer.write(element, level: level + 1)
      }
    case .dictionary(let dictionary):
      var entries: [(key: [Unicode.Scalar], value: TemplateValue)] = []
      for entry in dictionary.entries {
        entries.append((try TemplateJSON.key(entry.key), entry.value))
      }
      if sortsKeys {
        entries.sort { $0.key.lexicographicallyPrecedes($1.key) { $0.value < $1.value } }
      }
      try write(entries, "{", "}", level) { writer, entry in
        try writer.quote(entry.key)
        writer.text += writer.colon
        try writer.write(entry.value, level: level + 1)
      }
    default: throw TemplateError("\(value.kind) cannot be written as JSON")
    }
  }

  private static func number(_ value: Double) -> [Unicode.Scalar] {
    guard value.isFinite else {
      return [Unicode.Scalar](value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity")
    }
    return [Unicode.Scalar](value.pythonText)
  }

  private static func key(_ value: TemplateValue) throws -> [Unicode.Scalar] {
    switch value {
    case .string(let text), .markup(let text): return text
    case .none: return [Unicode.Scalar]("null")
    case .bool(let value): return [Unicode.Scalar](value ? "true" : "false")
    case .integer(let value): return [Unicode.Scalar](String(value))
    case .float(let value): return number(value)
    default: throw TemplateError("\(value.kind) cannot be a key in JSON")
    }
  }

  private mutating func write<Element>(
    _ elements: [Element], _ open: Unicode.Scalar, _ close: Unicode.Scalar, _ level: Int,
    _ body: (inout TemplateJSON, Element) throws -> Void
  ) throws {
    text.append(open)
    for (index, element) in elements.enumerated() {
      if index > 0 { text += comma }
      try breakLine(level + 1)
      try body(&self, element)
    }
    if !elements.isEmpty { try breakLine(level) }
    text.append(close)
  }

  private mutating func breakLine(_ level: Int) throws {
    guard let indent else { return }
    try renderer.reserve(text.count / 64 + indent.count * level)
    text.append("\n")
    for _ in 0..<level { text += indent }
  }

  private mutating func quote(_ string: [Unicode.Scalar]) throws {
    try renderer.reserve(string.count)
    text.append("\"")
    for scalar in string {
      switch scalar {
      case "\"", "\\": text += ["\\", scalar]
      case "\n": text += ["\\", "n"]
      case "\r": text += ["\\", "r"]
      case "\t": text += ["\\", "t"]
      case "\u{8}": text += ["\\", "b"]
      case "\u{c}": text += ["\\", "f"]
      case _ where scalar.value < 32 || (isASCII && scalar.value > 126):
        for unit in UTF16.encode(scalar) ?? UTF16.EncodedScalar() {
          let digits = String(unit, radix: 16)
          let zeros = String(repeating: "0", count: 4 - digits.count)
          text += [Unicode.Scalar]("\\u" + zeros + digits)
        }
      default: text.append(scalar)
      }
    }
    text.append("\"")
  }
}
