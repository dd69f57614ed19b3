// What values have: attributes, elements, slices and Python's methods.

extension TemplateRenderer {
  /// `value.name`: a method or an attribute, else the element of that key.
  func attribute(_ name: String, of value: TemplateValue) throws -> TemplateValue {
    if case .undefined = value {
      throw TemplateError("\(value.kind) has no \(quoted(name))")
    }
    if let own = ownAttribute(name, of: value) { return own }
    if case .dictionary(let dictionary) = value {
      try search(dictionary)
      return dictionary[name] ?? .undefined(name)
    }
    return .undefined(name)
  }

  /// `value[key]`: the element of that key or index, else an attribute of that name.
  func item(_ key: TemplateValue, of value: TemplateValue) throws -> TemplateValue {
    switch value {
    case .undefined: throw TemplateError("\(value.kind) has no elements")
    case .dictionary(let dictionary):
      try search(dictionary)
      if let found = dictionary[key] { return found }
    case .sequence(let sequence):
      if case .view = sequence.kind { break }
      if let index = key.whole {
        let place = index < 0 ? index + sequence.elements.count : index
        if sequence.elements.indices.contains(place) { return sequence.elements[place] }
      }
    case .string(let text), .markup(let text):
      if let index = key.whole {
        let place = index < 0 ? index + text.count : index
        if text.indices.contains(place) { return .string([text[place]]) }
      }
    default: break
    }
    guard let name = key.characters?.asString else {
      return .undefined(key.characters?.asString ?? key.represented.asString)
    }
    return ownAttribute(name, of: value) ?? .undefined(name)
  }

  /// What a value has by itself, whatever its keys.
  private func ownAttribute(_ name: String, of value: TemplateValue) -> TemplateValue? {
    switch value {
    case .string(let text), .markup(let text):
      return TemplateTextMethods.all[name].map { method in
        .function(
          TemplateFunction(name) { renderer, arguments in
            try renderer.reserve(text.count)
            return try method(renderer, text, arguments)
          })
      }
    case .dictionary(let dictionary): return dictionaryMethod(name, dictionary)
    case .sequence(let sequence): return sequenceMethod(name, sequence)
    case .namespace(let namespace): return namespace.values[name]
    case .loop(let loop): return loop.attribute(name)
    default: return nil
    }
  }

  private func forbidden(_ name: String) -> TemplateValue {
    .undefined("\(name), which would change a list or a dictionary and")
  }

  private func dictionaryMethod(
    _ name: String, _ dictionary: TemplateDictionary
  ) -> TemplateValue? {
    let part: (TemplateEntry) -> TemplateValue
    switch name {
    case "items": part = { $0.pair }
    case "keys": part = { $0.key }
    case "values": part = { $0.value }
    case "copy": return .function(TemplateFunction(name) { _, _ in .dictionary(dictionary) })
    case "get":
      return .function(
        TemplateFunction(name) { renderer, arguments in
          try renderer.search(dictionary)
          return dictionary[try arguments.required(0, "key")]
            ?? arguments.value(1, "default") ?? .none
        })
    case "clear", "pop", "popitem", "setdefault", "update": return forbidden(name)
    default: return nil
    }
    return .function(
      TemplateFunction(name) { renderer, arguments in
        try arguments.check([], of: name)
        try renderer.reserve(dictionary.size.count)
        return .sequence(
          TemplateSequence(kind: .view("dict_" + name), elements: dictionary.entries.map(part)))
      })
  }

  private func sequenceMethod(_ name: String, _ sequence: TemplateSequence) -> TemplateValue? {
    if case .view = sequence.kind { return nil }
    switch name {
    case "count", "index":
      return .function(
        TemplateFunction(name) { renderer, arguments in
          try renderer.reserve(sequence.size.count)
          let wanted = try arguments.required(0, "value")
          if name == "count" {
            return .integer(sequence.elements.filter { $0.equals(wanted) }.count)
          }
          guard let index = sequence.elements.firstIndex(where: { $0.equals(wanted) }) else {
            throw TemplateError("‘index’ does not find the value in the list")
          }
          return .integer(index)
        })
    case "copy" where sequence.kind == .list:
      return .function(TemplateFunction(name) { _, _ in .sequence(sequence) })
    case "append", "extend", "insert", "pop", "remove", "clear", "sort", "reverse":
      return sequence.kind == .list ? forbidden(name) : nil
    default: return nil
    }
  }

