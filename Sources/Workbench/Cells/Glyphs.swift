/// The characters that screens are drawn with.
public enum GlyphSet: String, Equatable, Sendable {
  /// Box lines, eighth blocks, marks.
  case unicode
  /// Nothing above U+007E.
  case ascii
}

/// One character for each thing that is drawn rather than written.
struct Glyphs: Equatable, Sendable {
  var horizontal: Character = "─"
  var vertical: Character = "│"
  var topLeft: Character = "┌"
  var topRight: Character = "┐"
  var bottomLeft: Character = "└"
  var bottomRight: Character = "┘"
  var branch = "├─"
  var lastBranch = "└─"
  var trunk = "│ "
  var axis: Character = "│"
  var selected: Character = "▶"
  var proposed: Character = "◆"
  /// Clear by the rule, but training resets elsewhere.
  var leading: Character = "◇"
  var confirmed: Character = "●"
  var rejected: Character = "○"
  var right: Character = "✓"
  var wrong: Character = "✗"
  var separator = "›"
  var minus: Character = "−"
  var ellipsis = "…"
  var up: Character = "↑"
  var down: Character = "↓"
  var times: Character = "×"
  var plusMinus = "±"
  /// A full cell of a bar to the right.
  var positive: Character = "█"
  /// A full cell of a bar to the left.
  var negative: Character = "█"
  /// A full cell of a bar that might as well be nothing.
  var unsure: Character = "▒"
  /// Parts of a cell that grow from the left: one eighth, two, … seven; none in ASCII.
  var eighths: [Character] = ["▏", "▎", "▍", "▌", "▋", "▊", "▉"]
  /// Parts of a cell that grow from the right: one eighth and one half; none in ASCII.
  var leftwards: [Character] = ["▕", "▐"]

  static let unicode = Glyphs()

  static let ascii = Glyphs(
    horizontal: "-", vertical: "|", topLeft: "+", topRight: "+", bottomLeft: "+",
    bottomRight: "+", branch: "|-", lastBranch: "`-", trunk: "| ", axis: "|", selected: ">",
    proposed: "?", leading: "~", confirmed: "!", rejected: "x", right: "y", wrong: "n",
    separator: ">",
    minus: "-", ellipsis: "...", up: "^", down: "v", times: "x", plusMinus: "+-", positive: "+",
    negative: "-",
    unsure: ":", eighths: [], leftwards: [])

  static func of(_ set: GlyphSet) -> Glyphs { set == .ascii ? ascii : unicode }
}
