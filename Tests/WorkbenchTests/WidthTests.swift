import Foundation
import Testing

@testable import Workbench

/// A line of `Scripts/widths.txt`: what wcwidth says of a text.
private struct Measured {
  var script: String
  var text: String
  var cells: Int
  var apart: Int

  static let all: [Measured] = {
    guard
      let url = Bundle.module.url(
        forResource: "widths", withExtension: "txt", subdirectory: "Scripts"),
      let lines = try? String(contentsOf: url, encoding: .utf8)
    else { return [] }
    return lines.split(separator: "\n").map { line in
      let fields = line.split(separator: "\t").map(String.init)
      return Measured(
        script: fields[0], text: fields[1], cells: Int(fields[2]) ?? -1, apart: Int(fields[4]) ?? -1
      )
    }
  }()
}

/// Where Crux measures otherwise than wcwidth, by how many cells, and why.
private let differences: [String: (cells: Int, why: String)] = [
  "Kannada": (1, "wcwidth folds a consonant into the grapheme before it (ಪ್ and ಪು)"),
  "Burmese": (2, "U+102C and U+1038 are graphemes of their own, and each has a place"),
]

@Suite struct WidthTests {
  @Test func `forty scripts are as wide as wcwidth says`() {
    #expect(Measured.all.count >= 40)
    for it in Measured.all {
      let difference = differences[it.script]?.cells ?? 0
      #expect(cellWidth(it.text) == it.cells + difference, "\(it.script)")
    }
  }

  @Test func `with nothing joined every letter has the cells it has alone`() {
    CellWidths.$current.withValue(.apart) {
      for it in Measured.all { #expect(cellWidth(it.text) == it.apart, "\(it.script)") }
    }
  }

  @Test(arguments: [CellWidths(), .apart])
  func `people's writing is shown as it is, in as many cells as it measures`(_ widths: CellWidths) {
    CellWidths.$current.withValue(widths) {
      for it in Measured.all where widths.joinsEmoji || it.script != "flags of regions" {
        #expect(inert(it.text) == it.text, "\(it.script)")
        var grid = Grid(size: Size(columns: 100, rows: 1))
        #expect(grid.write(it.text, at: Point(row: 0, column: 0)) == cellWidth(it.text))
        #expect(grid.text == it.text, "\(it.script)")
      }
    }
  }

  @Test(arguments: [CellWidths(), .apart])
  func `cut and wrapped text of every script fits`(_ widths: CellWidths) {
    CellWidths.$current.withValue(widths) {
      for it in Measured.all {
        for columns in 2...20 {
          #expect(cellWidth(clip(it.text, to: columns, glyphs: .unicode)) <= columns)
          let lines = wrapped(it.text, columns: columns)
          #expect(lines.allSatisfy { cellWidth($0) <= columns }, "\(it.script) at \(columns)")
          let kept = lines.joined().unicodeScalars.filter { $0 != " " }
          #expect(kept.elementsEqual(it.text.unicodeScalars.filter { $0 != " " }))
        }
      }
    }
  }

  @Test func `pieces hold all of a grapheme and its cells`() {
    for widths in [CellWidths(), .apart] {
      for seed in 0..<5_000 as Range<UInt64> {
        for character in HostileText.soup(seed: seed, length: 20) {
          let pieces = widths.pieces(of: character)
          #expect(pieces.map { String($0.character) }.joined() == String(character))
          #expect(pieces.reduce(0) { $0 + $1.columns } == widths.width(of: character))
        }
      }
    }
  }

  @Test func `what is newer than the terminal is named`() {
    CellWidths.$current.withValue(CellWidths(version: 15)) {
      #expect(inert("\u{1FAE8}\u{1FAE9}") == "\u{1FAE8}<U+1FAE9>")
    }
    #expect(inert("\u{1FAE8}\u{1FAE9}\u{1FAEA}") == "\u{1FAE8}\u{1FAE9}\u{1FAEA}")
  }

  @Test func `a picture longer than a cell of the terminal holds falls into its parts`() {
    var widths = CellWidths()
    widths.mostJoinedBytes = 21
    CellWidths.$current.withValue(widths) {
      #expect(cellWidth("👩‍👩‍👧") == 2)
      #expect(cellWidth("👩‍👩‍👧‍👦") == 8)
      #expect(
        inert("🏴\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}").hasPrefix("🏴<U+E0067>"))
    }
  }

  @Test func `ambiguous characters are as wide as is wished`() {
    let text = "±α①…"
    #expect(cellWidth(text) == 4)
    CellWidths.$current.withValue(CellWidths(ambiguous: 2)) {
      #expect(cellWidth(text) == 8)
      #expect(cellWidth("e\u{301}aя中") == 6)
    }
  }

  @Test func `joiners stay where spelling needs them and nowhere else`() {
    for text in ["ශ්\u{200D}රී", "می\u{200C}خواهم", "क्\u{200C}ष", "👩‍🚀"] {
      #expect(inert(text) == text)
    }
    #expect(inert("a\u{200C}b") == "a<U+200C>b")
    #expect(inert("می\u{200C} x") == "می<U+200C> x")
    #expect(inert("क\u{200D}ष") == "क<U+200D>ष")
    #expect(inert("पि\u{200B}x") == "पि<U+200B>x")
  }

  @Test func `a vowel sign needs a letter before it`() {
    #expect(inert("\u{940}") == "<U+0940>")
    #expect(inert("x \u{102C}") == "x <U+102C>")
    #expect(inert("မှား") == "မှား")
  }

  @Test func `a vowel sign stays with its letter at the end of a line`() {
    #expect(wrapped("မှမှမှား", columns: 3) == ["မှမှ", "မှား"])
    #expect(wrapped("ကာကာ", columns: 1).joined() == "ကာကာ")
  }

  @Test func `the cursor stands behind what was typed, however it joins`() {
    var state = Scene.state()
    _ = update(&state, .key(.character("/")))
    let start = view(state).cursor?.column ?? 0
    for (typed, cells) in [
      (["e", "\u{301}"], 1), (["क", "ी"], 2), (["中"], 2), (["\u{200B}"], 8), (["กำ"], 2),
      (["👩", "\u{200D}", "🚀"], 2), (["a", "b", "\u{301}"], 2),
    ] {
      _ = update(&state, .key(.control("u")))
      for text in typed { _ = update(&state, .key(.character(Character(text)))) }
      #expect(view(state).cursor?.column == start + cells, "\(typed)")
    }
  }
}