  // MARK: Slices

  /// `value[start:stop:step]`.
  func slice(_ value: TemplateValue, _ bounds: [Int?]) throws -> TemplateValue {
    switch value {
    case .string(let text):
      return .string(try indices(bounds, text.count).map { text[$0] })
    case .markup(let text):
      return .markup(try indices(bounds, text.count).map { text[$0] })
    case .sequence(let sequence):
      if case .view = sequence.kind { break }
      let elements = try indices(bounds, sequence.elements.count).map { sequence.elements[$0] }
      return .sequence(
        TemplateSequence(kind: sequence.kind == .tuple ? .tuple : .list, elements: elements))
    default: break
    }
    throw TemplateError("\(value.kind) cannot be sliced")
  }

  private func indices(_ bounds: [Int?], _ count: Int) throws -> [Int] {
    let step = bounds[2] ?? 1
    guard step != 0, step != .min else { throw TemplateError("a slice has the step \(step)") }
    func place(_ bound: Int?, _ standard: Int, _ range: ClosedRange<Int>) -> Int {
      guard let bound else { return standard }
      let place = bound < 0 ? bound + count : bound
      return min(max(place, range.lowerBound), range.upperBound)
    }
    try charge(count / 2)
    // A step beyond the length takes one element; a greater one would only overflow.
    if step > 0 {
      let start = place(bounds[0], 0, 0...count)
      let stop = place(bounds[1], count, 0...count)
      return Array(stride(from: start, to: stop, by: min(step, count + 1)))
    }
    let start = place(bounds[0], count - 1, -1...max(count - 1, -1))
    let stop = place(bounds[1], -1, -1...max(count - 1, -1))
    return Array(stride(from: start, to: stop, by: max(step, -count - 1)))
  }
}

extension TemplateLoop {
  /// What a template may ask of its loop.
  func attribute(_ name: String) -> TemplateValue? {
    switch name {
    case "index": return .integer(index + 1)
    case "index0": return .integer(index)
    case "revindex": return .integer(elements.count - index)
    case "revindex0": return .integer(elements.count - index - 1)
    case "first": return .bool(index == 0)
    case "last": return .bool(index + 1 == elements.count)
    case "length": return .integer(elements.count)
    case "depth": return .integer(depth)
    case "depth0": return .integer(depth - 1)
    case "previtem": return index > 0 ? elements[index - 1] : .undefined("loop.previtem")
    case "nextitem":
      return index + 1 < elements.count ? elements[index + 1] : .undefined("loop.nextitem")
    case "cycle":
      return .function(
        TemplateFunction("loop.cycle") { [index] _, arguments in
          guard !arguments.positional.isEmpty else {
            throw TemplateError("‘loop.cycle’ needs values")
          }
          return arguments.positional[index % arguments.positional.count]
        })
    case "changed":
      return .function(
        TemplateFunction("loop.changed") { _, arguments in
          let isSame = self.last.map {
            TemplateValue.list($0).equals(.list(arguments.positional))
          }
          self.last = arguments.positional
          return .bool(isSame != true)
        })
    default: return nil
    }
  }
}

/// The methods of Python's strings.
enum TemplateTextMethods {
  /// A method of a string.
  typealias Method =
    @Sendable (
      TemplateRenderer, [Unicode.Scalar], TemplateArguments
    ) throws -> TemplateValue

  /// All by name.
  static let all: [String: Method] = {
    var all = cutting
    all.merge(searching) { $1 }
    all.merge(casing) { $1 }
    all.merge(asking) { $1 }
    all.merge(building) { $1 }
    return all
  }()

