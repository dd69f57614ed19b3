/// What stands after `|`: Jinja's filters, with `tojson` as transformers has it.
enum TemplateFilters {
  /// A filter.
  typealias Filter =
    @Sendable (
      TemplateRenderer, TemplateValue, TemplateArguments
    ) throws -> TemplateValue

  /// All by name.
  static let all: [String: Filter] = {
    var all = texts
    for part in [numbers, elements, choosing, dictionaries] { all.merge(part) { $1 } }
    for (name, other) in [
      ("d", "default"), ("count", "length"), ("e", "escape"), ("forceescape", "escape"),
    ] {
      all[name] = all[other]
    }
    return all
  }()

  // MARK: Texts

  private static let texts: [String: Filter] = [
    "string": { renderer, value, _ in .string(try renderer.written(value)) },
    "safe": { renderer, value, _ in .markup(try renderer.written(value)) },
    "escape": { renderer, value, _ in
      if case .markup = value { return value }
      let text = try renderer.written(value)
      try renderer.reserve(text.count * 6)
      return .markup(text.escaped)
    },
    "upper": { renderer, value, _ in .string(try renderer.written(value).upper) },
    "lower": { renderer, value, _ in .string(try renderer.written(value).lower) },
    "capitalize": { renderer, value, _ in .string(try renderer.written(value).capitalized) },
    "title": { renderer, value, _ in .string(titled(try renderer.written(value))) },
    "trim": { renderer, value, arguments in
      .string(try renderer.written(value).stripped(of: try arguments.characters(0, "chars")))
    },
    "replace": { renderer, value, arguments in
      let old = try renderer.written(try arguments.required(0, "old"))
      let new = try renderer.written(try arguments.required(1, "new"))
      let most = try arguments.whole(2, "count") ?? -1
      return .string(try renderer.replaced(try renderer.written(value), old, new, most))
    },
    "format": { renderer, value, arguments in
      let values: TemplateValue =
        arguments.named.isEmpty
        ? .tuple(arguments.positional)
        : .dictionary(TemplateDictionary(arguments.named.map { (.text($0.name), $0.value) }))
      let text = try renderer.written(value)
      return .string(try TemplateFormat(renderer: renderer).filled(text, with: values))
    },
    "center": { renderer, value, arguments in
      let text = TemplateValue.string(try renderer.written(value))
      let width = arguments.value(0, "width") ?? .integer(80)
      let center = try renderer.attribute("center", of: text)
      return try renderer.call(center, TemplateArguments(positional: [width]))
    },
    "indent": { renderer, value, arguments in try indented(renderer, value, arguments) },
    "truncate": { renderer, value, arguments in try truncated(renderer, value, arguments) },
    "wordcount": { renderer, value, _ in
      let words = try renderer.written(value).split { !$0.isWord }
      return .integer(words.count)
    },
    "tojson": { renderer, value, arguments in try json(renderer, value, arguments) },
  ]

  /// Every word's first letter as a capital; a word begins after white space, `-`, `(`, `{`, `[`, `<`.
  private static func titled(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
    var (result, begins): ([Unicode.Scalar], Bool) = ([], true)
    for scalar in text {
      result += begins ? [scalar].upper : [scalar].lower
      begins = scalar.isPythonSpace || "-({[<".unicodeScalars.contains(scalar)
    }
    return result
  }

  private static func indented(
    _ renderer: TemplateRenderer, _ value: TemplateValue, _ arguments: TemplateArguments
  ) throws -> TemplateValue {
    guard let text = value.characters else {
      throw TemplateError("‘indent’ takes a string and meets \(value.kind)")
    }
    let width = arguments.given(0, "width") ?? .integer(4)
    guard width.whole != nil || width.characters != nil else {
      throw TemplateError("‘indent’ has no width \(width.kind)")
    }
    let count = min(max(0, width.whole ?? 0), 10_000)
    let space = width.characters ?? [Unicode.Scalar](repeating: " ", count: count)
    let first = arguments.value(1, "first")?.isTrue ?? false
    let blank = arguments.value(2, "blank")?.isTrue ?? false
    let lines = (text + ["\n"]).lines(keepingEnds: false)
    let (size, overflow) = space.count.multipliedReportingOverflow(by: lines.count)
    try renderer.reserve(overflow ? .max : text.count + size)
    var result: [Unicode.Scalar] = first ? space : []
    for (index, line) in lines.enumerated() {
      if index > 0 { result += (blank || !line.isEmpty) ? ["\n"] + space : ["\n"] }
      result += line
    }
    return .string(result)
  }

