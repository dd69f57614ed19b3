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
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
      .letter
    case .decimalNumber, .letterNumber, .otherNumber: .number
    default: scalar.properties.isWhitespace ? .space : .other
    }
  }
}

extension Unicode.Scalar {
  /// Whether `\w` matches: letters, marks, decimal digits, connectors and joiners.
  var isWordScalar: Bool {
    switch properties.generalCategory {
    case .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber, .connectorPunctuation: true
    default: properties.isAlphabetic || properties.isJoinControl
    }
  }
}
