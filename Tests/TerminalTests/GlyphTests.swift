import Terminal
import Testing
import Workbench

/// Scalars as hexadecimal numbers, for messages.
private func digits(_ scalars: [Unicode.Scalar]) -> String {
  scalars.map { String($0.value, radix: 16) }.joined(separator: " ")
}

@Test(arguments: [
  ("a", 1), ("é", 1), ("e\u{301}", 1), ("─", 1), ("⣿", 1), ("中", 2), ("한", 2), ("я", 1), ("か", 2),
])
func `what all terminals agree on goes through ncurses`(_ text: String, _ columns: Int) throws {
  let glyph = Glyph(try #require(text.first), columns: columns)
  #expect(!glyph.isApart)
  #expect(digits(glyph.scalars) == digits(Array(text.unicodeScalars)))
}

@Test(arguments: [
  ("🙂", 2), ("👨‍👩‍👧", 2), ("🇩🇪", 2), ("❤️", 2), ("👍🏽", 2), ("की", 2), ("\u{940}", 1), ("กั", 1),
  ("\u{1112}\u{1161}\u{11AB}", 2), ("±", 2), ("\u{1FAEA}", 2), ("中", 3), ("a", 2),
])
func `what terminals count differently stands apart, whole`(_ text: String, _ columns: Int) throws {
  let glyph = Glyph(try #require(text.first), columns: columns)
  #expect(glyph.isApart)
  #expect(digits(glyph.scalars) == digits(Array(text.unicodeScalars)))
}

@Test(arguments: ["\u{1B}", "\u{9B}", "\r\n", "\u{202E}", "\u{200B}", "\u{2028}", "\u{378}"])
func `what a terminal would obey is replaced`(_ text: String) throws {
  #expect(Glyph(try #require(text.first), columns: 1).scalars == ["\u{FFFD}"])
}

@Test func `what goes through ncurses fills its cells, for scalars of every block`() {
  var wrong: [UInt32] = []
  // Every scalar of the basic plane's first part, then a sample that meets every block.
  let values = Array(UInt32(0)...0x33FF) + stride(from: 0x3400, through: 0x10FFFF, by: 61)
  for value in values {
    guard let scalar = Unicode.Scalar(value) else { continue }
    for columns in 1...2 {
      let glyph = Glyph(Character(scalar), columns: columns)
      let filled = glyph.scalars.reduce(0) { $0 + Glyph.width(of: $1) }
      if !glyph.isApart && filled != columns || glyph.columns != columns { wrong.append(value) }
    }
  }
  #expect(wrong.isEmpty)
}

@Test func `layout and C library agree on the width of what one reads and writes`() {
  // The basic plane's letters, ideographs, syllables, box drawing, blocks, braille; common emoji.
  let ranges: [ClosedRange<UInt32>] = [
    0x20...0x7E, 0xA1...0xAC, 0xAE...0x2FF, 0x370...0x482, 0x2010...0x2027, 0x2190...0x2319,
    0x2500...0x25FC, 0x2800...0x28FF, 0x3041...0x3096, 0x4E00...0x50FF, 0xAC00...0xB000,
    0x1F600...0x1F64F, 0x20000...0x200FF,
  ]
  var disagreements: [String] = []
  for scalar in ranges.joined().compactMap({ Unicode.Scalar($0) }) {
    if scalar.properties.generalCategory == .unassigned { continue }
    let (ours, theirs) = (cellWidth(Character(scalar)), Glyph.width(of: scalar))
    if ours != theirs {
      disagreements.append("\(String(scalar.value, radix: 16)) \(ours) \(theirs)")
    }
  }
  #expect(disagreements.isEmpty)
}
