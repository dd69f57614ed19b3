import Terminal
import Testing
import Workbench

@Test(arguments: [
  ("a", ["a"]), ("é", ["é"]), ("e\u{301}", ["e\u{301}"]), ("─", ["─"]), ("⣿", ["⣿"]),
  ("中", ["中", ""]), ("🙂", ["🙂", ""]), ("👨‍👩‍👧", ["👨", ""]), ("🇩🇪", ["D", "E"]),
  ("❤️", ["❤", " "]), ("👍🏽", ["👍", ""]), ("한", ["한", ""]),
  ("\u{1B}", ["\u{FFFD}"]), ("\u{9B}", ["\u{FFFD}"]), ("\u{202E}", ["\u{FFFD}"]),
  ("\u{200B}", ["\u{FFFD}"]), ("\u{301}", ["\u{FFFD}"]), ("a\u{200D}", ["a"]),
])
func `a character is written so that its width is certain`(_ text: String, _ cells: [String]) throws
{
  let character = try #require(text.first)
  let glyph = Glyph(character, columns: cells.count)
  let written = glyph.cells.map { scalars in
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    return String(view)
  }
  #expect(written.map { Array($0.unicodeScalars) } == cells.map { Array($0.unicodeScalars) })
}

@Test func `what is written fills its cells for scalars of every block`() {
  var wrong: [UInt32] = []
  // Every scalar of the basic plane's first part, then a sample that meets every block.
  let values = Array(UInt32(0)...0x33FF) + stride(from: 0x3400, through: 0x10FFFF, by: 61)
  for value in values {
    guard let scalar = Unicode.Scalar(value) else { continue }
    for columns in 1...2 {
      let glyph = Glyph(Character(scalar), columns: columns)
      let filled = glyph.cells.reduce(0) { total, cell in
        total + cell.reduce(0) { $0 + Glyph.width(of: $1) }
      }
      let isInert = glyph.cells.joined().allSatisfy { $0.properties.generalCategory != .control }
      if filled != columns || glyph.cells.count != columns || !isInert { wrong.append(value) }
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
