/// Names and what they stand for, in one body of a template.
final class TemplateScope {
  /// The values of this body's own names.
  var values: [String: TemplateValue]
  private let parent: TemplateScope?

  /// A body within another.
  init(_ values: [String: TemplateValue] = [:], within parent: TemplateScope? = nil) {
    self.values = values
    self.parent = parent
  }

  /// The value of a name here or around; nil where there is none.
  func value(_ name: String) -> TemplateValue? {
    var scope: TemplateScope? = self
    while let here = scope {
      if let value = here.values[name] { return value }
      scope = here.parent
    }
    return nil
  }
}

/// What a template may cost; a longer conversation allows for more.
struct TemplateBounds {
  /// The greatest number of steps: a statement, an expression, 16 characters or two elements.
  let steps: Int
  /// The greatest number of characters in a text or a value.
  let characters: Int

  /// The bounds for a conversation.
  ///
  /// The base keeps a hostile template under a tenth of a second. Templates go through all messages a
  /// few times, some of them once for every message.
  ///
  /// - Parameters:
  ///   - messages: How many messages there are.
  ///   - size: How much they hold; see `TemplateSize`.
  init(messages: Int = 0, size: Int = 0) {
    (steps, characters) = (150_000 + 2000 * messages + 2 * size, 1_000_000 + 2 * size)
  }
}

/// Does what a template says, within bounds.
final class TemplateRenderer {
  /// How many characters are read or made in the time of a step.
  static let charactersPerStep = 16
  /// How deep statements, expressions and macros may be nested at work.
  static let greatestDepth = 400
  /// How deep lists and dictionaries may be nested.
  static let deepestValue = 64

  /// What was written so far by the body at work.
  var output: [Unicode.Scalar] = []
  private var steps = 0
  private var depth = 0
  private var loops = 0
  /// The line of the statement or call at work.
  private var line = 1
  /// What refers to itself when a macro or a namespace is kept in it, and is emptied at the end.
  private var scopes: [TemplateScope] = []
  private var namespaces: [TemplateNamespace] = []

  /// What the template may cost.
  let bounds: TemplateBounds

  private init(bounds: TemplateBounds) { self.bounds = bounds }

  /// What a template writes.
  ///
  /// - Parameters:
  ///   - statements: The template.
  ///   - globals: The names that are given to it.
  ///   - bounds: What it may cost.
  /// - Returns: The text.
  /// - Throws: `TemplateError` where it cannot be done, goes beyond the bounds, or refuses.
  static func text(
    of statements: [TemplateStatement], globals: [String: TemplateValue],
    bounds: TemplateBounds = TemplateBounds()
  ) throws -> String {
    let renderer = TemplateRenderer(bounds: bounds)
    defer { renderer.release() }
    do {
      let functions = TemplateScope(TemplateFunctions.all)
      let given = TemplateScope(globals, within: functions)
      _ = try renderer.run(statements, TemplateScope(within: given))
    } catch var error as TemplateError {
      error.line = error.line ?? renderer.line
      throw error
    }
    return renderer.output.asString
  }

  private func release() {
    for scope in scopes { scope.values = [:] }
    for namespace in namespaces { namespace.values = TemplateDictionary() }
  }

  // MARK: Bounds

  /// Counts work.
  func charge(_ count: Int = 1) throws {
    steps += count
    guard steps <= bounds.steps else {
      throw TemplateError(
        "the template does not come to an end in \(bounds.steps) steps")
    }
  }

  /// Counts characters that are about to be made or read.
  func reserve(_ count: Int) throws {
    guard count >= 0, count <= bounds.characters else {
      throw TemplateError("a text has more than \(bounds.characters) characters")
    }
    try charge(1 + count / TemplateRenderer.charactersPerStep)
  }

  /// Counts the work of looking for a key.
  func search(_ dictionary: TemplateDictionary) throws {
    try charge(1 + dictionary.entries.count / 8)
  }

  /// Refuses a value that has grown too large.
  private func checked(_ value: TemplateValue) throws -> TemplateValue {
    let size = value.size
    guard size.count <= bounds.characters, size.depth <= TemplateRenderer.deepestValue
    else { throw TemplateError("a value is too large or nested too deep") }
    return value
  }

