import Foundation

/// Fills values into a text, as Python's `%` and `str.format` do.
struct TemplateFormat {
  let renderer: TemplateRenderer

  /// How one value is written: `[fill][align][sign][#][0][width][,][.precision][kind]`.
  struct Specification {
    var fill: Unicode.Scalar = " "
    var align: Unicode.Scalar?
    var sign: Unicode.Scalar = "-"
    var width = 0
    var groups = false
    var precision: Int?
    var kind: Unicode.Scalar?
  }

  // MARK: text % values

  /// The text with what its marks such as `%s` stand for.
  func filled(
    _ text: [Unicode.Scalar], with values: TemplateValue
  ) throws -> [Unicode.Scalar] {
    var rest = [values][...]
    if case .sequence(let tuple) = values, tuple.kind == .tuple { rest = tuple.elements[...] }
    var (result, index): ([Unicode.Scalar], Int) = ([], 0)
    while index < text.count {
      guard text[index] == "%" else {
        result.append(text[index])
        index += 1
        continue
      }
      index += 1
      if index < text.count, text[index] == "%" {
        result.append("%")
        index += 1
        continue
      }
      let name = mappingKey(text, &index)
      let (specification, next) = try percent(text, from: index)
      index = next
      let value =
        try name.map { name in try lookedUp(name, in: values) }
        ?? rest.popFirst()
      guard let value else { throw TemplateError("a text with % has too few values") }
      result += try written(value, specification)
      try renderer.reserve(result.count)
    }
    // What could be looked up in by name need not be used.
    let isOptional =
      switch values {
      case .dictionary, .undefined: true
      case .sequence(let sequence): sequence.kind == .list
      default: false
      }
    guard rest.isEmpty || isOptional else {
      throw TemplateError("a text with % has too many values")
    }
    return result
  }

  private func mappingKey(_ text: [Unicode.Scalar], _ index: inout Int) -> String? {
    guard index < text.count, text[index] == "(", let end = text.first([")"], from: index) else {
      return nil
    }
    defer { index = end + 1 }
    return text[index + 1..<end].asString
  }

  private func lookedUp(
    _ name: String, in values: TemplateValue
  ) throws -> TemplateValue {
    guard case .dictionary(let dictionary) = values, let value = dictionary[name] else {
      throw TemplateError("a text with % names \(quoted(name)), which is not given")
    }
    return value
  }

  private func percent(
    _ text: [Unicode.Scalar], from start: Int
  ) throws -> (Specification, Int) {
    var (found, index) = (Specification(align: ">"), start)
    while index < text.count, "-+ #0".unicodeScalars.contains(text[index]) {
      switch text[index] {
      case "-": found.align = "<"
      case "0": found.fill = "0"
      case "+", " ": found.sign = text[index]
      default: break
      }
      index += 1
    }
    found.width = try number(text, &index) ?? 0
    if index < text.count, text[index] == "." {
      index += 1
      found.precision = try number(text, &index) ?? 0
    }
    guard index < text.count, "sdiufFeEgGxXoc".unicodeScalars.contains(text[index]) else {
      throw TemplateError("a text has a % that Crux does not fill in")
    }
    if found.fill == "0" { found.align = found.align == "<" ? "<" : "=" }
    if found.align == "<" { found.fill = " " }
    found.kind = text[index]
    return (found, index + 1)
  }

  private func number(
    _ text: [Unicode.Scalar], _ index: inout Int
  ) throws -> Int? {
    let start = index
    while index < text.count, text[index].isDigit { index += 1 }
    guard index > start else { return nil }
    guard index - start < 6, let value = Int(text[start..<index].asString) else {
      throw TemplateError("a width in a text is too large")
    }
    return value
  }

  // MARK: text.format(values)

  /// The text with what its marks such as `{}` and `{name}` stand for.
  func formatted(
    _ text: [Unicode.Scalar], with values: TemplateArguments
  ) throws -> [Unicode.Scalar] {
    var (result, index, counter): ([Unicode.Scalar], Int, Int) = ([], 0, 0)
    while index < text.count {
      let scalar = text[index]
      index += 1
      if scalar == "{" || scalar == "}", index < text.count, text[index] == scalar {
        index += 1
      } else if scalar == "{" {
        guard let end = text.first(["}"], from: index) else {
          throw TemplateError("a text for format has a { that is not closed")
        }
        result += try field(Array(text[index..<end]), values, &counter)
        try renderer.reserve(result.count)
        index = end + 1
        continue
      }
      result.append(scalar)
    }
    return result
  }

  private func field(
    _ text: [Unicode.Scalar], _ values: TemplateArguments, _ counter: inout Int
  ) throws -> [Unicode.Scalar] {
    let halves = text.split([":"], most: 1)
    let parts = halves[0].split(["!"], most: 1)
    let name = parts[0].asString
    var value: TemplateValue?
    if let index = Int(name) ?? (name.isEmpty ? counter : nil) {
      if name.isEmpty { counter += 1 }
      value = values.positional.indices.contains(index) ? values.positional[index] : nil
    } else {
      value = values.named.first { $0.name == name }?.value
    }
    guard var value else {
      throw TemplateError("a text for format names \(quoted(name)), which is not given")
    }
    if parts.count > 1 {
      value = .string(parts[1] == ["r"] ? value.represented : value.written)
    }
    return try written(value, try specification(halves.count > 1 ? halves[1] : []))
  }

