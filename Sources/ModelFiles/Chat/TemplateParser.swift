/// Reads a template into its statements, in the order of Jinja's grammar.
struct TemplateParser {
  private let tokens: [TemplateToken]
  private var position = 0
  /// How deep statements and expressions are nested here.
  private var depth = 0
  /// How many loops stand around, within the same body.
  private var loops = 0

  /// Which of `varargs` and `kwargs` the macro at hand asks for.
  private var mentioned: Set<String> = []

  /// The greatest depth of nesting, and the longest chain of one operator.
  private static let (greatestDepth, longestChain) = (48, 400)

  /// The statements of a template.
  ///
  /// - Throws: `TemplateError` where it is none, or one with blocks that Crux does not run.
  static func statements(of source: String) throws -> [TemplateStatement] {
    var parser = TemplateParser(tokens: try TemplateLexer.tokens(of: source))
    let (body, end) = try parser.body(until: [])
    if let end { throw parser.problem("\(quoted(end)) ends no block") }
    return body
  }

  private init(tokens: [TemplateToken]) { self.tokens = tokens }

  // MARK: Tokens

  private var current: TemplateToken { tokens[position] }
  private var line: Int { current.line }

  private func problem(_ text: String, line: Int? = nil) -> TemplateError {
    TemplateError(text, line: line ?? self.line)
  }

  private mutating func advance() { position = min(position + 1, tokens.count - 1) }

  private func isSign(_ sign: String, ahead: Int = 0) -> Bool {
    tokens[min(position + ahead, tokens.count - 1)].kind == .sign(sign)
  }

  private func isName(_ name: String, ahead: Int = 0) -> Bool {
    tokens[min(position + ahead, tokens.count - 1)].kind == .name(name)
  }

  private mutating func skipSign(_ sign: String) -> Bool {
    guard isSign(sign) else { return false }
    advance()
    return true
  }

  private mutating func skipName(_ name: String) -> Bool {
    guard isName(name) else { return false }
    advance()
    return true
  }

  private mutating func expect(_ kind: TemplateToken.Kind) throws {
    guard current.kind == kind else {
      let wanted = TemplateToken(kind: kind, line: line).description
      throw problem("\(quoted(wanted)) is missing before \(quoted(current.description))")
    }
    advance()
  }

  private mutating func name() throws -> String {
    guard case .name(let name) = current.kind else {
      throw problem("a name is missing before \(quoted(current.description))")
    }
    advance()
    return name
  }

  private mutating func deeper() throws {
    depth += 1
    guard depth <= TemplateParser.greatestDepth else {
      throw problem(
        "blocks or expressions are nested more than \(TemplateParser.greatestDepth) deep")
    }
  }

  // MARK: Statements

  /// The statements up to a tag with one of these names, which is read, and that name.
  private mutating func body(
    until ends: Set<String>
  ) throws -> (statements: [TemplateStatement], end: String?) {
    try deeper()
    defer { depth -= 1 }
    var statements: [TemplateStatement] = []
    while true {
      let start = line
      switch current.kind {
      case .text(let text):
        statements.append(.text(text))
        advance()
      case .valueBegin:
        advance()
        statements.append(.output(try tuple(), line: start))
        try expect(.valueEnd)
      case .blockBegin:
        advance()
        if case .name(let name) = current.kind, ends.contains(name) {
          advance()
          return (statements, name)
        }
        statements.append(contentsOf: try statement())
        try expect(.blockEnd)
      default:
        guard ends.isEmpty else {
          throw problem("a block lacks its end: \(ends.sorted().joined(separator: " or "))")
        }
        return (statements, nil)
      }
    }
  }

  /// The body of a block whose tag ends here, and the name of the tag that ended it.
  private mutating func blockBody(
    until ends: Set<String>
  ) throws -> (statements: [TemplateStatement], end: String) {
    _ = skipSign(":")
    try expect(.blockEnd)
    let (statements, end) = try body(until: ends)
    return (statements, end ?? "")
  }

  private mutating func statement() throws -> [TemplateStatement] {
    let start = line
    let keyword = try name()
    switch keyword {
    case "set": return [try set(start)]
    case "for": return [try forLoop(start)]
    case "if": return [try conditional(start)]
    case "macro": return [.macro(try macro(try name(), until: "endmacro"))]
    case "call": return [try callBlock(start)]
    case "filter":
      let filters = try filters(first: true)
      return [.filtered(filters, try blockBody(until: ["endfilter"]).statements, line: start)]
    case "with": return [try with(start)]
    case "print":
      var values = [try expression()]
      while skipSign(",") { values.append(try expression()) }
      return values.map { .output($0, line: start) }
    case "block":
      _ = try name()
      let body = try ownBody(until: "endblock")
      if case .name = current.kind { advance() }
      return [.scope([], body, line: start)]
    case "generation": return [.scope([], try ownBody(until: "endgeneration"), line: start)]
    case "break", "continue":
      guard loops > 0 else { throw problem("\(quoted(keyword)) stands in no loop", line: start) }
      return [keyword == "break" ? .leave : .skip]
    case "else", "elif",
      _ where keyword.hasPrefix("end"):
      throw problem("{% \(keyword) %} ends no block", line: start)
    default:
      throw problem("the block {% \(keyword) %} is not one that Crux runs", line: start)
    }
  }

