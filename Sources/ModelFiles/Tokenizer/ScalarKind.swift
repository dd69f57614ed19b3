/// What the patterns of pre-tokenizers tell apart.
enum ScalarKind: UInt8 {
  /// `\p{L}`.
  case letter
  /// `\p{N}`.
  case number
  /// `[\r\n]`.
  case newline
  /// `\s` without the two above.
  case space
  /// Anything else, unassigned code points included.
  case other

  /// The kind of a scalar.
  init(_ scalar: Unicode.Scalar) {
    if scalar.value < 128 {
      self = ScalarKind.ascii[Int(scalar.value)]
    } else {
      self = ScalarKind.beyondASCII(scalar)
    }
  }

  /// Whether `\s` matches.
  var isWhite: Bool { self == .space || self == .newline }

  private static let ascii: [ScalarKind] = (0..<128).map { (byte: UInt8) in
    switch byte {
    case 10, 13: .newline
    case 9...12, 32: .space
    case 48...57: .number
    case 65...90, 97...122: .letter
    default: .other
    }
  }

  private static func beyondASCII(_ scalar: Unicode.Scalar) -> ScalarKind {
    let properties = scalar.properties
    if scalar.isNumber { return isNewer(scalar) ? .other : .number }
    switch properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
      return isNewer(scalar) ? .other : .letter
    default: return properties.isWhitespace ? .space : .other
    }
  }

  /// Whether a scalar came after Unicode 16, which is what the reference's patterns know.
  private static func isNewer(_ scalar: Unicode.Scalar) -> Bool {
    (scalar.properties.age?.major ?? 0) > 16
  }
}

extension Unicode.Scalar {
  /// Whether this is a number of any kind.
  var isNumber: Bool {
    switch properties.generalCategory {
    case .decimalNumber, .letterNumber, .otherNumber: true
    default: false
    }
  }

  /// Whether `\w` matches: letters, marks, decimal digits, connectors and joiners.
  var isWordScalar: Bool {
    switch properties.generalCategory {
    case .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber, .connectorPunctuation: true
    default: properties.isAlphabetic || properties.isJoinControl
    }
  }
}