  /// Does something one level deeper.
  private func deeper<Result>(
    _ body: () throws -> Result
  ) throws -> Result {
    depth += 1
    defer { depth -= 1 }
    guard depth <= TemplateRenderer.greatestDepth else {
      throw TemplateError("blocks, values or macros are nested too deep")
    }
    try charge()
    return try body()
  }

  /// Keeps a namespace, to empty it at the end.
  func keep(_ namespace: TemplateNamespace) { namespaces.append(namespace) }

  /// The text of a value as it is written.
  func written(_ value: TemplateValue) throws -> [Unicode.Scalar] {
    if let text = value.characters { return text }
    try reserve(value.size.count)
    return value.written
  }

  // MARK: Statements

  /// How a body ended.
  enum Flow {
    case onward
    case leave
    case skip
  }

  private func run(_ body: [TemplateStatement], _ scope: TemplateScope) throws -> Flow {
    for statement in body {
      let flow = try deeper { try run(statement, scope) }
      guard flow == .onward else { return flow }
    }
    return .onward
  }

  private func run(_ statement: TemplateStatement, _ scope: TemplateScope) throws -> Flow {
    switch statement {
    case .text(let text): try write(text)
    case .output(let expression, let line):
      self.line = line
      try write(written(value(of: expression, scope)))
    case .set(let target, let expression, let line):
      self.line = line
      try set(target, try value(of: expression, scope), scope)
    case .setBody(let target, let filters, let body, let line):
      self.line = line
      try set(target, try filtered(try text(of: body, scope), filters, scope), scope)
    case .loop(let loop): return try run(loop, scope)
    case .branches(let branches, let otherwise):
      for branch in branches {
        line = branch.line
        if try value(of: branch.condition, scope).isTrue { return try run(branch.body, scope) }
      }
      return try run(otherwise, scope)
    case .macro(let macro):
      scopes.append(scope)
      scope.values[macro.name] = .function(function(macro, scope))
    case .call(let call, let body):
      try write(try self.call(call, body, scope))
    case .filtered(let filters, let body, let line):
      self.line = line
      try write(written(try filtered(try text(of: body, scope), filters, scope)))
    case .scope(let values, let body, let line):
      self.line = line
      let inner = TemplateScope(within: scope)
      for (target, expression) in values {
        try set(target, try value(of: expression, scope), inner)
      }
      _ = try run(body, inner)
    case .leave: return .leave
    case .skip: return .skip
    }
    return .onward
  }

  private func write(_ text: [Unicode.Scalar]) throws {
    try charge(text.count / TemplateRenderer.charactersPerStep)
    output += text
    guard output.count <= bounds.characters else {
      throw TemplateError("the text has more than \(bounds.characters) characters")
    }
  }

  /// What a body writes, in a scope of its own.
  private func text(
    of body: [TemplateStatement], _ scope: TemplateScope
  ) throws -> TemplateValue {
    let outer = output
    output = []
    defer { output = outer }
    _ = try run(body, TemplateScope(within: scope))
    return .string(output)
  }

  private func set(
    _ target: TemplateTarget, _ value: TemplateValue, _ scope: TemplateScope
  ) throws {
    switch target {
    case .name(let name): scope.values[name] = value
    case .attribute(let name, let attribute):
      guard case .namespace(let namespace)? = scope.value(name) else {
        throw TemplateError(
          "\(quoted(name)) is no namespace, so \(quoted(attribute)) cannot be set")
      }
      guard !attribute.hasPrefix("_") else {
        throw TemplateError("a namespace has no attribute that begins with _")
      }
      namespace.values[.text(attribute)] = value
      _ = try checked(.dictionary(namespace.values))
    case .tuple(let targets):
      let elements = try elements(of: value)
      guard elements.count == targets.count else {
        throw TemplateError("\(elements.count) values are given to \(targets.count) names")
      }
      for (target, element) in zip(targets, elements) { try set(target, element, scope) }
    }
  }

