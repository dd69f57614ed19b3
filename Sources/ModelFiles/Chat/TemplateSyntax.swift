/// What a chat template says to do, in order.
indirect enum TemplateStatement: Sendable {
  /// Writes a text.
  case text([Unicode.Scalar])
  /// Writes a value.
  case output(TemplateExpression, line: Int)
  /// Gives a name a value.
  case set(TemplateTarget, TemplateExpression, line: Int)
  /// Gives a name what its body writes, passed through filters.
  case setBody(TemplateTarget, [TemplateFilterCall], [TemplateStatement], line: Int)
  /// Goes through a list.
  case loop(TemplateForLoop)
  /// The first branch whose condition holds, else the last.
  case branches([TemplateBranch], otherwise: [TemplateStatement])
  /// Names a body that can be called.
  case macro(TemplateMacro)
  /// Calls a macro that may call the body.
  case call(TemplateExpression, TemplateMacro)
  /// Writes what its body writes, passed through filters.
  case filtered([TemplateFilterCall], [TemplateStatement], line: Int)
  /// A body whose names are its own, some of them given.
  case scope([(TemplateTarget, TemplateExpression)], [TemplateStatement], line: Int)
  /// Leaves the loop.
  case leave
  /// Goes on with the loop's next element.
  case skip
}

/// A condition and what to do where it holds.
struct TemplateBranch: Sendable {
  var condition: TemplateExpression
  var body: [TemplateStatement]
  var line: Int
}

/// What a value is given to.
indirect enum TemplateTarget: Sendable {
  case name(String)
  /// An attribute of a namespace.
  case attribute(of: String, String)
  case tuple([TemplateTarget])
}

/// `{% for … in … if … %} … {% else %} … {% endfor %}`.
struct TemplateForLoop: Sendable {
  var target: TemplateTarget
  var elements: TemplateExpression
  var condition: TemplateExpression?
  var body: [TemplateStatement]
  /// What is done where there is no element.
  var otherwise: [TemplateStatement]
  var line: Int
}

/// `{% macro name(parameters) %} … {% endmacro %}`, or the body of a call block.
struct TemplateMacro: Sendable {
  var name: String
  var parameters: [(name: String, standard: TemplateExpression?)]
  var body: [TemplateStatement]
  /// Whether the body asks for arguments without a parameter, as `varargs`.
  var takesMore = false
  /// Whether it asks for those with a name that no parameter has, as `kwargs`.
  var takesMoreNames = false
}

/// A filter's name and arguments.
struct TemplateFilterCall: Sendable {
  var name: String
  var arguments: TemplateCallArguments
  var line: Int
}

/// The arguments of a call as they are written.
struct TemplateCallArguments: Sendable {
  var positional: [TemplateExpression] = []
  var named: [(name: String, value: TemplateExpression)] = []
  /// `*list`.
  var list: TemplateExpression?
  /// `**dictionary`.
  var dictionary: TemplateExpression?
}

/// What has a value.
indirect enum TemplateExpression: Sendable {
  case none
  case bool(Bool)
  case integer(Int)
  case float(Double)
  case string([Unicode.Scalar])
  case name(String)
  case list([TemplateExpression])
  case tuple([TemplateExpression])
  case dictionary([(key: TemplateExpression, value: TemplateExpression)])
  case not(TemplateExpression)
  case and(TemplateExpression, TemplateExpression)
  case or(TemplateExpression, TemplateExpression)
  /// `+x` and `-x`.
  case signed(isNegative: Bool, TemplateExpression)
  /// `+ - * / // % **`.
  case arithmetic(String, TemplateExpression, TemplateExpression)
  /// `~`.
  case joined([TemplateExpression])
  /// `a < b <= c`, `a in b`; every neighbour is compared.
  case comparison(TemplateExpression, [(sign: String, value: TemplateExpression)])
  /// `a if b else c`.
  case conditional(TemplateExpression, if: TemplateExpression, else: TemplateExpression?)
  case attribute(TemplateExpression, String)
  case item(TemplateExpression, TemplateExpression)
  case slice(TemplateExpression, [TemplateExpression?])
  case call(TemplateExpression, TemplateCallArguments, line: Int)
  case filter(TemplateExpression, TemplateFilterCall)
  case test(TemplateExpression, TemplateFilterCall)
}