  private static let cutting: [String: Method] = [
    "strip": { _, text, arguments in try stripped(text, arguments, start: true, end: true) },
    "lstrip": { _, text, arguments in try stripped(text, arguments, start: true, end: false) },
    "rstrip": { _, text, arguments in try stripped(text, arguments, start: false, end: true) },
    "split": { renderer, text, arguments in try split(renderer, text, arguments, fromRight: false)
    },
    "rsplit": { renderer, text, arguments in try split(renderer, text, arguments, fromRight: true)
    },
    "splitlines": { _, text, arguments in
      let keeps = arguments.value(0, "keepends")?.isTrue ?? false
      return .list(text.lines(keepingEnds: keeps).map { .string($0) })
    },
    "partition": { _, text, arguments in try parted(text, arguments, fromRight: false) },
    "rpartition": { _, text, arguments in try parted(text, arguments, fromRight: true) },
    "removeprefix": { _, text, arguments in
      let start = try arguments.requiredCharacters(0, "prefix")
      return .string(text.has(start, at: 0) ? Array(text.dropFirst(start.count)) : text)
    },
    "removesuffix": { _, text, arguments in
      let end = try arguments.requiredCharacters(0, "suffix")
      return .string(text.has(end, at: text.count - end.count) ? text.dropLast(end.count) : text)
    },
  ]

  private static let searching: [String: Method] = [
    "startswith": { renderer, text, arguments in try begins(renderer, text, arguments, atEnd: false)
    },
    "endswith": { renderer, text, arguments in try begins(renderer, text, arguments, atEnd: true) },
    "find": { renderer, text, arguments in
      try found(renderer, text, arguments, fromRight: false, isNeeded: false)
    },
    "rfind": { renderer, text, arguments in
      try found(renderer, text, arguments, fromRight: true, isNeeded: false)
    },
    "index": { renderer, text, arguments in
      try found(renderer, text, arguments, fromRight: false, isNeeded: true)
    },
    "rindex": { renderer, text, arguments in
      try found(renderer, text, arguments, fromRight: true, isNeeded: true)
    },
    "count": { renderer, text, arguments in
      let wanted = try arguments.requiredCharacters(0, "sub")
      let part = Array(text[try range(arguments, text.count)])
      try renderer.search(part.count, wanted.count)
      return .integer(wanted.isEmpty ? part.count + 1 : part.count(of: wanted))
    },
  ]

  private static let casing: [String: Method] = [
    "upper": { _, text, _ in .string(text.upper) },
    "lower": { _, text, _ in .string(text.lower) },
    "casefold": { _, text, _ in .string(text.lower) },
    "capitalize": { _, text, _ in .string(text.capitalized) },
    "title": { _, text, _ in .string(text.titled) },
    "swapcase": { _, text, _ in
      .string(text.flatMap { $0.properties.isUppercase ? [$0].lower : [$0].upper })
    },
  ]

  private static let asking: [String: Method] = [
    "isdigit": { _, text, _ in asks(text) { $0.properties.numericType == .digit || $0.isDecimal } },
    "isdecimal": { _, text, _ in asks(text) { $0.isDecimal } },
    "isnumeric": { _, text, _ in asks(text) { $0.properties.numericType != nil } },
    "isalpha": { _, text, _ in asks(text) { $0.isLetter } },
    "isalnum": { _, text, _ in asks(text) { $0.isLetter || $0.properties.numericType != nil } },
    "isspace": { _, text, _ in asks(text) { $0.isPythonSpace } },
    "isascii": { _, text, _ in .bool(text.allSatisfy(\.isASCII)) },
    "isprintable": { _, text, _ in .bool(text.allSatisfy(\.isPrintable)) },
    "isupper": { _, text, _ in .bool(isCased(text) { $0.properties.isLowercase }) },
    "islower": { _, text, _ in .bool(isCased(text) { $0.properties.isUppercase }) },
    "istitle": { _, text, _ in .bool(isCased(text) { _ in false } && text.titled == text) },
    "isidentifier": { _, text, _ in
      .bool(!text.isEmpty && !(text.first?.isDigit ?? false) && text.allSatisfy(\.isWord))
    },
  ]

