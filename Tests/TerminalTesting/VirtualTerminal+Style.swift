extension VirtualTerminal {
  /// Obeys `CSI … m`.
  mutating func select(_ parameters: [Int?]) {
    var rest = parameters.map { $0 ?? 0 }[...]
    if rest.isEmpty { rest = [0] }
    while let code = rest.popFirst() {
      switch code {
      case 0: style = VirtualStyle()
      case 1: style.bold = true
      case 2: style.dim = true
      case 4: style.underline = true
      case 7: style.reverse = true
      case 22: (style.bold, style.dim) = (false, false)
      case 24: style.underline = false
      case 27: style.reverse = false
      case 38: style.foreground = colour(&rest) ?? style.foreground
      case 48: style.background = colour(&rest) ?? style.background
      case 39: style.foreground = .standard
      case 49: style.background = .standard
      default: selectNamed(code)
      }
    }
  }

  private mutating func selectNamed(_ code: Int) {
    switch code {
    case 30...37: style.foreground = .indexed(code - 30)
    case 40...47: style.background = .indexed(code - 40)
    case 90...97: style.foreground = .indexed(code - 82)
    case 100...107: style.background = .indexed(code - 92)
    default: unknown.append("SGR \(code)")
    }
  }

  /// `5;n` or `2;r;g;b`; an empty colour space (`2::r:g:b`) reads as a leading 0.
  private mutating func colour(_ rest: inout ArraySlice<Int>) -> VirtualColour? {
    switch rest.popFirst() {
    case 5: return rest.popFirst().map { .indexed($0) }
    case 2:
      if rest.count > 3 { rest.removeFirst() }
      guard rest.count >= 3 else { return nil }
      let channels = Array(rest.prefix(3))
      rest.removeFirst(3)
      return .direct(channels[0], channels[1], channels[2])
    default: return nil
    }
  }
}
