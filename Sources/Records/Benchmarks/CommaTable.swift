/// Comma-separated values as RFC 4180 has them: quotes hold commas, line ends and doubled quotes.
enum CommaTable {
  /// The rows that are not blank, each with the line it begins on, from 1.
  static func rows(of text: String) -> [(line: Int, cells: [String])] {
    var found: [(line: Int, cells: [String])] = []
    var (cells, cell): ([String], String) = ([], "")
    var (line, start) = (1, 1)
    var isQuoted = false
    var previous: Character?
    func isBlank() -> Bool { cells.isEmpty && !cell.contains { !$0.isWhitespace } }
    for character in text {
      if character.isNewline { line += 1 }
      if character == "\"" {
        // Two quotes within quotes are one.
        if !isQuoted, previous == "\"" { cell.append("\"") }
        isQuoted.toggle()
      } else if isQuoted {
        cell.append(character)
      } else if character == "," {
        cells.append(cell)
        cell = ""
      } else if character.isNewline {
        if !isBlank() { found.append((start, cells + [cell])) }
        (cells, cell, start) = ([], "", line)
      } else {
        cell.append(character)
      }
      previous = character
    }
    if !isBlank() { found.append((start, cells + [cell])) }
    return found
  }
}