  /// A body that loops around it cannot be left from.
  private mutating func ownBody(until end: String) throws -> [TemplateStatement] {
    let outer = loops
    loops = 0
    defer { loops = outer }
    return try blockBody(until: [end]).statements
  }

  private mutating func set(_ start: Int) throws -> TemplateStatement {
    let target = try target(namespaces: true)
    if skipSign("=") { return .set(target, try tuple(), line: start) }
    let filters = try filters(first: false)
    return .setBody(target, filters, try ownBody(until: "endset"), line: start)
  }

  private mutating func forLoop(_ start: Int) throws -> TemplateStatement {
    let target = try target()
    guard skipName("in") else { throw problem("‘in’ is missing in {% for … in … %}") }
    let elements = try tuple(conditional: false)
    let condition = skipName("if") ? try expression() : nil
    guard !isName("recursive") else { throw problem("recursive loops are not supported") }
    loops += 1
    var (body, end) = try blockBody(until: ["endfor", "else"])
    loops -= 1
    var otherwise: [TemplateStatement] = []
    if end == "else" { (otherwise, end) = try blockBody(until: ["endfor"]) }
    return .loop(
      TemplateForLoop(
        target: target, elements: elements, condition: condition, body: body,
        otherwise: otherwise, line: start))
  }

  private mutating func conditional(_ start: Int) throws -> TemplateStatement {
    var branches: [TemplateBranch] = []
    while true {
      let start = line
      let condition = try tuple(conditional: false)
      let (body, end) = try blockBody(until: ["elif", "else", "endif"])
      branches.append(TemplateBranch(condition: condition, body: body, line: start))
      if end == "endif" { return .branches(branches, otherwise: []) }
      if end == "else" {
        return .branches(branches, otherwise: try blockBody(until: ["endif"]).statements)
      }
    }
  }

  private mutating func macro(
    _ name: String, until end: String
  ) throws -> TemplateMacro {
    try macro(name, parameters: try parameters(), until: end)
  }

  private mutating func macro(
    _ name: String, parameters: [(String, TemplateExpression?)], until end: String
  ) throws -> TemplateMacro {
    let outer = mentioned
    mentioned = []
    defer { mentioned = outer }
    let body = try ownBody(until: end)
    return TemplateMacro(
      name: name, parameters: parameters, body: body, takesMore: mentioned.contains("varargs"),
      takesMoreNames: mentioned.contains("kwargs"))
  }

  private mutating func parameters() throws -> [(String, TemplateExpression?)] {
    var parameters: [(String, TemplateExpression?)] = []
    try expect(.sign("("))
    while !isSign(")") {
      if !parameters.isEmpty { try expect(.sign(",")) }
      let parameter = try name()
      let standard = skipSign("=") ? try expression() : nil
      guard standard != nil || parameters.last?.1 == nil else {
        throw problem("a parameter without a default follows one with a default")
      }
      parameters.append((parameter, standard))
    }
    try expect(.sign(")"))
    return parameters
  }

  private mutating func callBlock(_ start: Int) throws -> TemplateStatement {
    let parameters = isSign("(") ? try parameters() : []
    let call = try expression()
    guard case .call = call else { throw problem("{% call %} needs a call", line: start) }
    return .call(call, try macro("caller", parameters: parameters, until: "endcall"))
  }

  private mutating func with(_ start: Int) throws -> TemplateStatement {
    var values: [(TemplateTarget, TemplateExpression)] = []
    while current.kind != .blockEnd {
      if !values.isEmpty { try expect(.sign(",")) }
      let target = try target()
      try expect(.sign("="))
      values.append((target, try expression()))
    }
    return .scope(values, try blockBody(until: ["endwith"]).statements, line: start)
  }

