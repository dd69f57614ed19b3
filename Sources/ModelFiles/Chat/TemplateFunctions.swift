/// The functions that every template may call.
enum TemplateFunctions {
  /// All by name.
  static var all: [String: TemplateValue] {
    [
      "range": function("range", range), "dict": function("dict", dictionary),
      "namespace": function("namespace", namespace), "joiner": function("joiner", joiner),
      "raise_exception": function("raise_exception", refuse),
    ]
  }

  private static func function(
    _ name: String,
    _ body:
      @escaping (TemplateRenderer, TemplateArguments) throws -> TemplateValue
  ) -> TemplateValue {
    .function(TemplateFunction(name, body: body))
  }

  /// The greatest length that Jinja's sandbox allows.
  private static let longestRange = 100_000

  private static func range(
    _ renderer: TemplateRenderer, _ arguments: TemplateArguments
  ) throws -> TemplateValue {
    var bounds: [Int] = []
    for index in 0..<arguments.positional.count {
      bounds.append(try arguments.whole(index, "range") ?? 0)
    }
    guard (1...3).contains(bounds.count) else {
      throw TemplateError("‘range’ takes one to three whole numbers")
    }
    let (start, stop) = bounds.count == 1 ? (0, bounds[0]) : (bounds[0], bounds[1])
    let step = bounds.count == 3 ? bounds[2] : 1
    let (distance, overflow) = stop.subtractingReportingOverflow(start)
    guard step != 0, step != .min, !overflow,
      distance.magnitude / step.magnitude <= longestRange
    else { throw TemplateError("‘range’ has more than \(longestRange) numbers, or the step 0") }
    let elements = stride(from: start, to: stop, by: step).map(TemplateValue.integer)
    try renderer.charge(elements.count / 2)
    let text = bounds.count == 3 ? "range(\(start), \(stop), \(step))" : "range(\(start), \(stop))"
    return .sequence(TemplateSequence(kind: .range(text), elements: elements))
  }

  private static func entries(
    _ renderer: TemplateRenderer, _ arguments: TemplateArguments
  ) throws -> TemplateDictionary {
    var result = TemplateDictionary()
    switch arguments.positional.first {
    case .dictionary(let dictionary)?: result = dictionary
    case let pairs?:
      for pair in try renderer.elements(of: pairs) {
        let parts = try renderer.elements(of: pair)
        guard parts.count == 2 else { throw TemplateError("‘dict’ takes pairs") }
        try renderer.search(result)
        result[parts[0]] = parts[1]
      }
    case nil: break
    }
    for (name, value) in arguments.named {
      try renderer.search(result)
      result[.text(name)] = value
    }
    return result
  }

  private static func dictionary(
    _ renderer: TemplateRenderer, _ arguments: TemplateArguments
  ) throws -> TemplateValue {
    .dictionary(try entries(renderer, arguments))
  }

  private static func namespace(
    _ renderer: TemplateRenderer, _ arguments: TemplateArguments
  ) throws -> TemplateValue {
    let namespace = TemplateNamespace(try entries(renderer, arguments))
    renderer.keep(namespace)
    return .namespace(namespace)
  }

  /// Writes nothing when it is called first, then its text.
  private static func joiner(
    _ renderer: TemplateRenderer, _ arguments: TemplateArguments
  ) throws -> TemplateValue {
    let separator = try arguments.characters(0, "sep") ?? [",", " "]
    let state = TemplateGenerator([.string([])])
    return function("joiner") { _, _ in state.next() ?? .string(separator) }
  }

  private static func refuse(
    _ renderer: TemplateRenderer, _ arguments: TemplateArguments
  ) throws -> TemplateValue {
    let message = try renderer.written(try arguments.required(0, "message"))
    throw TemplateError(message.asString, isRefusal: true)
  }
}