  private static func truncated(
    _ renderer: TemplateRenderer, _ value: TemplateValue, _ arguments: TemplateArguments
  ) throws -> TemplateValue {
    let text = try renderer.written(value)
    let length = try arguments.whole(0, "length") ?? 255
    let killsWords = arguments.value(1, "killwords")?.isTrue ?? false
    let end = try arguments.characters(2, "end") ?? [".", ".", "."]
    let leeway = try arguments.whole(3, "leeway") ?? 5
    guard length >= end.count, leeway >= 0 else {
      throw TemplateError("‘truncate’ has a length or a leeway that is too small")
    }
    if text.count - leeway <= length { return .string(text) }
    let start = Array(text[..<(length - end.count)])
    if killsWords { return .string(start + end) }
    return .string((start.splitFromRight([" "], most: 1).first ?? []) + end)
  }

  // MARK: Numbers

  private static let numbers: [String: Filter] = [
    "int": { _, value, arguments in try integer(value, arguments) },
    "float": { _, value, arguments in
      if case .undefined = value { throw TemplateError("\(value.kind) is no number") }
      let text = value.characters?.stripped().asString
      return (value.number ?? text.flatMap(Double.init)).map(TemplateValue.float)
        ?? arguments.value(0, "default") ?? .float(0)
    },
    "abs": { _, value, _ in
      if let whole = value.whole, whole != .min { return .integer(abs(whole)) }
      guard case .float(let number) = value else {
        throw TemplateError("‘abs’ takes a number and meets \(value.kind)")
      }
      return .float(abs(number))
    },
    "round": { _, value, arguments in try rounded(value, arguments) },
    "sum": { renderer, value, arguments in
      var sum = arguments.value(1, "start") ?? .integer(0)
      for element in try attributes(renderer, value, arguments.given(0, "attribute")) {
        sum = try TemplateArithmetic(renderer: renderer).value("+", sum, element)
      }
      return sum
    },
    "min": { renderer, value, arguments in
      try extreme(renderer, value, arguments, isGreatest: false)
    },
    "max": { renderer, value, arguments in try extreme(renderer, value, arguments, isGreatest: true)
    },
  ]

  private static func integer(
    _ value: TemplateValue, _ arguments: TemplateArguments
  ) throws -> TemplateValue {
    if case .undefined = value { throw TemplateError("\(value.kind) is no number") }
    let standard = arguments.value(0, "default") ?? .integer(0)
    if let whole = value.whole { return .integer(whole) }
    var number = value.number
    if let text = value.characters?.stripped().filter({ $0 != "_" }).asString {
      let base = try arguments.whole(1, "base") ?? 10
      guard (2...36).contains(base) else { throw TemplateError("‘int’ has no base \(base)") }
      let mark = [16: "0x", 8: "0o", 2: "0b"][base]
      let digits =
        mark.map { text.lowercased().hasPrefix($0) } == true ? text.dropFirst(2) : text[...]
      if let whole = Int(digits, radix: base) { return .integer(whole) }
      number = Double(text)
    }
    guard let number, number.magnitude < 9e18 else { return standard }
    return .integer(Int(number))
  }

  private static func rounded(
    _ value: TemplateValue, _ arguments: TemplateArguments
  ) throws -> TemplateValue {
    let digits = try arguments.whole(0, "precision") ?? 0
    let method = try arguments.characters(1, "method")?.asString ?? "common"
    guard let number = value.number, (-20...20).contains(digits) else {
      throw TemplateError("‘round’ takes a number, to at most 20 digits, and meets \(value.kind)")
    }
    var scale = 1.0
    for _ in 0..<abs(digits) { scale *= 10 }
    if digits < 0 { scale = 1 / scale }
    switch method {
    case "ceil": return .float((number * scale).rounded(.up) / scale)
    case "floor": return .float((number * scale).rounded(.down) / scale)
    case "common":
      if let whole = value.whole, digits >= 0 { return .integer(whole) }
      // Python rounds the decimal digits, not a product that was rounded before.
      let text = TemplateFormat.decimal(number, digits: max(0, digits))
      let result = digits < 0 ? (number * scale).rounded(.toNearestOrEven) / scale : Double(text)
      return value.whole != nil ? .integer(Int(result ?? 0)) : .float(result ?? number)
    default: throw TemplateError("‘round’ has no method \(quoted(method))")
    }
  }

