/// A table of words that can be written in the forms people paste: text, Markdown, CSV.
public struct TextTable: Equatable, Sendable {
  /// What it is about; nil needs no title.
  public var title: String?
  /// Names of the columns.
  public var columns: [String]
  /// The rows, each with an entry a column.
  public var rows: [[String]]

  /// A table with every field given.
  public init(title: String? = nil, columns: [String], rows: [[String]]) {
    self.title = title
    self.columns = columns
    self.rows = rows
  }

  /// Aligned columns with two blanks between, numbers to the right.
  public var text: String {
    let lines = [columns] + rows
    let widths = columns.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
    let body = lines.map { line in
      let cells = line.indices.map { column -> String in
        let blanks = String(repeating: " ", count: max(0, widths[column] - line[column].count))
        return column == 0 ? line[column] + blanks : blanks + line[column]
      }
      return TextTable.trimmed(cells.joined(separator: "  "))
    }
    return (title.map { [$0] } ?? []).appending(body).joined(separator: "\n")
  }

  /// A table as Markdown has it, numbers to the right.
  public var markdown: String {
    let rule = columns.indices.map { $0 == 0 ? "---" : "---:" }
    let lines = ([columns, rule] + rows).map { line in
      "| " + line.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |"
    }
    return (title.map { ["**\($0)**", ""] } ?? []).appending(lines).joined(separator: "\n")
  }

  /// Comma-separated values (RFC 4180), without the title.
  public var csv: String {
    ([columns] + rows).map { line in
      line.map(TextTable.quoted).joined(separator: ",")
    }.joined(separator: "\n")
  }

  private static func quoted(_ text: String) -> String {
    guard text.contains(where: { "\",\n\r".contains($0) }) else { return text }
    return "\"" + text.replacing("\"", with: "\"\"") + "\""
  }

  private static func trimmed(_ line: String) -> String {
    String(line.reversed().drop { $0 == " " }.reversed())
  }
}

extension [String] {
  fileprivate func appending(_ more: [String]) -> [String] { self + more }
}
