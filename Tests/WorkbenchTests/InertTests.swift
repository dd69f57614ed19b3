import Testing

@testable import Workbench

@Suite struct InertTests {
  /// Whether a terminal would obey the scalar, or a reader would not see it.
  static func isDangerous(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator, .surrogate: true
    case .format: scalar.value != 0x200D  // joins emoji
    default: false
    }
  }

  @Test(arguments: HostileText.corpus.map(\.text))
  func `nothing a terminal obeys is left`(text: String) {
    let safe = inert(text)
    #expect(!safe.unicodeScalars.contains(where: Self.isDangerous))
    #expect(inert(safe) == safe)
  }

  @Test func `random scalars become inert and stay so`() {
    for seed in 0..<20_000 as Range<UInt64> {
      let safe = inert(HostileText.soup(seed: seed, length: 12))
      if safe.unicodeScalars.contains(where: Self.isDangerous) || inert(safe) != safe {
        Issue.record("seed \(seed): \(safe.debugDescription)")
      }
    }
  }

  @Test func `control bytes show as carets and others by number`() {
    #expect(inert("\u{1B}[2J") == "^[[2J")
    #expect(inert("a\u{0}\u{7}\u{7F}") == "a^@^G^?")
    #expect(inert("x\u{202E}y") == "x<U+202E>y")
    #expect(inert("\u{9B}31m") == "<U+009B>31m")
    #expect(inert("a\r\nb") == "a^M^Jb")
  }

  @Test func `a newline stays only where asked`() {
    #expect(inert("a\nb", keepingNewlines: true) == "a\nb")
    #expect(inert("a\r\nb", keepingNewlines: true) == "a^M\nb")
    #expect(inert("a\nb") == "a^Jb")
  }

  @Test func `tabs go to the next multiple of four`() {
    #expect(inert("a\tb\tccccc\td") == "a   b   ccccc   d")
    #expect(inert("漢\tb") == "漢  b")
    #expect(inert("a\n\tb", keepingNewlines: true) == "a\n    b")
  }

  @Test func `emoji, flags and accents stay whole`() {
    for text in ["👩‍👩‍👧‍👦", "🇩🇪", "👍🏽", "❤️", "1️⃣", "e\u{301}", "नि", "กำ", "漢", "한"] {
      #expect(inert(text) == text)
    }
  }

  @Test func `marks without a base and too many marks are named`() {
    #expect(inert("\u{301}a") == "<U+0301>a")
    let many = inert("a" + String(repeating: "\u{301}", count: 6))
    #expect(many == "a\u{301}\u{301}\u{301}\u{301}<U+0301><U+0301>")
    #expect(inert("a\u{200D}b") == "a<U+200D>b")
  }

  @Test func `a line of a megabyte is handled`() {
    let long = String(repeating: "17 *3\u{1B} 漢", count: 110_000)
    let safe = inert(long)
    #expect(safe.utf8.count > 1_000_000)
    #expect(!safe.unicodeScalars.contains(where: Self.isDangerous))
    #expect(cellWidth(String(safe.prefix(10))) == 11)
    let marks = inert("a" + String(repeating: "\u{301}", count: 20_000))
    #expect(marks.utf8.count > 100_000)
  }
}