  private static let building: [String: Method] = [
    "replace": { renderer, text, arguments in
      let old = try arguments.requiredCharacters(0, "old")
      let new = try arguments.requiredCharacters(1, "new")
      let most = try arguments.whole(2, "count") ?? -1
      return .string(try renderer.replaced(text, old, new, most))
    },
    "join": { renderer, text, arguments in
      let parts = try renderer.elements(of: try arguments.required(0, "iterable"))
      for part in parts where part.characters == nil {
        throw TemplateError("‘join’ takes strings and meets \(part.kind)")
      }
      return .string(try renderer.joined(parts, text))
    },
    "format": { renderer, text, arguments in
      .string(try TemplateFormat(renderer: renderer).formatted(text, with: arguments))
    },
    "center": { renderer, text, arguments in
      try filled(renderer, text, arguments) { $0 / 2 + ($0 & $1 & 1) }
    },
    "ljust": { renderer, text, arguments in try filled(renderer, text, arguments) { _, _ in 0 } },
    "rjust": { renderer, text, arguments in
      try filled(renderer, text, arguments) { missing, _ in missing }
    },
    "zfill": { renderer, text, arguments in
      let width = try arguments.whole(0, "width") ?? 0
      try renderer.reserve(max(0, width))
      let sign = text.first == "-" || text.first == "+" ? 1 : 0
      let zeros = [Unicode.Scalar](repeating: "0", count: max(0, width - text.count))
      return .string(text.prefix(sign) + zeros + text.dropFirst(sign))
    },
    "expandtabs": { renderer, text, arguments in
      let width = min(max(try arguments.whole(0, "tabsize") ?? 8, 0), 64)
      try renderer.reserve(text.count * 8)
      var (result, column): ([Unicode.Scalar], Int) = ([], 0)
      for scalar in text {
        let count = scalar == "\t" ? (width > 0 ? width - column % width : 0) : 1
        column = scalar == "\n" || scalar == "\r" ? 0 : column + count
        result += scalar == "\t" ? Array(repeating: " ", count: count) : [scalar]
      }
      return .string(result)
    },
  ]

  // MARK: How they work

  private static func stripped(
    _ text: [Unicode.Scalar], _ arguments: TemplateArguments, start: Bool, end: Bool
  ) throws -> TemplateValue {
    .string(text.stripped(of: try arguments.characters(0, "chars"), start: start, end: end))
  }

  private static func split(
    _ renderer: TemplateRenderer, _ text: [Unicode.Scalar], _ arguments: TemplateArguments,
    fromRight: Bool
  ) throws -> TemplateValue {
    let most = try arguments.whole(1, "maxsplit") ?? -1
    guard let separator = try arguments.characters(0, "sep") else {
      try renderer.charge(text.count / 2)
      let words =
        fromRight ? text.splitAtSpaceFromRight(most: most) : text.splitAtSpace(most: most)
      return .list(words.map { .string($0) })
    }
    guard !separator.isEmpty else { throw TemplateError("‘split’ has an empty separator") }
    try renderer.search(text.count, separator.count)
    // Every piece is a list of its own, so that short ones cost more than their characters.
    try renderer.charge(2 * text.count(of: separator))
    let pieces =
      fromRight
      ? text.splitFromRight(separator, most: most) : text.split(separator, most: most)
    return .list(pieces.map { .string($0) })
  }

  private static func parted(
    _ text: [Unicode.Scalar], _ arguments: TemplateArguments, fromRight: Bool
  ) throws -> TemplateValue {
    let separator = try arguments.requiredCharacters(0, "sep")
    guard !separator.isEmpty else { throw TemplateError("‘partition’ has an empty separator") }
    guard let place = fromRight ? text.last(separator) : text.first(separator) else {
      let empty = TemplateValue.string([])
      return .tuple(fromRight ? [empty, empty, .string(text)] : [.string(text), empty, empty])
    }
    let rest = text.dropFirst(place + separator.count)
    return .tuple([.string(Array(text[..<place])), .string(separator), .string(Array(rest))])
  }

  /// The characters from `start` to `end`, negative ones counted from the end.
  private static func range(
    _ arguments: TemplateArguments, _ count: Int
  ) throws -> Range<Int> {
    func place(_ bound: Int) -> Int {
      bound < 0 ? max(0, bound + count) : min(bound, count)
    }
    let start = place(try arguments.whole(1, "start") ?? 0)
    let end = place(try arguments.whole(2, "end") ?? count)
    return start..<max(start, end)
  }

