/// Makes text of unknown origin inert: control characters become visible.
func inert(_ text: String) -> String {
  var result = ""
  for scalar in text.unicodeScalars {
    switch scalar.value {
    case 0x0A: result.append("\n")
    case 0..<0x20: result += "^" + String(Character(Unicode.Scalar(UInt8(scalar.value + 64))))
    case 0x7F...0x9F, 0x200B...0x200F, 0x202A...0x202E, 0x2060...0x2069, 0xFEFF:
      result += "<U+" + String(scalar.value, radix: 16, uppercase: true) + ">"
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result
}

/// Cells that a character takes.
func cellWidth(_ character: Character) -> Int {
  guard let value = character.unicodeScalars.first?.value else { return 0 }
  return (0x1100...0x115F).contains(value) || (0x2E80...0xA4CF).contains(value)
    || (0xAC00...0xD7A3).contains(value) || (0xF900...0xFAFF).contains(value)
    || (0xFE30...0xFE6F).contains(value) || (0xFF00...0xFF60).contains(value)
    || (0x1F300...0x1FAFF).contains(value) ? 2 : 1
}

/// Cells that a text takes.
func cellWidth(_ text: String) -> Int { text.reduce(0) { $0 + cellWidth($1) } }

/// Breaks text into lines of at most `columns` cells, at blanks where there are any.
func wrapped(_ text: String, columns: Int) -> [String] {
  guard columns > 0 else { return [] }
  var lines: [String] = []
  for paragraph in text.split(separator: "\n", omittingEmptySubsequences: false) {
    var line = ""
    for word in paragraph.split(separator: " ", omittingEmptySubsequences: false) {
      let joined = line.isEmpty ? String(word) : line + " " + word
      if cellWidth(joined) <= columns {
        line = joined
        continue
      }
      if !line.isEmpty { lines.append(line) }
      line = ""
      for character in word {
        if cellWidth(line) + cellWidth(character) > columns {
          lines.append(line)
          line = ""
        }
        line.append(character)
      }
    }
    lines.append(line)
  }
  return lines
}
