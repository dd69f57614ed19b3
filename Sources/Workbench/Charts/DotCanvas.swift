/// With which characters charts are drawn.
public enum ChartStyle: String, CaseIterable, Equatable, Sendable {
  /// Two dots across and four down in a cell.
  case braille
  /// Two half blocks in a cell, for fonts without braille.
  case block
  /// One character a cell, another for each curve.
  case ascii
}

/// A field of dots that becomes cells, several dots to a cell; each dot belongs to a layer.
struct DotCanvas: Equatable {
  let style: ChartStyle
  /// Cells across.
  let columns: Int
  /// Cells down.
  let rows: Int
  private var bits: [UInt8]
  private var layers: [Int]

  init(style: ChartStyle, columns: Int, rows: Int) {
    self.style = style
    self.columns = max(0, columns)
    self.rows = max(0, rows)
    bits = Array(repeating: 0, count: self.columns * self.rows)
    layers = Array(repeating: 0, count: bits.count)
  }

  /// Dots across.
  var width: Int { columns * dotsAcross }
  /// Dots down.
  var height: Int { rows * dotsDown }

  private var dotsAcross: Int { style == .braille ? 2 : 1 }
  private var dotsDown: Int { [.braille: 4, .block: 2][style] ?? 1 }

  /// Sets one dot, unless it lies outside; the layer drawn last owns the cell.
  mutating func set(_ x: Int, _ y: Int, layer: Int) {
    guard x >= 0, x < width, y >= 0, y < height else { return }
    let cell = y / dotsDown * columns + x / dotsAcross
    bits[cell] |= bit(x % dotsAcross, y % dotsDown)
    layers[cell] = layer
  }

  /// Sets the dots of a straight line, both ends included (Bresenham's algorithm).
  mutating func line(from start: (x: Int, y: Int), to end: (x: Int, y: Int), layer: Int) {
    let across = abs(end.x - start.x)
    let down = -abs(end.y - start.y)
    let (stepX, stepY) = (start.x < end.x ? 1 : -1, start.y < end.y ? 1 : -1)
    var (x, y, error) = (start.x, start.y, across + down)
    while true {
      set(x, y, layer: layer)
      if x == end.x && y == end.y { return }
      let doubled = 2 * error
      if doubled >= down {
        error += down
        x += stepX
      }
      if doubled <= across {
        error += across
        y += stepY
      }
    }
  }

  /// The character of a cell and the layer that owns it; nil where there is no dot.
  func cell(row: Int, column: Int) -> (character: Character, layer: Int)? {
    guard row >= 0, row < rows, column >= 0, column < columns else { return nil }
    let index = row * columns + column
    guard bits[index] != 0 else { return nil }
    return (character(bits[index], layer: layers[index]), layers[index])
  }

  /// What stands for a layer where every layer has its own character.
  static func mark(ofLayer layer: Int) -> Character {
    let marks: [Character] = ["*", "+", "o", "x"]
    return marks[abs(layer) % marks.count]
  }

  private func character(_ bits: UInt8, layer: Int) -> Character {
    switch style {
    case .braille:
      return Unicode.Scalar(0x2800 + UInt32(bits)).map(Character.init) ?? " "
    case .block: return bits == 3 ? "█" : bits == 1 ? "▀" : "▄"
    case .ascii: return Self.mark(ofLayer: layer)
    }
  }

  /// Braille numbers its dots down the left column, then the right, the lowest row last.
  private func bit(_ x: Int, _ y: Int) -> UInt8 {
    guard style == .braille else { return 1 << UInt8(y) }
    return y == 3 ? 0x40 << UInt8(x) : 1 << UInt8(y + 3 * x)
  }
}
