import Foundation

/// One row of a benchmark's file, before anything is known of it.
struct RawRow {
  /// Its line, or its place among the rows of a JSON file, from 1.
  var number: Int
  /// Where it stands, for sentences.
  var place: String
  var fields: [String: Any]

  /// A text field; a number as it would be written; nil where there is none of these names.
  func text(_ names: String...) -> String? {
    for name in names {
      switch fields[name] {
      case let text as String: return text
      case let number as NSNumber:
        return truthText(number) ?? number.description
      default: continue
      }
    }
    return nil
  }

  /// A list of texts.
  func texts(_ name: String) -> [String]? { fields[name] as? [String] }

  /// A whole number.
  func whole(_ name: String) -> Int? { (fields[name] as? NSNumber).map(\.intValue) }
}

/// A JSON truth value as text; nil for a number.
private func truthText(_ number: NSNumber) -> String? {
  String(cString: number.objCType) == "c" ? (number.boolValue ? "True" : "False") : nil
}

extension RawRow {
  /// The rows of a file of any known layout.
  static func rows(of data: Data, name: String) throws -> [RawRow] {
    if name.lowercased().hasSuffix(".csv") { return try table(data, name: name) }
    if let whole = try? JSONSerialization.jsonObject(with: data) {
      if let object = whole as? [String: Any] {
        if let examples = object["examples"] as? [[String: Any]] { return list(examples, name) }
        return [RawRow(number: 1, place: name, fields: object)]
      }
      if let rows = whole as? [[String: Any]] { return list(rows, name) }
    }
    return try JSONLines(data, name: name).lines.map { number, text in
      let fields = (try? JSONSerialization.jsonObject(with: text)) as? [String: Any]
      return RawRow(number: number, place: "\(name):\(number)", fields: fields ?? [:])
    }
  }

  private static func list(_ rows: [[String: Any]], _ name: String) -> [RawRow] {
    rows.enumerated().map { place, fields in
      RawRow(number: place + 1, place: "\(name), row \(place + 1)", fields: fields)
    }
  }

  /// A table: with a header where its first row names a question, else MMLU's, which has none.
  private static func table(_ data: Data, name: String) throws -> [RawRow] {
    let rows = CommaTable.rows(of: String(decoding: data, as: UTF8.self))
    guard let first = rows.first else { throw RecordsError("\(name) is empty.") }
    let names = first.cells.map { $0.lowercased() }
    let hasHeader = names.contains("question") || names.contains("problem")
    let plain = ["question", "A", "B", "C", "D", "answer"]
    let keys = hasHeader ? names : plain
    return (hasHeader ? Array(rows.dropFirst()) : rows).map { row in
      let fields = row.cells.count == keys.count ? zip(keys, row.cells).map { ($0, $1 as Any) } : []
      return RawRow(
        number: row.line, place: "\(name):\(row.line)",
        fields: Dictionary(fields, uniquingKeysWith: { first, _ in first }))
    }
  }
}
