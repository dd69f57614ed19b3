/// A value of a row of JSON.
public enum ExportedValue: Equatable, Sendable {
  case null
  case flag(Bool)
  case integer(Int)
  /// Written with a point, so that a column is of one kind whatever its first rows hold.
  case number(Double)
  case text(String)
  case ids([Int32])
  case list([ExportedValue])
  case object([String: ExportedValue])

  /// As one line of JSON, keys in alphabetical order; what is no number is null.
  public var json: String {
    switch self {
    case .null: "null"
    case .flag(let flag): flag ? "true" : "false"
    case .integer(let number): String(number)
    case .number(let number): number.isFinite ? "\(number)" : "null"
    case .text(let text): Self.quoted(text)
    case .ids(let ids): "[\(ids.map(String.init).joined(separator: ", "))]"
    case .list(let values): "[\(values.map(\.json).joined(separator: ", "))]"
    case .object(let members):
      "{"
        + members.sorted { $0.key < $1.key }.map { "\(Self.quoted($0)): \($1.json)" }
        .joined(separator: ", ") + "}"
    }
  }

  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      case "\r": quoted += "\\r"
      case "\t": quoted += "\\t"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