  private static func begins(
    _ renderer: TemplateRenderer, _ text: [Unicode.Scalar], _ arguments: TemplateArguments,
    atEnd: Bool
  ) throws -> TemplateValue {
    let wanted = try arguments.required(0, "prefix")
    let all: [TemplateValue]
    if case .sequence(let tuple) = wanted, tuple.kind == .tuple {
      all = tuple.elements
    } else {
      all = [wanted]
    }
    let part = Array(text[try range(arguments, text.count)])
    for one in all {
      guard let one = one.characters else {
        throw TemplateError("‘\(atEnd ? "endswith" : "startswith")’ looks for \(one.kind)")
      }
      if part.has(one, at: atEnd ? part.count - one.count : 0) { return .bool(true) }
    }
    return .bool(false)
  }

  private static func found(
    _ renderer: TemplateRenderer, _ text: [Unicode.Scalar], _ arguments: TemplateArguments,
    fromRight: Bool, isNeeded: Bool
  ) throws -> TemplateValue {
    let wanted = try arguments.requiredCharacters(0, "sub")
    let range = try range(arguments, text.count)
    try renderer.search(range.count, wanted.count)
    let place =
      fromRight
      ? text.last(wanted, from: range.lowerBound, to: range.upperBound)
      : text.first(wanted, from: range.lowerBound, to: range.upperBound)
    guard place != nil || !isNeeded else {
      throw TemplateError("‘index’ does not find its text")
    }
    return .integer(place ?? -1)
  }

  private static func asks(
    _ text: [Unicode.Scalar], _ question: (Unicode.Scalar) -> Bool
  ) -> TemplateValue {
    .bool(!text.isEmpty && text.allSatisfy(question))
  }

  /// Whether there is a letter with a case and none of the other case.
  private static func isCased(
    _ text: [Unicode.Scalar], _ isOther: (Unicode.Scalar) -> Bool
  ) -> Bool {
    text.contains { $0.properties.isUppercase || $0.properties.isLowercase }
      && !text.contains(where: isOther)
  }

  /// Filled up to a width, so many of the missing characters at the left.
  private static func filled(
    _ renderer: TemplateRenderer, _ text: [Unicode.Scalar], _ arguments: TemplateArguments,
    left: (_ missing: Int, _ width: Int) -> Int
  ) throws -> TemplateValue {
    let width = try arguments.whole(0, "width") ?? 0
    let fill = try arguments.characters(1, "fillchar") ?? [" "]
    guard fill.count == 1 else { throw TemplateError("a text is filled up with one character") }
    try renderer.reserve(max(0, width))
    let missing = max(0, width - text.count)
    let before = left(missing, width)
    return .string(
      Array(repeating: fill[0], count: before) + text
        + Array(repeating: fill[0], count: missing - before))
  }
}

extension Unicode.Scalar {
  fileprivate var isDecimal: Bool { properties.numericType == .decimal }

  fileprivate var isLetter: Bool {
    switch properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
    default: false
    }
  }
}

extension TemplateRenderer {
  /// Counts the work of looking for a text in another.
  func search(_ count: Int, _ wanted: Int) throws { try reserve(count + wanted) }

  /// A text with another in place of a text.
  func replaced(
    _ text: [Unicode.Scalar], _ old: [Unicode.Scalar], _ new: [Unicode.Scalar], _ most: Int
  ) throws -> [Unicode.Scalar] {
    try search(text.count, old.count)
    let places = old.isEmpty ? text.count + 1 : text.count(of: old)
    let (growth, overflow) = new.count.multipliedReportingOverflow(
      by: most < 0 ? places : min(places, most))
    try reserve(overflow ? .max : text.count + growth)
    return text.replacing(old, with: new, most: most)
  }

  /// Values written one after the other with a text between.
  func joined(
    _ parts: [TemplateValue], _ separator: [Unicode.Scalar]
  ) throws -> [Unicode.Scalar] {
    var result: [Unicode.Scalar] = []
    for (index, part) in parts.enumerated() {
      if index > 0 { result += separator }
      let text = try written(part)
      guard result.count + text.count <= bounds.characters else {
        throw TemplateError("a text has more than \(bounds.characters) characters")
      }
      try charge(1 + (text.count + separator.count) / TemplateRenderer.charactersPerStep)
      result += text
    }
    return result
  }
}