  private mutating func target(namespaces: Bool = false) throws -> TemplateTarget {
    try deeper()
    defer { depth -= 1 }
    var targets: [TemplateTarget] = []
    var isTuple = false
    repeat {
      if isName("in") || isSign("=") || isSign(")") || current.kind == .blockEnd { break }
      if skipSign("(") {
        targets.append(try target(namespaces: namespaces))
        try expect(.sign(")"))
      } else {
        let name = try name()
        guard !["true", "false", "none", "True", "False", "None"].contains(name) else {
          throw problem("\(quoted(name)) cannot be given a value")
        }
        targets.append(
          namespaces && skipSign(".") ? .attribute(of: name, try self.name()) : .name(name))
      }
      isTuple = isTuple || isSign(",")
    } while skipSign(",")
    guard let only = targets.first else { throw problem("a name is missing") }
    return isTuple ? .tuple(targets) : only
  }

  // MARK: Expressions, the loosest first

  private mutating func tuple(conditional: Bool = true) throws -> TemplateExpression {
    var parts: [TemplateExpression] = []
    var isTuple = false
    repeat {
      if [.valueEnd, .blockEnd, .sign(")")].contains(current.kind) { break }
      parts.append(conditional ? try expression() : try or())
      isTuple = isTuple || isSign(",")
    } while skipSign(",")
    if isTuple { return .tuple(parts) }
    guard let only = parts.first else {
      throw problem("a value is missing before \(quoted(current.description))")
    }
    return only
  }

  private mutating func expression() throws -> TemplateExpression {
    try deeper()
    defer { depth -= 1 }
    var value = try or()
    var links = 0
    while skipName("if") {
      try link(&links)
      let condition = try or()
      value = .conditional(value, if: condition, else: skipName("else") ? try expression() : nil)
    }
    return value
  }

  /// Counts the parts of a chain, which is as deep as it is long.
  private func link(_ count: inout Int) throws {
    count += 1
    guard count <= TemplateParser.longestChain else {
      throw problem("an expression has more than \(TemplateParser.longestChain) parts in a row")
    }
  }

  private mutating func or() throws -> TemplateExpression {
    var (value, links) = (try and(), 0)
    while skipName("or") {
      try link(&links)
      value = .or(value, try and())
    }
    return value
  }

  private mutating func and() throws -> TemplateExpression {
    var (value, links) = (try not(), 0)
    while skipName("and") {
      try link(&links)
      value = .and(value, try not())
    }
    return value
  }

  private mutating func not() throws -> TemplateExpression {
    guard isName("not") else { return try comparison() }
    try deeper()
    defer { depth -= 1 }
    advance()
    return .not(try not())
  }

  private mutating func comparison() throws -> TemplateExpression {
    let value = try sum()
    var others: [(String, TemplateExpression)] = []
    while true {
      if case .sign(let sign) = current.kind, ["==", "!=", "<", "<=", ">", ">="].contains(sign) {
        advance()
        others.append((sign, try sum()))
      } else if skipName("in") {
        others.append(("in", try sum()))
      } else if isName("not"), isName("in", ahead: 1) {
        advance()
        advance()
        others.append(("not in", try sum()))
      } else {
        return others.isEmpty ? value : .comparison(value, others)
      }
    }
  }

  private mutating func sum() throws -> TemplateExpression {
    var (value, links) = (try joined(), 0)
    while case .sign(let sign) = current.kind, sign == "+" || sign == "-" {
      try link(&links)
      advance()
      value = .arithmetic(sign, value, try joined())
    }
    return value
  }

  private mutating func joined() throws -> TemplateExpression {
    var parts = [try product()]
    while skipSign("~") { parts.append(try product()) }
    return parts.count == 1 ? parts[0] : .joined(parts)
  }

  private mutating func product() throws -> TemplateExpression {
    var (value, links) = (try power(), 0)
    while case .sign(let sign) = current.kind, ["*", "/", "//", "%"].contains(sign) {
      try link(&links)
      advance()
      value = .arithmetic(sign, value, try power())
    }
    return value
  }

  private mutating func power() throws -> TemplateExpression {
    var (value, links) = (try unary(), 0)
    while skipSign("**") {
      try link(&links)
      value = .arithmetic("**", value, try unary())
    }
    return value
  }

  private mutating func unary(filters: Bool = true) throws -> TemplateExpression {
    var value: TemplateExpression
    if isSign("-") || isSign("+") {
      try deeper()
      defer { depth -= 1 }
      let isNegative = isSign("-")
      advance()
      value = .signed(isNegative: isNegative, try unary(filters: false))
    } else {
      value = try primary()
    }
    return try suffixes(value, filters: filters)
  }

  private mutating func primary() throws -> TemplateExpression {
    let token = current
    advance()
    switch token.kind {
    case .name("true"), .name("True"): return .bool(true)
    case .name("false"), .name("False"): return .bool(false)
    case .name("none"), .name("None"): return .none
    case .name(let name):
      if name == "varargs" || name == "kwargs" { mentioned.insert(name) }
      return .name(name)
    case .string(var text):
      while case .string(let more) = current.kind {
        text += more
        advance()
      }
      return .string(text)
    case .integer(let value): return .integer(value)
    case .float(let value): return .float(value)
    case .sign("("):
      if skipSign(")") { return .tuple([]) }
      let value = try tuple()
      try expect(.sign(")"))
      return value
    case .sign("["): return .list(try list())
    case .sign("{"): return .dictionary(try dictionary())
    default:
      throw problem("\(quoted(token.description)) stands where a value should", line: token.line)
    }
  }