  private static func extreme(
    _ renderer: TemplateRenderer, _ value: TemplateValue, _ arguments: TemplateArguments,
    isGreatest: Bool
  ) throws -> TemplateValue {
    let elements = try renderer.elements(of: value)
    guard var best = elements.first else { return .undefined("the greatest of none") }
    let key = Key(renderer, arguments.given(1, "attribute"), arguments.value(0, "case_sensitive"))
    for element in elements.dropFirst() {
      let (one, two) = (try key.value(of: best), try key.value(of: element))
      if try renderer.compare(one, isGreatest ? "<" : ">", two) { best = element }
    }
    return best
  }

  // MARK: Elements

  /// What elements are compared by.
  private struct Key {
    let renderer: TemplateRenderer
    let attributes: [TemplateValue?]
    let minds: Bool

    init(
      _ renderer: TemplateRenderer, _ attribute: TemplateValue?, _ mindsCase: TemplateValue?
    ) {
      self.renderer = renderer
      minds = mindsCase?.isTrue ?? false
      attributes =
        attribute?.characters.map { $0.split([","], most: -1).map { .string($0) } } ?? [attribute]
    }

    func value(of element: TemplateValue) throws -> TemplateValue {
      try renderer.charge(2)
      var parts: [TemplateValue] = []
      for attribute in attributes {
        let part = try TemplateFilters.attribute(renderer, element, attribute)
        try renderer.reserve(part.size.count)
        let small = minds ? nil : part.characters?.lower
        parts.append(small.map { .string($0) } ?? part)
      }
      return parts.count == 1 ? parts[0] : .tuple(parts)
    }
  }

  /// The attribute of a value by a path such as `address.city`; the value where there is no path.
  private static func attribute(
    _ renderer: TemplateRenderer, _ value: TemplateValue, _ path: TemplateValue?
  ) throws -> TemplateValue {
    guard let path else { return value }
    guard let text = path.characters else { return try renderer.item(path, of: value) }
    var value = value
    for part in text.split(["."], most: -1) {
      let index = part.allSatisfy(\.isDigit) ? Int(part.asString) : nil
      value = try renderer.item(index.map { .integer($0) } ?? .string(part), of: value)
    }
    return value
  }

  private static func attributes(
    _ renderer: TemplateRenderer, _ value: TemplateValue, _ path: TemplateValue?
  ) throws -> [TemplateValue] {
    var result: [TemplateValue] = []
    for element in try renderer.elements(of: value) {
      result.append(try attribute(renderer, element, path))
    }
    return result
  }

