@testable import Workbench

/// What a theme paints, as text: a letter a cell, and below what each letter stands for.
struct Painting {
  let theme: Theme
  private(set) var text = ""

  init(_ grid: Grid, theme: Theme) {
    self.theme = theme
    var legend: [String] = []
    for row in 0..<grid.size.rows {
      var line = ""
      for column in 0..<grid.size.columns {
        let words = describe(grid[row, column])
        guard !words.isEmpty else {
          line.append(" ")
          continue
        }
        if !legend.contains(words) { legend.append(words) }
        line.append(Self.letters[legend.firstIndex(of: words) ?? 0])
      }
      while line.last == " " { line.removeLast() }
      text += line + "\n"
    }
    for (index, words) in legend.enumerated() { text += "\(Self.letters[index])  \(words)\n" }
  }

  private static let letters = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")

  /// The style of a cell in words; empty for a cell that is painted plainly.
  private func describe(_ cell: Cell) -> String {
    let style = theme.style(of: cell.role)
    // On a blank only what is behind it shows.
    let isBlank = cell.character == " "
    var words: [String] = []
    if let colour = style.foreground, !isBlank { words.append("foreground \(name(colour))") }
    if let colour = style.background { words.append("background \(name(colour))") }
    if style.bold, !isBlank { words.append("bold") }
    if style.dim, !isBlank { words.append("dim") }
    if style.underline { words.append("underline") }
    if style.reverse != cell.selected { words.append("reverse") }
    return words.joined(separator: ", ")
  }

  private func name(_ colour: Colour) -> String {
    switch colour {
    case .rgb(let red, let green, let blue): "\(red) \(green) \(blue)"
    case .named(let index): "named \(index)"
    }
  }
}