  private func run(_ loop: TemplateForLoop, _ scope: TemplateScope) throws -> Flow {
    line = loop.line
    var elements = try elements(of: try value(of: loop.elements, scope))
    if let condition = loop.condition {
      var kept: [TemplateValue] = []
      for element in elements {
        let inner = TemplateScope(within: scope)
        try set(loop.target, element, inner)
        if try value(of: condition, inner).isTrue { kept.append(element) }
      }
      elements = kept
    }
    if elements.isEmpty { return try run(loop.otherwise, TemplateScope(within: scope)) }
    loops += 1
    defer { loops -= 1 }
    let state = TemplateLoop(elements, depth: loops)
    for (index, element) in elements.enumerated() {
      state.index = index
      let inner = TemplateScope(["loop": .loop(state)], within: scope)
      line = loop.line
      try set(loop.target, element, inner)
      if try run(loop.body, inner) == .leave { break }
    }
    return .onward
  }

  // MARK: Macros

  private func function(_ macro: TemplateMacro, _ scope: TemplateScope) -> TemplateFunction {
    TemplateFunction(macro.name) { renderer, arguments in
      try renderer.deeper {
        try renderer.run(macro, arguments, scope)
      }
    }
  }

  private func run(
    _ macro: TemplateMacro, _ arguments: TemplateArguments, _ scope: TemplateScope
  ) throws -> TemplateValue {
    let inner = TemplateScope(within: scope)
    let (names, calls) = (macro.parameters.map(\.name), loops)
    try charge(arguments.named.count * names.count / 8)
    var others = arguments.named.filter { !names.contains($0.name) }
    if let caller = others.firstIndex(where: { $0.name == "caller" }) {
      inner.values["caller"] = others.remove(at: caller).value
    }
    try check(arguments, others.first?.name, of: macro)
    inner.values["varargs"] = .tuple(Array(arguments.positional.dropFirst(names.count)))
    inner.values["kwargs"] = .dictionary(
      TemplateDictionary(others.map { (.text($0.name), $0.value) }))
    for (index, parameter) in macro.parameters.enumerated() {
      if let value = arguments.value(index, parameter.name) {
        inner.values[parameter.name] = value
      } else if let standard = parameter.standard {
        inner.values[parameter.name] = try value(of: standard, inner)
      } else {
        inner.values[parameter.name] = .undefined(parameter.name)
      }
    }
    loops = 0
    defer { loops = calls }
    return try text(of: macro.body, inner)
  }

  /// Refuses arguments that a macro has no names for, unless its body asks for those.
  private func check(
    _ arguments: TemplateArguments, _ name: String?, of macro: TemplateMacro
  ) throws {
    guard macro.takesMore || arguments.positional.count <= macro.parameters.count else {
      throw TemplateError(
        "the macro \(quoted(macro.name)) takes \(macro.parameters.count) arguments at most")
    }
    if let name, !macro.takesMoreNames {
      throw TemplateError("the macro \(quoted(macro.name)) has no argument \(quoted(name))")
    }
  }

  private func call(
    _ expression: TemplateExpression, _ body: TemplateMacro, _ scope: TemplateScope
  ) throws -> [Unicode.Scalar] {
    guard case .call(let callee, let arguments, let line) = expression else { return [] }
    self.line = line
    var values = try self.arguments(arguments, scope)
    values.named.append(("caller", .function(function(body, scope))))
    return try written(try call(try value(of: callee, scope), values))
  }

  // MARK: Values

  /// The value of an expression.
  private func value(
    of expression: TemplateExpression, _ scope: TemplateScope
  ) throws -> TemplateValue {
    try deeper { try checked(try evaluated(expression, scope)) }
  }

  private func values(
    of expressions: [TemplateExpression], _ scope: TemplateScope
  ) throws -> [TemplateValue] {
    var values: [TemplateValue] = []
    for expression in expressions { values.append(try value(of: expression, scope)) }
    return values
  }