  private static let elements: [String: Filter] = [
    "length": { renderer, value, _ in
      switch value {
      case .undefined: return .integer(0)
      case .string(let text), .markup(let text): return .integer(text.count)
      case .sequence(let sequence): return .integer(sequence.elements.count)
      case .dictionary(let dictionary): return .integer(dictionary.entries.count)
      case .loop(let loop): return .integer(loop.elements.count)
      default: throw TemplateError("\(value.kind) has no length")
      }
    },
    "list": { renderer, value, _ in .list(try renderer.elements(of: value)) },
    "first": { renderer, value, _ in
      if case .generator(let generator) = value {
        return generator.next() ?? .undefined("the first of none")
      }
      return try renderer.elements(of: value).first ?? .undefined("the first of none")
    },
    "last": { renderer, value, _ in
      if case .generator = value { throw TemplateError("a generator has no last element") }
      return try renderer.elements(of: value).last ?? .undefined("the last of none")
    },
    "reverse": { renderer, value, _ in
      if let text = value.characters { return .string(text.reversed()) }
      return .generator(TemplateGenerator(try renderer.elements(of: value).reversed()))
    },
    "join": { renderer, value, arguments in
      let parts = try attributes(renderer, value, arguments.given(1, "attribute"))
      let separator = try renderer.written(arguments.value(0, "d") ?? .string([]))
      return .string(try renderer.joined(parts, separator))
    },
    "sort": { renderer, value, arguments in
      let elements = try renderer.elements(of: value)
      let key = Key(renderer, arguments.given(2, "attribute"), arguments.value(1, "case_sensitive"))
      return .list(
        try sorted(renderer, elements, arguments.value(0, "reverse")?.isTrue ?? false) {
          element in try key.value(of: element)
        })
    },
    "unique": { renderer, value, arguments in
      let key = Key(renderer, arguments.given(1, "attribute"), arguments.value(0, "case_sensitive"))
      var (kept, keys): ([TemplateValue], [TemplateValue]) = ([], [])
      for element in try renderer.elements(of: value) {
        let own = try key.value(of: element)
        try renderer.charge(1 + keys.count / 4)
        guard !keys.contains(where: { $0.equals(own) }) else { continue }
        keys.append(own)
        kept.append(element)
      }
      return .generator(TemplateGenerator(kept))
    },
    "batch": { renderer, value, arguments in
      let length = try arguments.whole(0, "linecount") ?? 1
      guard (1...100_000).contains(length) else {
        throw TemplateError("‘batch’ has no such length")
      }
      let elements = try renderer.elements(of: value)
      if arguments.given(1, "fill_with") != nil { try renderer.charge(length) }
      let rows = stride(from: 0, to: elements.count, by: length).map { start in
        let row = Array(elements[start..<min(start + length, elements.count)])
        let fill = arguments.given(1, "fill_with")
        return TemplateValue.list(
          row + (fill.map { Array(repeating: $0, count: length - row.count) } ?? []))
      }
      return .generator(TemplateGenerator(rows))
    },
    "slice": { renderer, value, arguments in
      let count = try arguments.whole(0, "slices") ?? 1
      guard (1...10_000).contains(count) else { throw TemplateError("‘slice’ has no such count") }
      try renderer.charge(count)
      let elements = try renderer.elements(of: value)
      let (length, more) = elements.count.quotientAndRemainder(dividingBy: count)
      let rows = (0..<count).map { index in
        let start = index * length + min(index, more)
        let row = Array(elements[start..<(start + length + (index < more ? 1 : 0))])
        let fill = index >= more ? arguments.given(1, "fill_with") : nil
        return TemplateValue.list(row + (fill.map { [$0] } ?? []))
      }
      return .generator(TemplateGenerator(rows))
    },
  ]

  /// Sorted by a key, equal ones in their order.
  private static func sorted(
    _ renderer: TemplateRenderer, _ elements: [TemplateValue], _ isReversed: Bool,
    by key: (TemplateValue) throws -> TemplateValue
  ) throws -> [TemplateValue] {
    var keyed: [(key: TemplateValue, element: TemplateValue)] = []
    for element in elements { keyed.append((try key(element), element)) }
    // A merge sort by hand: the standard library's takes no typed error, and its order is free.
    var width = 1
    while width < keyed.count {
      var merged: [(key: TemplateValue, element: TemplateValue)] = []
      for start in stride(from: 0, to: keyed.count, by: 2 * width) {
        var (left, right) = (start, min(start + width, keyed.count))
        let (middle, end) = (right, min(start + 2 * width, keyed.count))
        while left < middle, right < end {
          let (one, two) = (keyed[left].key, keyed[right].key)
          let takesRight = try renderer.compare(two, isReversed ? ">" : "<", one)
          merged.append(keyed[takesRight ? right : left])
          if takesRight { right += 1 } else { left += 1 }
        }
        merged += keyed[left..<middle] + keyed[right..<end]
      }
      keyed = merged
      width *= 2
    }
    return keyed.map(\.element)
  }

  // MARK: Choosing and mapping

  private static let choosing: [String: Filter] = [
    "default": { _, value, arguments in
      let minds = arguments.value(1, "boolean")?.isTrue ?? false
      let isMissing = value.isUndefined || (minds && !value.isTrue)
      return isMissing ? arguments.value(0, "default_value") ?? .string([]) : value
    },
    "select": { renderer, value, arguments in
      try chosen(renderer, value, arguments, byAttribute: false, keeping: true)
    },
    "reject": { renderer, value, arguments in
      try chosen(renderer, value, arguments, byAttribute: false, keeping: false)
    },
    "selectattr": { renderer, value, arguments in
      try chosen(renderer, value, arguments, byAttribute: true, keeping: true)
    },
    "rejectattr": { renderer, value, arguments in
      try chosen(renderer, value, arguments, byAttribute: true, keeping: false)
    },
    "map": { renderer, value, arguments in try mapped(renderer, value, arguments) },
    "attr": { renderer, value, arguments in
      let name = try arguments.requiredCharacters(0, "name").asString
      if case .dictionary = value, !["get", "items", "keys", "values", "copy"].contains(name) {
        return .undefined(name)
      }
      return try renderer.attribute(name, of: value)
    },
  ]

