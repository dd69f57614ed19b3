extension VirtualTerminal {
  mutating func move(_ row: Int, _ column: Int) {
    self.row = min(max(row, 0), rows - 1)
    self.column = min(max(column, 0), columns - 1)
    wrapsNext = false
  }

  mutating func write(_ scalar: Unicode.Scalar) {
    let width = habit.width(of: scalar)
    guard width > 0 else { return combine(scalar) }
    if wrapsNext, modes.contains(7) {
      column = 0
      lineFeed()
      wrapsNext = false
    }
    if width == 2, column == columns - 1 {
      guard columns > 1, modes.contains(7) else { return }
      column = 0
      lineFeed()
    }
    lastText = String(scalar)
    for offset in 0..<width { clearHalves(row, column + offset) }
    self[row, column] = VirtualCell(text: String(scalar), style: style)
    if width == 2 { self[row, column + 1] = VirtualCell(text: "", style: style) }
    if column + width >= columns {
      column = columns - 1
      wrapsNext = true
    } else {
      column += width
    }
  }

  mutating func repeatText(_ text: String) { for scalar in text.unicodeScalars { write(scalar) } }

  /// A mark joins the character written last.
  private mutating func combine(_ scalar: Unicode.Scalar) {
    var place = wrapsNext ? column : column - 1
    guard place >= 0 else { return }
    if self[row, place].text.isEmpty, place > 0 { place -= 1 }
    self[row, place].text.unicodeScalars.append(scalar)
  }

  /// Overwriting half of a wide character blanks its other half.
  private mutating func clearHalves(_ row: Int, _ column: Int) {
    if self[row, column].text.isEmpty, column > 0 { self[row, column - 1].text = " " }
    if column + 1 < columns, self[row, column + 1].text.isEmpty { self[row, column + 1].text = " " }
  }

  /// What erasing leaves: a blank on the background in use (xterm's “bce”).
  private var blank: VirtualCell {
    var style = VirtualStyle()
    style.background = self.style.background
    return VirtualCell(text: " ", style: style)
  }

  mutating func erase(_ range: Range<Int>) {
    for index in range { cells[index] = blank }
  }

  mutating func lineFeed() {
    if row == region.upperBound {
      scrollUp(from: region.lowerBound, by: 1)
    } else {
      row = min(row + 1, rows - 1)
    }
    wrapsNext = false
  }

  mutating func reverseLineFeed() {
    if row == region.lowerBound {
      scrollDown(from: row, by: 1)
    } else {
      row = max(row - 1, 0)
    }
    wrapsNext = false
  }

  mutating func scrollUp(from top: Int, by count: Int) {
    for target in top...region.upperBound { copyLine(target + count, to: target) }
  }

  mutating func scrollDown(from top: Int, by count: Int) {
    for target in (top...region.upperBound).reversed() {
      copyLine(target - count < top ? Int.max : target - count, to: target)
    }
  }

  private mutating func copyLine(_ source: Int, to target: Int) {
    for column in 0..<columns {
      self[target, column] = source <= region.upperBound ? self[source, column] : blank
    }
  }

  mutating func insertCells(_ count: Int) {
    for place in (column..<columns).reversed() {
      self[row, place] = place - count >= column ? self[row, place - count] : blank
    }
  }

  mutating func deleteCells(_ count: Int) {
    for place in column..<columns {
      self[row, place] = place + count < columns ? self[row, place + count] : blank
    }
  }
}

/// How a terminal counts columns where they differ.
enum VirtualHabit: CaseIterable, Sendable {
  /// Marks and joiners have none, vowel signs one.
  case usual
  /// Vowel signs have none either.
  case signsHaveNone
  /// Whatever is no mark has one, joiners and parts of syllables too.
  case allHaveOne

  /// Columns of a scalar: 0 for marks and joiners, 2 for the wide blocks and emoji, else 1.
  func width(of scalar: Unicode.Scalar) -> Int {
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark: return 0
    case .format: return self == .allHaveOne ? 1 : 0
    case .spacingMark: return self == .signsHaveNone ? 0 : 1
    default: break
    }
    switch scalar.value {
    case 0x1160...0x11FF: return self == .allHaveOne ? 1 : 0
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x4DBF, 0x4E00...0xA4CF, 0xA960...0xA97F,
      0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6,
      0x20000...0x3FFFD:
      return 2
    case 0x1F1E6...0x1F1FF: return 1
    default: return scalar.properties.isEmojiPresentation && self != .allHaveOne ? 2 : 1
    }
  }
}