  private func specification(_ text: [Unicode.Scalar]) throws -> Specification {
    var (found, index) = (Specification(), 0)
    func isAlign(_ at: Int) -> Bool {
      at < text.count && "<>^=".unicodeScalars.contains(text[at])
    }
    if isAlign(1) {
      (found.fill, found.align, index) = (text[0], text[1], 2)
    } else if isAlign(0) {
      (found.align, index) = (text[0], 1)
    }
    if index < text.count, "+- ".unicodeScalars.contains(text[index]) {
      found.sign = text[index]
      index += 1
    }
    if index < text.count, text[index] == "0" {
      (found.fill, found.align) = ("0", found.align ?? "=")
    }
    found.width = try number(text, &index) ?? 0
    if index < text.count, text[index] == "," {
      found.groups = true
      index += 1
    }
    if index < text.count, text[index] == "." {
      index += 1
      found.precision = try number(text, &index)
    }
    if index < text.count {
      found.kind = text[index]
      index += 1
    }
    guard index == text.count, found.kind.map("sdfFeEgGxXob%".unicodeScalars.contains) ?? true
    else { throw TemplateError("a text for format has a mark that Crux does not fill in") }
    return found
  }

  // MARK: One value

  private func written(
    _ value: TemplateValue, _ how: Specification
  ) throws -> [Unicode.Scalar] {
    let isNumber = value.number != nil && how.kind != "s"
    var text: [Unicode.Scalar]
    if isNumber, how.kind != nil || how.precision != nil || how.groups {
      text = try digits(value, how)
    } else {
      guard how.kind == nil || how.kind == "s" else {
        throw TemplateError("\(value.kind) is written as a number")
      }
      try renderer.reserve(value.size.count)
      text = value.written
      if let precision = how.precision { text = Array(text.prefix(precision)) }
    }
    if isNumber, how.sign != "-", text.first != "-" { text.insert(how.sign, at: 0) }
    return padded(text, how, standard: isNumber ? ">" : "<")
  }

  private func padded(
    _ text: [Unicode.Scalar], _ how: Specification, standard: Unicode.Scalar
  ) -> [Unicode.Scalar] {
    let missing = max(0, how.width - text.count)
    let left: Int
    switch how.align ?? standard {
    case "<": left = 0
    case "^": left = missing / 2
    case "=":
      let hasSign = text.first.map("+- ".unicodeScalars.contains) ?? false
      let sign = hasSign ? Array(text.prefix(1)) : []
      return sign + Array(repeating: how.fill, count: missing) + text.dropFirst(sign.count)
    default: left = missing
    }
    return Array(repeating: how.fill, count: left) + text
      + Array(repeating: how.fill, count: missing - left)
  }

  private func digits(
    _ value: TemplateValue, _ how: Specification
  ) throws -> [Unicode.Scalar] {
    try renderer.charge(32)
    guard (how.precision ?? 0) <= 100 else {
      throw TemplateError("a text asks for too many digits")
    }
    let bases: [Unicode.Scalar: Int] = ["x": 16, "X": 16, "o": 8, "b": 2]
    if let base = how.kind.flatMap({ bases[$0] }), let whole = value.whole {
      return [Unicode.Scalar](String(whole, radix: base, uppercase: how.kind == "X"))
    }
    var text: String
    switch how.kind ?? (value.whole != nil && how.precision == nil ? "d" : "g") {
    case "d", "i", "u":
      guard let number = value.number, number.magnitude < 9e18 else {
        throw TemplateError("a number is too large to be written whole")
      }
      text = String(value.whole ?? Int(number))
    case "%":
      text = String(format: "%.\(how.precision ?? 6)f", (value.number ?? 0) * 100) + "%"
    case let kind:
      text = String(format: "%.\(how.precision ?? 6)\(kind)", value.number ?? 0)
    }
    if how.groups { text = TemplateFormat.grouped(text) }
    return [Unicode.Scalar](text)
  }

  /// A number with so many decimal digits.
  static func decimal(_ number: Double, digits: Int) -> String {
    String(format: "%.\(digits)f", number)
  }

  /// With a comma before every third digit of the whole part.
  private static func grouped(_ text: String) -> String {
    let (sign, rest) = text.hasPrefix("-") ? ("-", text.dropFirst()) : ("", text[...])
    let whole = rest.prefix { $0.isNumber }
    var result = ""
    for (index, digit) in whole.enumerated() {
      if index > 0, (whole.count - index) % 3 == 0 { result += "," }
      result.append(digit)
    }
    return sign + result + rest.dropFirst(whole.count)
  }
}