  private func evaluated(
    _ expression: TemplateExpression, _ scope: TemplateScope
  ) throws -> TemplateValue {
    switch expression {
    case .none: return .none
    case .bool(let value): return .bool(value)
    case .integer(let value): return .integer(value)
    case .float(let value): return .float(value)
    case .string(let text): return .string(text)
    case .name(let name): return scope.value(name) ?? .undefined(name)
    case .list(let parts): return .list(try values(of: parts, scope))
    case .tuple(let parts): return .tuple(try values(of: parts, scope))
    case .not(let operand): return .bool(!(try value(of: operand, scope).isTrue))
    case .and(let first, let second):
      let value = try value(of: first, scope)
      return value.isTrue ? try self.value(of: second, scope) : value
    case .or(let first, let second):
      let value = try value(of: first, scope)
      return value.isTrue ? value : try self.value(of: second, scope)
    case .conditional(let first, let condition, let second):
      if try value(of: condition, scope).isTrue { return try value(of: first, scope) }
      guard let second else { return .undefined("if without else") }
      return try value(of: second, scope)
    case .attribute(let object, let name):
      return try attribute(name, of: try value(of: object, scope))
    case .item(let object, let key):
      return try item(try value(of: key, scope), of: try value(of: object, scope))
    default: return try computed(expression, scope)
    }
  }

  private func computed(
    _ expression: TemplateExpression, _ scope: TemplateScope
  ) throws -> TemplateValue {
    switch expression {
    case .dictionary(let parts): return try dictionary(parts, scope)
    case .signed(let isNegative, let operand):
      return try arithmetic.signed(try value(of: operand, scope), isNegative: isNegative)
    case .arithmetic(let sign, let first, let second):
      let first = try value(of: first, scope)
      return try arithmetic.value(sign, first, try value(of: second, scope))
    case .joined(let parts):
      var text: [Unicode.Scalar] = []
      for part in parts {
        text += try written(try value(of: part, scope))
        try reserve(text.count)
      }
      return .string(text)
    case .comparison(let first, let others): return try comparison(first, others, scope)
    case .slice(let object, let bounds): return try slice(object, bounds, scope)
    case .call(let callee, let arguments, let line):
      let callee = try value(of: callee, scope)
      let values = try self.arguments(arguments, scope)
      self.line = line
      return try call(callee, values)
    case .filter(let operand, let call):
      return try filtered(try value(of: operand, scope), [call], scope)
    case .test(let operand, let call):
      let operand = try value(of: operand, scope)
      let values = try arguments(call.arguments, scope)
      line = call.line
      return .bool(try test(call.name, operand, values))
    default: return .none
    }
  }

  private var arithmetic: TemplateArithmetic { TemplateArithmetic(renderer: self) }

  private func dictionary(
    _ parts: [(key: TemplateExpression, value: TemplateExpression)], _ scope: TemplateScope
  ) throws -> TemplateValue {
    var result = TemplateDictionary()
    for part in parts {
      let key = try value(of: part.key, scope)
      if case .dictionary = key { throw TemplateError("a dictionary cannot be a key") }
      if case .sequence(let list) = key, list.kind == .list {
        throw TemplateError("a list cannot be a key")
      }
      try search(result)
      result[key] = try value(of: part.value, scope)
    }
    return .dictionary(result)
  }

  private func comparison(
    _ first: TemplateExpression, _ others: [(sign: String, value: TemplateExpression)],
    _ scope: TemplateScope
  ) throws -> TemplateValue {
    var left = try value(of: first, scope)
    for (sign, expression) in others {
      let right = try value(of: expression, scope)
      guard try compare(left, sign, right) else { return .bool(false) }
      left = right
    }
    return .bool(true)
  }

  /// Whether two values compare so.
  func compare(
    _ left: TemplateValue, _ sign: String, _ right: TemplateValue
  ) throws -> Bool {
    try charge(min(left.size.count, right.size.count) / TemplateRenderer.charactersPerStep)
    switch sign {
    case "==": return left.equals(right)
    case "!=": return !left.equals(right)
    case "<": return try left.isLess(than: right)
    case ">": return try right.isLess(than: left)
    case "<=": return try left.isLess(than: right) || left.equals(right)
    case ">=": return try right.isLess(than: left) || left.equals(right)
    case "in": return try contains(right, left)
    default: return try !contains(right, left)
    }
  }

