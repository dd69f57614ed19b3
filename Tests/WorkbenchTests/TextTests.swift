import Testing

@testable import Workbench

@Suite struct TextTests {
  @Test(arguments: [
    ("a", 1), ("é", 1), ("e\u{301}", 1), ("漢", 2), ("ｆ", 2), ("한", 2), ("\u{1112}\u{1161}", 2),
    ("👍", 2), ("👍🏽", 2), ("👩‍👩‍👧‍👦", 2), ("🇩🇪", 2), ("❤️", 2), ("❤", 1), ("1️⃣", 2), ("…", 1),
    ("─", 1), ("⣿", 1), ("±", 1), ("กำ", 2), ("ﾞ", 1), ("\u{3000}", 2), ("◆", 1),
  ])
  func `a grapheme takes the cells a terminal gives it`(text: String, cells: Int) {
    #expect(cellWidth(text) == cells)
  }

  @Test func `lines break at blanks and never pass the width`() {
    #expect(wrapped("the quick brown fox", columns: 9) == ["the quick", "brown fox"])
    #expect(wrapped("a  b", columns: 10) == ["a  b"])
    #expect(wrapped("aaaa  b", columns: 5) == ["aaaa", "b"])
    #expect(wrapped("  indented", columns: 20) == ["  indented"])
    #expect(wrapped("", columns: 5) == [""])
    #expect(wrapped("a\n\nb", columns: 5) == ["a", "", "b"])
    #expect(wrapped("anything", columns: 0) == [])
  }

  @Test func `a word wider than the line is cut`() {
    #expect(wrapped("ab abcdefghij k", columns: 4) == ["ab", "abcd", "efgh", "ij k"])
    #expect(wrapped("漢字漢字", columns: 5) == ["漢字", "漢字"])
    #expect(wrapped("漢字", columns: 1) == ["漢", "字"])
  }

  @Test func `wrapped hostile text fits and loses nothing but blanks`() {
    for (name, text) in HostileText.corpus {
      let safe = inert(text)
      for columns in 2...12 {
        let lines = wrapped(safe, columns: columns)
        #expect(lines.allSatisfy { cellWidth($0) <= columns }, "\(name) at \(columns)")
        let kept = lines.joined().filter { $0 != " " }
        #expect(kept == safe.filter { $0 != " " && $0 != "\n" }, "\(name) at \(columns)")
      }
    }
  }
}

@Suite struct QuestionCoreTests {
  private func core(_ text: String, _ columns: Int) -> String {
    TrajectoriesScreen.core(of: text, columns: columns)
  }

  @Test func `a question that does not fit loses the words that all of its kind begin with`() {
    #expect(core("State the answer to the following problem: 4 + 3 =", 20) == "4 + 3 =")
    #expect(core("State the answer to the following problem: 4 + 3 =", 80).hasPrefix("State"))
    #expect(core("17 *3 +2 *8 *2 ?v :", 10) == "17 *3 +2 *8 *2 ?v :")
    #expect(core("Ends with a colon:", 5) == "Ends with a colon:")
  }
}
