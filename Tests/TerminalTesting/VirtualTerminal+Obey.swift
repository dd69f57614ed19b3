extension VirtualTerminal {
  mutating func obey(_ token: VirtualToken) {
    switch token {
    case .scalar(let scalar): write(scalar)
    case .control(let byte): control(byte)
    case .escape(let text): escape(text)
    case .command(let text): commands.append(text)
    case .sequence(let mark, let parameters, let intermediates, let final):
      let known =
        switch (mark, intermediates) {
        case (nil, ""): sequence(final, parameters)
        case ("?", ""): setModes(parameters.compactMap { $0 }, final)
        default: false
        }
      if !known {
        unknown.append("CSI \(mark.map(String.init) ?? "")\(parameters)\(intermediates)\(final)")
      }
    }
  }

  private mutating func control(_ byte: UInt8) {
    switch byte {
    case 0x07, 0x00, 0x0E, 0x0F: break
    case 0x08: move(row, column - 1)
    case 0x09: move(row, min(columns - 1, (column / 8 + 1) * 8))
    case 0x0A, 0x0B, 0x0C: lineFeed()
    case 0x0D: move(row, 0)
    default: unknown.append("control \(byte)")
    }
  }

  private mutating func escape(_ text: String) {
    switch text {
    case "7": saved = (row, column, style)
    case "8": restore()
    case "D": lineFeed()
    case "E":
      lineFeed()
      move(row, 0)
    case "M": reverseLineFeed()
    case "=": keypadIsApplication = true
    case ">": keypadIsApplication = false
    case "c": self = VirtualTerminal(columns: columns, rows: rows)
    case "(B", ")B", ")0", "\\": break
    default: unknown.append("ESC \(text)")
    }
  }

  private mutating func sequence(_ final: Character, _ parameters: [Int?]) -> Bool {
    let first = parameters.first.flatMap { $0 }
    let count = max(1, first ?? 1)
    switch final {
    case "A": move(max(row - count, row >= region.lowerBound ? region.lowerBound : 0), column)
    case "B", "e":
      move(min(row + count, row <= region.upperBound ? region.upperBound : rows - 1), column)
    case "C", "a": move(row, column + count)
    case "D": move(row, column - count)
    case "E": move(row + count, 0)
    case "F": move(row - count, 0)
    case "G", "`": move(row, count - 1)
    case "d": move(count - 1, column)
    case "H", "f": move(count - 1, max(1, (parameters.dropFirst().first ?? nil) ?? 1) - 1)
    case "I": move(row, min(columns - 1, (column / 8 + count) * 8))
    case "Z": move(row, max(0, ((column + 7) / 8 - count) * 8))
    case "m": select(parameters)
    case "r": setRegion(parameters)
    case "s": saved = (row, column, style)
    case "u": restore()
    case "n" where first == 6: replies.append("\u{1B}[\(row + 1);\(column + 1)R")
    case "h", "l", "c", "n", "t", "q": return final != "q"
    default: return edit(final, first, count)
    }
    return true
  }

  private mutating func edit(_ final: Character, _ first: Int?, _ count: Int) -> Bool {
    let start = row * columns
    switch final {
    case "J":
      erase(
        first == 2 || first == 3
          ? 0..<cells.count : first == 1 ? 0..<start + column + 1 : start + column..<cells.count)
    case "K":
      erase(
        first == 2
          ? start..<start + columns
          : first == 1 ? start..<start + column + 1 : start + column..<start + columns)
    case "X": erase(start + column..<start + min(columns, column + count))
    case "b": for _ in 0..<count { if let text = lastText { repeatText(text) } }
    case "@": insertCells(count)
    case "P": deleteCells(count)
    case "L": if region.contains(row) { scrollDown(from: row, by: count) }
    case "M": if region.contains(row) { scrollUp(from: row, by: count) }
    case "S": scrollUp(from: region.lowerBound, by: count)
    case "T": scrollDown(from: region.lowerBound, by: count)
    default: return false
    }
    wrapsNext = false
    return true
  }

  private mutating func setModes(_ numbers: [Int], _ final: Character) -> Bool {
    guard final == "h" || final == "l" else { return final == "r" || final == "s" }
    for number in numbers {
      let was = isAlternate
      if final == "h" { modes.insert(number) } else { modes.remove(number) }
      guard [47, 1047, 1049].contains(number), was != isAlternate else { continue }
      if number == 1049, isAlternate { saved = (row, column, style) }
      if isAlternate {
        main = cells
        cells = Array(repeating: VirtualCell(), count: columns * rows)
      } else {
        if main.count == cells.count { cells = main }
        if number == 1049 { restore() }
      }
    }
    // 12: a blinking cursor, which looks the same here.
    modes.remove(12)
    return true
  }

  private mutating func restore() {
    guard let saved else { return }
    style = saved.style
    move(min(saved.row, rows - 1), min(saved.column, columns - 1))
  }

  private mutating func setRegion(_ parameters: [Int?]) {
    let top = max(1, (parameters.first ?? nil) ?? 1) - 1
    let bottom = min(rows, (parameters.dropFirst().first ?? nil) ?? rows) - 1
    // What was written for a larger size may come late.
    if top < bottom { region = top...bottom } else if rows == 1 { region = 0...0 }
    move(0, 0)
  }
}