  private static func chosen(
    _ renderer: TemplateRenderer, _ value: TemplateValue, _ arguments: TemplateArguments,
    byAttribute: Bool, keeping: Bool
  ) throws -> TemplateValue {
    guard value.isTrue else { return .generator(TemplateGenerator([])) }
    let path = byAttribute ? try arguments.required(0, "attribute") : nil
    let rest = byAttribute ? arguments.dropping(1) : arguments
    let test = try rest.characters(0, "test")?.asString
    var kept: [TemplateValue] = []
    for element in try renderer.elements(of: value) {
      try renderer.charge()
      let asked = try attribute(renderer, element, path)
      let holds =
        try test.map { test in
          try renderer.test(test, asked, rest.dropping(1))
        } ?? asked.isTrue
      if holds == keeping { kept.append(element) }
    }
    return .generator(TemplateGenerator(kept))
  }

  private static func mapped(
    _ renderer: TemplateRenderer, _ value: TemplateValue, _ arguments: TemplateArguments
  ) throws -> TemplateValue {
    guard value.isTrue else { return .generator(TemplateGenerator([])) }
    var results: [TemplateValue] = []
    let path = arguments.positional.isEmpty ? arguments.value(0, "attribute") : nil
    let name = try path == nil ? arguments.requiredCharacters(0, "name").asString : ""
    let standard = arguments.named.first { $0.name == "default" }?.value
    for element in try renderer.elements(of: value) {
      try renderer.charge()
      guard path != nil else {
        results.append(try renderer.filter(name, element, arguments.dropping(1)))
        continue
      }
      let found = try attribute(renderer, element, path)
      results.append(found.isUndefined ? standard ?? found : found)
    }
    return .generator(TemplateGenerator(results))
  }

  // MARK: Dictionaries

  private static let dictionaries: [String: Filter] = [
    "items": { _, value, _ in
      switch value {
      case .undefined: return .generator(TemplateGenerator([]))
      case .dictionary(let dictionary):
        let items = dictionary.entries.map(\.pair)
        return .generator(TemplateGenerator(items))
      default: throw TemplateError("‘items’ takes a dictionary and meets \(value.kind)")
      }
    },
    "dictsort": { renderer, value, arguments in
      guard case .dictionary(let dictionary) = value else {
        throw TemplateError("‘dictsort’ takes a dictionary and meets \(value.kind)")
      }
      let by = try arguments.characters(1, "by")?.asString ?? "key"
      guard by == "key" || by == "value" else {
        throw TemplateError("‘dictsort’ sorts by key or value")
      }
      let place = TemplateValue.integer(by == "key" ? 0 : 1)
      let key = Key(renderer, place, arguments.value(0, "case_sensitive"))
      let items = dictionary.entries.map(\.pair)
      return .list(
        try sorted(renderer, items, arguments.value(2, "reverse")?.isTrue ?? false) {
          item in try key.value(of: item)
        })
    },
  ]

  // MARK: JSON

  private static func json(
    _ renderer: TemplateRenderer, _ value: TemplateValue, _ arguments: TemplateArguments
  ) throws -> TemplateValue {
    let names = ["ensure_ascii", "indent", "separators", "sort_keys"]
    try arguments.check(names, of: "tojson")
    var writer = TemplateJSON(renderer: renderer)
    writer.isASCII = arguments.value(0, "ensure_ascii")?.isTrue ?? false
    writer.sortsKeys = arguments.value(3, "sort_keys")?.isTrue ?? false
    if let indent = arguments.given(1, "indent") {
      let count = min(max(0, indent.whole ?? 0), 100)
      writer.indent = indent.characters ?? [Unicode.Scalar](repeating: " ", count: count)
      writer.comma = [","]
    }
    if let separators = arguments.given(2, "separators") {
      let both = try renderer.elements(of: separators).compactMap(\.characters)
      guard both.count == 2 else { throw TemplateError("‘tojson’ takes two separators") }
      (writer.comma, writer.colon) = (both[0], both[1])
    }
    try writer.write(value, level: 0)
    return .string(writer.text)
  }
}