  private mutating func list() throws -> [TemplateExpression] {
    var parts: [TemplateExpression] = []
    while !isSign("]") {
      if !parts.isEmpty { try expect(.sign(",")) }
      if isSign("]") { break }
      parts.append(try expression())
    }
    try expect(.sign("]"))
    return parts
  }

  private mutating func dictionary() throws -> [(
    key: TemplateExpression, value: TemplateExpression
  )] {
    var parts: [(key: TemplateExpression, value: TemplateExpression)] = []
    while !isSign("}") {
      if !parts.isEmpty { try expect(.sign(",")) }
      if isSign("}") { break }
      let key = try expression()
      try expect(.sign(":"))
      parts.append((key, try expression()))
    }
    try expect(.sign("}"))
    return parts
  }

  // MARK: What follows a value

  private mutating func suffixes(
    _ value: TemplateExpression, filters: Bool
  ) throws -> TemplateExpression {
    var (value, links) = (value, 0)
    var isFiltered = false
    while true {
      try link(&links)
      if isSign("(") {
        let start = line
        value = .call(value, try arguments(), line: start)
      } else if !isFiltered, isSign(".") || isSign("[") {
        value = try part(of: value)
      } else if filters, isSign("|") {
        isFiltered = true
        advance()
        value = .filter(value, try filter())
      } else if filters, isName("is") {
        isFiltered = true
        value = try test(value)
      } else {
        return value
      }
    }
  }

  private mutating func part(of value: TemplateExpression) throws
    -> TemplateExpression
  {
    if skipSign(".") {
      if case .integer(let index) = current.kind {
        advance()
        return .item(value, .integer(index))
      }
      return .attribute(value, try name())
    }
    try expect(.sign("["))
    var (bounds, isSlice): ([TemplateExpression?], Bool) = ([], false)
    while true {
      let isEmpty = isSign(":") || isSign("]")
      bounds.append(isEmpty ? nil : try expression())
      guard bounds.count < 3, skipSign(":") else { break }
      isSlice = true
    }
    try expect(.sign("]"))
    if isSlice { return .slice(value, bounds) }
    guard let index = bounds[0] else { throw problem("an index is missing in [ ]") }
    return .item(value, index)
  }

  private mutating func filter() throws -> TemplateFilterCall {
    let start = line
    let name = try name()
    return TemplateFilterCall(
      name: name, arguments: isSign("(") ? try arguments() : TemplateCallArguments(), line: start)
  }

  private mutating func filters(first: Bool) throws -> [TemplateFilterCall] {
    var filters = first ? [try filter()] : []
    while skipSign("|") { filters.append(try filter()) }
    return filters
  }

  private mutating func test(_ value: TemplateExpression) throws
    -> TemplateExpression
  {
    let start = line
    advance()
    let isNegated = skipName("not")
    var call = TemplateFilterCall(name: try name(), arguments: .init(), line: start)
    if isSign("(") {
      call.arguments = try arguments()
    } else if isName("is") {
      throw problem("one test with ‘is’ follows another")
    } else if beginsTestArgument {
      let argument = try suffixes(try primary(), filters: false)
      call.arguments.positional = [argument]
    }
    return isNegated ? .not(.test(value, call)) : .test(value, call)
  }

  private var beginsTestArgument: Bool {
    switch current.kind {
    case .name(let name): !["else", "or", "and", "is", "in", "not", "if"].contains(name)
    case .string, .integer, .float, .sign("["), .sign("{"): true
    default: false
    }
  }

  private mutating func arguments() throws -> TemplateCallArguments {
    var (arguments, isFirst) = (TemplateCallArguments(), true)
    try expect(.sign("("))
    while !isSign(")") {
      if !isFirst { try expect(.sign(",")) }
      isFirst = false
      if isSign(")") { break }
      if skipSign("*") {
        arguments.list = try expression()
      } else if skipSign("**") {
        arguments.dictionary = try expression()
      } else if case .name(let name) = current.kind, isSign("=", ahead: 1) {
        advance()
        advance()
        arguments.named.append((name, try expression()))
      } else {
        guard arguments.named.isEmpty, arguments.list == nil, arguments.dictionary == nil else {
          throw problem("an argument without a name follows one with a name")
        }
        arguments.positional.append(try expression())
      }
    }
    try expect(.sign(")"))
    return arguments
  }
}