  private func contains(
    _ whole: TemplateValue, _ part: TemplateValue
  ) throws -> Bool {
    try reserve(whole.size.count)
    if let text = whole.characters {
      guard let part = part.characters else {
        throw TemplateError("‘in’ looks for \(part.kind) in a string")
      }
      return text.first(part) != nil
    }
    if case .dictionary(let dictionary) = whole { return dictionary[part] != nil }
    return try elements(of: whole).contains { $0.equals(part) }
  }

  private func slice(
    _ object: TemplateExpression, _ bounds: [TemplateExpression?], _ scope: TemplateScope
  ) throws -> TemplateValue {
    let object = try value(of: object, scope)
    var numbers: [Int?] = []
    for bound in bounds {
      guard let bound else {
        numbers.append(nil)
        continue
      }
      let value = try self.value(of: bound, scope)
      if case .none = value {
        numbers.append(nil)
      } else if let number = value.whole {
        numbers.append(number)
      } else {
        throw TemplateError("a slice goes from or to \(value.kind)")
      }
    }
    return try slice(object, numbers + Array(repeating: nil, count: 3 - numbers.count))
  }

  // MARK: Calls

  private func arguments(
    _ written: TemplateCallArguments, _ scope: TemplateScope
  ) throws -> TemplateArguments {
    var arguments = TemplateArguments(positional: try values(of: written.positional, scope))
    for (name, expression) in written.named {
      arguments.named.append((name, try value(of: expression, scope)))
    }
    if let list = written.list {
      arguments.positional += try elements(of: try value(of: list, scope))
    }
    if let dictionary = written.dictionary {
      guard case .dictionary(let values) = try value(of: dictionary, scope) else {
        throw TemplateError("what follows ** is no dictionary")
      }
      for entry in values.entries {
        arguments.named.append((entry.key.written.asString, entry.value))
      }
    }
    return arguments
  }

  /// What a function gives.
  func call(
    _ callee: TemplateValue, _ arguments: TemplateArguments
  ) throws -> TemplateValue {
    guard case .function(let function) = callee else {
      throw TemplateError("\(callee.kind) cannot be called")
    }
    return try checked(try function.body(self, arguments))
  }

  private func filtered(
    _ value: TemplateValue, _ filters: [TemplateFilterCall], _ scope: TemplateScope
  ) throws -> TemplateValue {
    var value = value
    for filter in filters {
      let arguments = try arguments(filter.arguments, scope)
      line = filter.line
      value = try self.filter(filter.name, value, arguments)
    }
    return value
  }

  /// A value passed through a filter.
  func filter(
    _ name: String, _ value: TemplateValue, _ arguments: TemplateArguments
  ) throws -> TemplateValue {
    guard let filter = TemplateFilters.all[name] else {
      throw TemplateError("the filter \(quoted(name)) is not one that Crux has")
    }
    return try checked(try filter(self, value, arguments))
  }

  /// Whether a test holds.
  func test(
    _ name: String, _ value: TemplateValue, _ arguments: TemplateArguments
  ) throws -> Bool {
    guard let test = TemplateTests.all[name] else {
      throw TemplateError("the test \(quoted(name)) is not one that Crux has")
    }
    return try test(self, value, arguments)
  }

  // MARK: Elements

  /// What a loop over the value goes through.
  func elements(of value: TemplateValue) throws -> [TemplateValue] {
    switch value {
    case .undefined: return []
    case .sequence(let sequence):
      try reserve(sequence.size.count)
      return sequence.elements
    case .dictionary(let dictionary):
      try reserve(dictionary.size.count)
      return dictionary.entries.map(\.key)
    case .generator(let generator):
      try reserve(generator.size.count)
      return generator.take()
    case .string(let text), .markup(let text):
      try reserve(text.count * 8)
      return text.map { .string([$0]) }
    default: throw TemplateError("\(value.kind) has no elements to go through")
    }
  }
}
